"""The table twin of the map of gaps."""

from typing import Any

import django_tables2 as tables
from django.contrib.gis.db.models.functions import AsWKB
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import number, range_bar
from polygons.models import Block
from reports.gaps import Gap, Row


class GapTable(tables.Table):
    """Takes the `gap` asked about and the `names` of municipalities by key."""

    code = tables.Column(verbose_name=_("Block"), attrs={"td": {"scope": "row"}})
    municipality_key = detail(_("Municipality key"), "municipality")
    municipality = tables.Column(verbose_name=_("Municipality"))
    dwellings = Value("count", verbose_name=_("Dwellings"))
    value = tables.Column(verbose_name=_("Need"))
    low = detail(_("At least"), "low", "number")
    high = detail(_("At most"), "high", "number")
    base = detail(_("Of"), "base", "count")
    amount = Value("money", verbose_name=_("Spent"))

    class Meta:
        empty_text = _("No block answers this question.")
        attrs = {"caption": _("Blocks, the same as on the map")}

    def __init__(self, rows: list[Row], *, gap: Gap, names: dict[str, str], **kwargs: Any) -> None:
        self.gap, self.names = gap, names
        exclude = () if gap.is_spent else ("amount",)
        super().__init__(rows, exclude=exclude, **kwargs)
        self.columns["value"].column.verbose_name = str(gap.variable.label).capitalize()

    def shapes(self, rows: list[Row]) -> list[Any]:
        """The blocks' outlines, for a GeoPackage."""
        outlines = Block.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", AsWKB("geometry"))
        known = dict(outlines)
        return [known.get(row.pk) for row in rows]

    def render_code(self, value: str) -> SafeString:
        address = reverse("polygons:place", args=["block", value])
        return format_html('<a class="key" href="{}?vintage={}">{}</a>', address, self.gap.vintage, value)

    def render_municipality(self, value: str) -> str:
        return self.names.get(value, value)

    def render_value(self, record: Row) -> str:
        if record.base:
            return render_to_string("components/range.html", range_bar(record.low, record.high, record.base))
        return number(record.low, 0 if record.low == int(record.low) else 2)
