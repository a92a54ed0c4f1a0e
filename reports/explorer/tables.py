"""The table twin of the explorer's map: any columns, one page of records, sums over the whole set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
import numpy as np
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_tables2.data import TableData

from habitat.lib.templatetags.portal import icon, money, number, percent, range_bar
from polygons.models import MarginalisationScore
from reports.explorer.found import Found
from reports.explorer.grains import POLYGONS, records
from reports.explorer.measures import MEASURES, Measure, Unit

NUMBER = {"cell": {"class": "num"}}
NAMES = {"cell": {"class": "name"}}


@dataclass(frozen=True)
class Row:
    """One row of the set: its place in it and, on the page shown, its record."""

    at: int
    record: Any


class FoundData(TableData):
    """The set in the table's order; records are read for the page alone."""

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        self.order = list(range(len(found)))

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self):
        return iter(self[:])

    def __getitem__(self, key: Any) -> Any:
        page = self.order[key] if isinstance(key, slice) else [self.order[key]]
        found = self.data
        read = records(found.grain, found.user, [found.rows.ids[at] for at in page])
        rows = [Row(at, read[found.rows.ids[at]]) for at in page if found.rows.ids[at] in read]
        return rows if isinstance(key, slice) else rows[0]

    def order_by(self, aliases: Sequence[str]) -> None:
        self.order = self.data.order([str(alias) for alias in aliases])


def range_cell(low: float, high: float, base: float, threshold: Any = None) -> SafeString:
    return render_to_string("components/range.html", range_bar(low, high, base, threshold))


def written(measure: Measure, figures: Sequence[float], threshold: Any = None) -> Any:
    """Low, high and base as the page shows them; a dash where they are not known."""
    low, high, base = figures
    if np.isnan([low, high, base]).any() or (measure.is_ratio and base <= 0):
        return number(None)
    match measure.unit:
        case Unit.SHARE if measure.is_need:
            return range_cell(int(low), int(high), int(base), threshold)
        case Unit.SHARE:
            return percent(100 * low / base)
        case Unit.PESOS:
            return money(low)
        case Unit.PESOS_EACH:
            return money(low / base)
        case Unit.MEAN:
            return number(low / base, 2)
        case Unit.GRADE:
            return MarginalisationScore.Grade(int(low)).label
    return number(low)


class MeasureColumn(tables.Column):
    """What colours the map carries its shade; a tick stands where the set was cut."""

    def __init__(self, measure: Measure, *, title: Any, threshold: Any, shades: Any) -> None:
        self.measure, self.threshold, self.shades = measure, threshold, shades
        attrs = {} if measure.unit is Unit.SHARE and measure.is_need else NUMBER
        super().__init__(verbose_name=title, empty_values=(), attrs=attrs, footer=self.sum_up)

    def render(self, record: Row, table: "ExplorerTable") -> Any:
        cell = written(self.measure, table.found.figures(self.measure.name)[record.at], self.threshold)
        if self.measure.name == "projects" and table.found.grain is POLYGONS and cell != "0":
            query = urlencode({"polygon": record.record.polygon.code})
            cell = format_html('<a href="{}?{}">{}</a>', reverse("projects:list"), query, cell)
        if self.shades is None:
            return cell
        return format_html(
            '<span class="shaded">{}{}</span>',
            render_to_string("polygons/_swatch.html", {"shade": self.shades[record.at]}),
            cell,
        )

    def sum_up(self, table: "ExplorerTable") -> Any:
        if not self.measure.is_summed:
            return ""
        return written(self.measure, table.found.total(self.measure.name))


class CountColumn(tables.Column):
    def __init__(self, name: str, **kwargs: Any) -> None:
        self.name = name
        super().__init__(attrs=NUMBER, empty_values=(), footer=lambda table: number(table.found.sum_of(name)), **kwargs)

    def render(self, record: Row, table: "ExplorerTable") -> str:
        value = table.found.rows.sums[self.name][record.at]
        return number(None if np.isnan(value) else value)


class PlaceColumn(tables.Column):
    def render(self, record: Row) -> str:
        whole = record.record
        return (whole.polygon if hasattr(whole, "polygon") else whole).municipality.name


class OfPolygonColumn(tables.Column):
    """The polygon a block belongs to."""

    def render(self, record: Row) -> Any:
        if not hasattr(record.record, "of_polygon"):
            return number(None)
        code, name = record.record.of_polygon
        return format_html('<a href="{}">{}</a>', reverse("polygons:detail", args=[code]), name)


class ExplorerTable(tables.Table):
    name = tables.Column(
        verbose_name=_("Polygon"),
        empty_values=(),
        attrs={"td": {"scope": "row"}},
        footer=lambda table: table.how_many(),
    )

    begins = _("They appear once the program unit has loaded a census and drawn polygons on the workbench.")

    class Meta:
        empty_text = _("Nothing fits these filters.")
        attrs = {"caption": _("The same set as on the map")}
        row_attrs = {"data-code": lambda record, table: table.found.rows.codes[record.at]}

    def __init__(self, found: Found, **kwargs: Any) -> None:
        self.found = found
        super().__init__(FoundData(found), **kwargs)

    def how_many(self) -> str:
        count = len(self.found)
        if self.found.grain is POLYGONS:
            words = ngettext("%(count)s polygon", "%(count)s polygons", count)
        else:
            words = ngettext("%(count)s block", "%(count)s blocks", count)
        return words % {"count": number(count)}

    def render_name(self, record: Row) -> SafeString:
        rows, at = self.found.rows, record.at
        code, box = rows.codes[at], ",".join(f"{edge:.5f}" for edge in rows.boxes[at])
        if self.found.grain is POLYGONS:
            title: Any = format_html(
                '<a class="main" href="{}">{}</a><span class="sub key">{}</span>',
                reverse("polygons:detail", args=[code]),
                rows.names[at],
                code,
            )
            label = rows.names[at]
        else:
            page = reverse("polygons:place", args=["block", code])
            title = format_html('<a class="main key" href="{}">{}</a>', page, code)
            label = code
        if np.isnan(rows.boxes[at]).any():
            return title
        return format_html(
            '<span class="with-pointer"><span>{}</span>'
            '<button class="btn btn-quiet btn-sm" type="button" hidden data-map-feature="{}" data-map-bounds="{}">{}'
            "</button></span>",
            title,
            code,
            box,
            icon("place", _("Show %(place)s on the map") % {"place": label}),
        )


def table_of(asked: Any, found: Found, shades: Any) -> ExplorerTable:
    """The columns asked for; `shades` are the colour classes of the rows."""
    columns: list[tuple[str, tables.Column]] = []
    for name in asked.columns:
        title = asked.choosable[name]
        if name == "place":
            columns.append((name, PlaceColumn(verbose_name=title, empty_values=())))
        elif name == "polygon":
            columns.append((name, OfPolygonColumn(verbose_name=title, empty_values=(), orderable=False, attrs=NAMES)))
        elif name in MEASURES:
            if name == "approved_year":
                title = _("Approved %(year)s") % {"year": asked.year}
            threshold = asked.used.get("at_least") if name == asked.need else None
            mine = shades if name == asked.colour.name else None
            columns.append((name, MeasureColumn(MEASURES[name], title=title, threshold=threshold, shades=mine)))
        else:
            columns.append((name, CountColumn(name, verbose_name=title)))
    worst = f"-{asked.colour.name}" if asked.colour.is_worse_high else asked.colour.name
    table = ExplorerTable(found, extra_columns=columns, order_by=worst)
    if found.grain is not POLYGONS:
        table.columns["name"].column.verbose_name = _("Block")
    return table
