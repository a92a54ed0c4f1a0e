"""The table twin of the map of polygons."""

from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from habitat.lib.templatetags.portal import icon, money, number, range_bar
from polygons.deficits import MAPPED, Deficit
from polygons.models import PolygonVersion

NUMBER = {"cell": {"class": "num"}}
HEADERS = {
    "water": _("Without water"),
    "drainage": _("Without drainage"),
    "electricity": _("Without electricity"),
    "floor": _("Earth floor"),
}


def range_cell(low: int, high: int, base: int, threshold: Any = None) -> SafeString:
    return render_to_string("components/range.html", range_bar(low, high, base, threshold))


class CountColumn(tables.Column):
    def __init__(self, total: str, write: Any = number, **kwargs: Any) -> None:
        self.write = write
        super().__init__(attrs=NUMBER, footer=lambda table: write(table.totals[total]), **kwargs)

    def render(self, value: Any) -> str:
        return self.write(value)


class RangeColumn(tables.Column):
    """A deficit as range and bar; sorted by what is certain. A tick stands where the list was cut."""

    def __init__(self, deficit: Deficit) -> None:
        self.deficit = deficit
        super().__init__(
            verbose_name=HEADERS[deficit.name],
            accessor=f"{deficit.name}_share",
            order_by=(f"{deficit.name}_share", "polygon__code"),
            empty_values=(),
            footer=lambda table: self.cell(table, **table.totals),
        )

    def render(self, record: PolygonVersion, table: "PolygonTable") -> SafeString:
        return self.cell(
            table, **{name: getattr(record, name) for name in (self.deficit.low, self.deficit.high, "base")}
        )

    def cell(self, table: "PolygonTable", **counts: Any) -> SafeString:
        threshold = table.threshold if self.deficit.name == table.variable else None
        return range_cell(counts[self.deficit.low], counts[self.deficit.high], counts["base"], threshold)


class PolygonTable(tables.Table):
    """Takes `totals` over all rows found, the `variable` the list was cut by and its `threshold` (per cent or None)."""

    polygon = tables.Column(
        verbose_name=_("Polygon"),
        order_by=("polygon__name", "polygon__code"),
        attrs={"td": {"scope": "row"}},
        footer=lambda table: (
            ngettext("%(count)s polygon", "%(count)s polygons", table.totals["polygons"])
            % {"count": number(table.totals["polygons"])}
        ),
    )
    block_count = CountColumn("block_count", verbose_name=_("Blocks"))
    dwellings = CountColumn("dwellings", verbose_name=_("Dwellings"))
    water = RangeColumn(MAPPED[0])
    drainage = RangeColumn(MAPPED[1])
    electricity = RangeColumn(MAPPED[2])
    floor = RangeColumn(MAPPED[3])
    projects = CountColumn("projects_total", verbose_name=_("Projects"))
    approved = CountColumn("approved_total", money, verbose_name=_("Approved"))

    class Meta:
        model = PolygonVersion
        fields: tuple[str, ...] = ()
        order_by = "-water"
        empty_text = _("No polygon fits these filters.")
        attrs = {"caption": _("Polygons, the same as on the map")}

    def __init__(self, *args: Any, totals: dict[str, Any], variable: str, threshold: Any, year: int, **kwargs: Any):
        self.totals, self.variable, self.threshold = totals, variable, threshold
        super().__init__(*args, **kwargs)
        self.columns["approved"].column.verbose_name = _("Approved %(year)s") % {"year": year}

    def render_polygon(self, record: Any) -> SafeString:
        polygon = record.polygon
        return format_html(
            '<span class="with-pointer"><span><a class="main" href="{}">{}</a><span class="sub key">{}</span></span>'
            '<button class="btn btn-quiet btn-sm" type="button" hidden data-map-feature="{}" data-map-bounds="{}">{}'
            "</button></span>",
            reverse("polygons:detail", args=[polygon.code]),
            polygon.name,
            polygon.code,
            polygon.code,
            record.bounds,
            icon("place", _("Show %(polygon)s on the map") % {"polygon": polygon.name}),
        )

    def render_projects(self, value: int, record: PolygonVersion) -> str:
        if not value:
            return "0"
        address = f"{reverse('projects:list')}?{urlencode({'polygon': record.polygon.code})}"
        return format_html('<a href="{}">{}</a>', address, number(value))
