"""Signed copies that have found their letter, as a list. The scans themselves are opened from the letter's record."""

import django_filters as filters
import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from projects.filters.projects import states
from projects.models import LetterScan


class ScanFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="letter__number", lookup_expr="icontains", label=_("Number"))
    state = filters.ModelChoiceFilter(field_name="letter__state", queryset=states, label=_("State"))
    found = filters.ChoiceFilter(choices=LetterScan.Found.choices, label=_("Recognised"))

    class Meta:
        model = LetterScan
        fields: tuple[str, ...] = ()


class ScanTable(tables.Table):
    letter = tables.Column(
        verbose_name=_("Letter"),
        accessor="letter__number",
        attrs={"td": {"scope": "row"}},
        linkify=("projects:letter", {"pk": tables.A("letter_id")}),
    )
    state = tables.Column(verbose_name=_("State"), accessor="letter__state__name")
    original_name = tables.Column(verbose_name=_("File"))
    found = tables.Column(verbose_name=_("Recognised"))
    attached_at = Value("moment", verbose_name=_("attached"))
    attached_by = detail(_("Attached by"), "attached_by")
    uploaded_at = detail(_("Sent"), "uploaded_at", "moment")
    by = detail(_("Sent by"), "by")
    size = detail(_("size in bytes"), "size", "count")
    sha256 = detail("SHA-256", "sha256")

    begins = _("Send the scan of a signed letter above; it is listed here once it has found its letter.")

    class Meta:
        model = LetterScan
        fields: tuple[str, ...] = ()
        order_by = ("-attached_at", "-pk")
        empty_text = _("No copy fits these filters.")
        attrs = {"caption": _("Attached copies")}
