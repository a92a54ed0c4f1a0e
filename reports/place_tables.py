"""Tables about keys: what does not resolve, and how keys drifted."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from polygons.models import KeyChange
from polygons.orphans import Orphans


class OrphanTable(tables.Table):
    code = tables.Column(verbose_name=_("Key"), attrs={"td": {"scope": "row", "class": "key"}})
    about = tables.Column(verbose_name=_("Name"), empty_values=("",))
    place = detail(_("Municipality key"), "place")
    place_name = tables.Column(verbose_name=_("Municipality"), order_by=("place", "code"), empty_values=())
    vintage = Value("year", attrs={}, verbose_name=_("Census"))

    class Meta:
        attrs = {"caption": _("What does not resolve")}
        empty_text = _("Nothing of this kind: everything resolves.")
        order_by = "code"

    def __init__(self, *args: Any, gap: Orphans, request: Any, **kwargs: Any) -> None:
        self.gap = gap
        super().__init__(*args, request=request, **kwargs)

    def render_code(self, value: str) -> SafeString | str:
        if self.gap.level == "polygon":
            return format_html('<a href="{}">{}</a>', reverse("polygons:detail", args=[value]), value)
        if not self.gap.level:
            return value
        return format_html('<a href="{}">{}</a>', reverse("polygons:place", args=[self.gap.level, value]), value)

    def render_place_name(self, record: dict[str, Any]) -> SafeString:
        return format_html('{} <span class="sub key">{}</span>', record["place_name"] or "", record["place"] or "")

    def value_place_name(self, record: dict[str, Any]) -> str:
        return record["place_name"]


class EquivalenceTable(tables.Table):
    old_code = tables.Column(verbose_name=_("Old key"), attrs={"td": {"scope": "row", "class": "key"}})
    new_code = tables.Column(verbose_name=_("New key"), attrs={"td": {"class": "key"}})

    class Meta:
        model = KeyChange
        fields = ("old_code", "new_code", "level", "kind", "valid_from", "source")
        attrs = {"caption": _("Equivalences of keys")}
        empty_text = _("No equivalence fits.")
        order_by = "-valid_from"
