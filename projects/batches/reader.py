"""A filled workbook read: projects with their actions, and every error by its sheet and cell, in words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from habitat.lib.coordinates import parse_place
from projects.batches.layout import (
    ACTIONS,
    HEADER_ROWS,
    MARK,
    MAX_ACTIONS,
    MAX_COLUMNS,
    MAX_PROJECTS,
    MAX_ROWS,
    PROJECTS,
    Column,
    cell_of,
    names,
    place_of,
)
from projects.batches.lists import Lists
from projects.models import Source
from projects.services.targets import wrong_price

MOST_ERRORS = 200
SHEETS = 4
PLACES = {"number": Decimal("0.01"), "money": Decimal("0.01"), "price": Decimal("0.000001"), "whole": Decimal(1)}
BELOW = {"number": Decimal(10) ** 12, "money": Decimal(10) ** 14, "price": Decimal(10) ** 14, "whole": Decimal(10) ** 7}
# Kinds of which nothing is no answer.
POSITIVE = {"number", "price"}


class NotOurs(Exception):  # noqa: N818 - a refusal, not an error of ours
    """The file is no workbook of the portal, or of another year or municipality; its text says so."""


@dataclass
class Row:
    """A row of one of the two sheets: `at` is zero-based, `values` by column; a wrong or empty cell is None."""

    sheet: int
    at: int
    values: dict[str, Any]
    actions: list["Row"] = field(default_factory=list)


@dataclass
class Plan:
    projects: list[Row] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    def wrong(self, row: Row, column: str, text: str) -> None:
        """Note an error at the row's cell."""
        self.wrong_at(row.sheet, place_of((PROJECTS, ACTIONS)[row.sheet], column), row.at, text)

    def wrong_at(self, sheet: int, column: int, row: int, text: str) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"sheet": names()[sheet + 1], "cell": cell_of(column, row), "text": text})

    @property
    def actions(self) -> int:
        return sum(len(row.actions) for row in self.projects)


def read_workbook(file: BinaryIO, lists: Lists) -> Plan:
    """What the workbook proposes. Raises NotOurs."""
    sheets = _open(file, lists)
    plan = Plan()
    projects = list(_rows(plan, 0, sheets[0], PROJECTS, MAX_PROJECTS, lists))
    actions = list(_rows(plan, 1, sheets[1], ACTIONS, MAX_ACTIONS, lists))
    plan.projects = projects
    _join(plan, projects, actions)
    for row in projects:
        _check_project(plan, row, lists)
    if not projects and not plan.errors:
        plan.wrong_at(0, 0, HEADER_ROWS, _("There is no project in this sheet."))
    return plan


def _open(file: BinaryIO, lists: Lists) -> list[list[list[Any]]]:
    """The cells of the two sheets, from A1 on."""
    try:
        book = CalamineWorkbook.from_filelike(file)
        if len(book.sheet_names) != SHEETS:
            raise NotOurs(_("This is not the workbook of the portal. Download it, fill it in and upload it."))
        marks = cells_of(book.get_sheet_by_index(SHEETS - 1), rows=1)
        sheets = [cells_of(book.get_sheet_by_index(number)) for number in (1, 2)]
    except CalamineError as error:
        raise NotOurs(_("The workbook cannot be read. Open it, save it as XLSX and upload it again.")) from error
    words = str(marks[0][0]).split() if marks and marks[0] else []
    if len(words) != 3 or words[0] != MARK:
        raise NotOurs(_("This is not the workbook of the portal. Download it, fill it in and upload it."))
    if words[1:] != [str(lists.rules.fiscal_year_id), lists.municipality.pk]:
        known = {"year": words[1], "place": words[2], "now": lists.rules.fiscal_year_id, "here": lists.municipality.pk}
        raise NotOurs(
            _("The workbook is of %(year)s and municipality %(place)s; %(now)s and %(here)s are asked for.") % known
        )
    return sheets


def cells_of(sheet: CalamineSheet, rows: int | None = None) -> list[list[Any]]:
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        raise NotOurs(_("A sheet has too many rows or columns. Delete what lies outside the table."))
    return sheet.to_python(skip_empty_area=False, nrows=rows)


def _rows(plan: Plan, sheet: int, cells: list, columns: Sequence[Column], most: int, lists: Lists):
    filled = 0
    for at, line in enumerate(cells):
        if at < HEADER_ROWS or not any(text_of(cell) for cell in line[: len(columns)]):
            continue
        filled += 1
        if filled > most:
            plan.wrong_at(sheet, 0, at, _("At most %(most)s rows a file. Divide it.") % {"most": most})
            return
        padded = [*line, *[""] * len(columns)]
        row = Row(sheet, at, {})
        for column, cell in zip(columns, padded, strict=False):
            row.values[column.name] = _value(plan, row, column, cell, lists)
        yield row


