"""What the PDF of a report says: its totals, and sums by group. The rows themselves stand in the sheets."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money, number, percent
from projects.models import Source
from reports.catalog.base import Sheet
from reports.catalog.columns import Column
from reports.computed import Computed
from reports.corrections import Correction

# A table of the 32 states fits; of more groups the rest is added up. Scheduled reports keep to four pages.
MOST_GROUPS = 33
MOST_ROWS = 25
# What a table of so many rows may hold in all, whatever the number of sheets.
ROOM = 110

Section = dict[str, Any]


def sections_of(made: Computed) -> Iterator[Section]:
    """The totals, then the groups; of a sheet without either, its first rows."""
    sheet = made.sheet
    if by_source := _by_source(sheet):
        yield _money_section(made, by_source)
    others = [column for column in sheet.summed if not column.moment]
    if others:
        yield _totals_section(made, others)
    for name in sheet.groups:
        yield _group_section(made, sheet.column(name))
    if not sheet.groups:
        yield _rows_section(made)


def within(sections: list[Section]) -> list[Section]:
    """As many as four pages hold; what does not fit is in the sheet."""
    kept: list[Section] = []
    room = ROOM
    for section in sections:
        room -= len(section["rows"]) + 4
        if room < 0 and kept:
            break
        kept.append(section)
    return kept


def words(column: Column, value: Any) -> str:
    """A cell as people read it, in the active language."""
    if value is None:
        return ""
    if column.kind == "money":
        return money(value)
    if column.kind == "count":
        return number(value)
    if column.kind == "number":
        return number(value, 2)
    if column.kind == "percent":
        return percent(value, 1)
    if column.kind == "date":
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value)


def _section(title: str, columns: list[tuple[str, bool]], rows: list[list[str]], **more: Any) -> Section:
    heads = [{"heading": heading, "figure": is_figure} for heading, is_figure in columns]
    return {"title": title, "note": "", "columns": heads, "rows": rows, "total": []} | more


def _by_source(sheet: Sheet) -> dict[str, dict[str, Column]]:
    """Prefix of the columns ("approved") → source ("" is all) → column; only where all sources are told."""
    found: dict[str, dict[str, Column]] = {}
    for column in sheet.summed:
        if column.moment:
            prefix = column.name.removesuffix(f"_{column.source or 'total'}")
            found.setdefault(prefix, {})[column.source] = column
    return {prefix: columns for prefix, columns in found.items() if set(columns) >= {*Source.values, ""}}


def _money_section(made: Computed, found: dict[str, dict[str, Column]]) -> Section:
    # "Approved: total" says what the row of totals says by itself.
    heads = [str(columns[""].heading).rpartition(":")[0] for columns in found.values()]
    rows = [
        [str(Source(source).label), *(money(made.totals[columns[source].name]) for columns in found.values())]
        for source in Source.values
    ]
    total = [_("Total"), *(money(made.totals[columns[""].name]) for columns in found.values())]
    return _section(_("Money by source"), [(_("Source"), False), *((head, True) for head in heads)], rows, total=total)


def _totals_section(made: Computed, columns: list[Column]) -> Section:
    rows = [[str(column.heading), words(column, made.totals[column.name])] for column in columns]
    return _section(_("Totals"), [(_("Figure"), False), (_("Total"), True)], rows)


def _group_section(made: Computed, by: Column) -> Section:
    shown = [made.sheet.column(name) for name in made.sheet.shown]
    found = made.grouped(by.name, tuple(column.name for column in shown))
    rows = [[str(group) or "–", number(count), *_all_words(shown, sums)] for group, count, *sums in found[:MOST_GROUPS]]
    if rest := found[MOST_GROUPS:]:
        added = [sum((row[index] for row in rest), Decimal(0)) for index in range(1, len(shown) + 2)]
        label = _("%(count)s more") % {"count": number(len(rest))}
        rows.append([label, number(added[0]), *_all_words(shown, added[1:])])
    total = [_("Total"), number(made.rows), *(words(column, made.totals[column.name]) for column in shown)]
    heads = [(str(by.heading), False), (_("Rows"), True), *((str(column.heading), True) for column in shown)]
    return _section(_("By %(what)s") % {"what": str(by.heading).lower()}, heads, rows, total=total)


def _all_words(columns: list[Column], values: list[Any]) -> list[str]:
    return [words(column, value) for column, value in zip(columns, values, strict=True)]


def _rows_section(made: Computed) -> Section:
    columns = made.sheet.columns
    rows = [_all_words(list(columns), list(row)) for row in made.first(MOST_ROWS)]
    heads = [(str(column.heading), column.kind != "text") for column in columns]
    more = made.rows - len(rows)
    note = _("%(count)s more rows stand in the spreadsheet.") % {"count": number(more)} if more > 0 else ""
    return _section(str(made.sheet.title), heads, rows, note=note)


def later_section(later: list[Correction], known_by: str) -> Section:
    """What was learnt after the closing; the figures above all stay as they were."""
    heads = [(_("Row"), False), (_("Column"), False), (_("At closing"), True), (_("Known since"), True)]
    rows = [
        [one.row, str(one.column.heading), words(one.column, one.then), words(one.column, one.now)]
        for one in later[:MOST_ROWS]
    ]
    note = _("%(count)s figures are others by %(moment)s; all of them stand in the spreadsheet.")
    note %= {"count": number(len(later)), "moment": known_by}
    return _section(_("Corrections after closing"), heads, rows, note=note)
