"""Geometry that was sent as a list. Neither page nor file has the geometry: until it is a polygon it is no map."""

import django_filters as filters
import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from polygons.models import GeometryUpload
from polygons.uploads.words import in_words

Status = GeometryUpload.Status
FAMILIES = {Status.GOOD: "good", Status.REFUSED: "stop", Status.FAILED: "stop"}


class UploadFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="original_name", lookup_expr="icontains", label=_("Name of the file"))
    status = filters.ChoiceFilter(choices=Status.choices, label=_("Status"))

    class Meta:
        model = GeometryUpload
        fields: tuple[str, ...] = ()


class UploadTable(tables.Table):
    original_name = tables.Column(verbose_name=_("File"), attrs={"td": {"scope": "row"}})
    municipality_key = detail(_("Municipality key"), "municipality_id")
    municipality = tables.Column(verbose_name=_("Municipality"), order_by="municipality__name")
    uploaded_at = Value("moment", verbose_name=_("Sent"))
    by = tables.Column(verbose_name=_("Sent by"), order_by="by__name", default="—")
    size = detail(_("size in bytes"), "size", "count")
    sha256 = detail("SHA-256", "sha256")
    status = tables.Column(verbose_name=_("Status"))
    faults = detail(_("Faults"), kind="count")
    first_fault = detail(_("First fault"))

    begins = _("Send the first with the form of this page.")

    class Meta:
        model = GeometryUpload
        fields: tuple[str, ...] = ()
        order_by = ("-uploaded_at", "-pk")
        empty_text = _("No file fits these filters.")
        attrs = {"caption": _("Files sent")}

    def render_original_name(self, record: GeometryUpload) -> str:
        words = '<a href="{}">{}</a> <span class="muted">{}</span>'
        url = reverse("polygons:upload", args=[record.public_id])
        return format_html(words, url, record.original_name, filesizeformat(record.size))

    def value_original_name(self, record: GeometryUpload) -> str:
        return record.original_name

    def value_faults(self, record: GeometryUpload) -> int:
        return len(record.faults)

    def value_first_fault(self, record: GeometryUpload) -> str:
        return in_words(record.faults[0]) if record.faults else ""

    def render_status(self, record: GeometryUpload) -> str:
        drawn = badge(FAMILIES.get(Status(record.status), "transit"), record.get_status_display())
        fault = self.value_first_fault(record)
        return format_html('{}<span class="sub">{}</span>', drawn, fault) if fault else drawn

    def value_status(self, record: GeometryUpload) -> str:
        return record.get_status_display()