def _value(plan: Plan, row: Row, column: Column, cell: object, lists: Lists) -> object | None:
    if not text_of(cell):
        if column.is_required:
            plan.wrong(row, column.name, _("“%(column)s” is missing.") % {"column": column.label})
        return None
    try:
        if column.kind in PLACES:
            return _number(column, cell)
        if column.kind == "date":
            return date_of(cell)
        if column.kind == "text":
            return _short(column, text_of(cell))
    except ValidationError as error:
        plan.wrong(row, column.name, " ".join(error.messages))
        return None
    found = lists.find(column.kind, text_of(cell))
    if found is None:
        words = {"value": text_of(cell)[:60], "column": column.label}
        plan.wrong(row, column.name, _("“%(value)s” is not in the list of “%(column)s”.") % words)
    return found


def text_of(cell: object) -> str:
    """As a person sees it: a whole number has no decimals."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _short(column: Column, text: str) -> str:
    if column.limit and len(text) > column.limit:
        raise ValidationError(_("At most %(limit)s characters.") % {"limit": column.limit})
    if "\x00" in text:
        raise ValidationError(_("A character cannot be kept."))
    return text


def _number(column: Column, cell: object) -> Decimal | int:
    text = text_of(cell).replace("$", "").replace(",", "").replace(" ", "")
    try:
        # A cell holds 0.1 + 0.2 as binary: seventeen digits say more than anybody typed.
        value = Decimal(repr(cell) if isinstance(cell, float) else text)
    except InvalidOperation as error:
        raise ValidationError(_("“%(value)s” is not a number.") % {"value": text_of(cell)[:60]}) from error
    if not value.is_finite() or not 0 <= value < BELOW[column.kind] or (column.kind in POSITIVE and not value):
        raise ValidationError(_("“%(value)s” is not a possible number here.") % {"value": text_of(cell)[:60]})
    kept = value.quantize(PLACES[column.kind], ROUND_HALF_UP)
    if abs(kept - value) > Decimal("0.000001"):
        raise ValidationError(_("“%(value)s” has too many decimals.") % {"value": text_of(cell)[:60]})
    return int(kept) if column.kind == "whole" else kept


def date_of(cell: object) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text_of(cell), form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    raise ValidationError(_("“%(value)s” is not a date. Write it like 15/06/2026.") % {"value": text_of(cell)[:60]})


def _join(plan: Plan, projects: list[Row], actions: list[Row]) -> None:
    by_number: dict[object, Row] = {}
    for row in projects:
        number = row.values["number"]
        if number in by_number:
            plan.wrong(row, "number", _("The number %(number)s stands twice.") % {"number": number})
        elif number is not None:
            by_number[number] = row
    for row in actions:
        number = row.values["project"]
        if number is None:
            continue
        if number not in by_number:
            plan.wrong(row, "project", _("No project has the number %(number)s.") % {"number": number})
        else:
            by_number[number].actions.append(row)


def _check_project(plan: Plan, row: Row, lists: Lists) -> None:
    values = row.values
    if not row.actions:
        plan.wrong(row, "number", _("This project has no action."))
    starts_on, ends_on = values["starts_on"], values["ends_on"]
    if isinstance(starts_on, dt.date) and isinstance(ends_on, dt.date) and ends_on < starts_on:
        plan.wrong(row, "ends_on", _("The end comes before the start."))
    modalities = {action.values["type"].modality_id for action in row.actions if action.values["type"]}
    for action in row.actions:
        kind = action.values["type"]
        if kind and len(modalities) > 1 and kind.modality_id != row.actions[0].values["type"].modality_id:
            plan.wrong(action, "type", _("All actions of a project belong to one modality. Begin another project."))
        _check_action(plan, action)


def _check_action(plan: Plan, row: Row) -> None:
    values = row.values
    amounts = [values[source] for source in Source.values]
    if None not in (values["quantity"], values["unit_price"], *amounts):
        wrong = wrong_price(values["quantity"], values["unit_price"], sum(amounts))
        if wrong:
            plan.wrong(row, "unit_price", wrong)
    if values["site"]:
        try:
            values["site"] = parse_place(str(values["site"]).replace(";", "\n"))
        except ValidationError as error:
            plan.wrong(row, "site", " ".join(error.messages))
            values["site"] = None
