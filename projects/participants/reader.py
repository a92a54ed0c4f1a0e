"""A filled workbook of participants read: who they are, and every error by its cell, in words that repeat no cell."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from projects.batches.layout import HEADER_ROWS, Column, cell_of
from projects.batches.reader import NotOurs, cells_of, date_of, text_of
from projects.identity import settled
from projects.models import Course
from projects.participants.layout import COLUMNS, MARK, MAX_PEOPLE
from projects.participants.workbook import choices

MOST_ERRORS = 200
SHEETS = 3


@dataclass
class Roster:
    """`rows`: (row of the sheet, who it is, day of enrolment)."""

    rows: list[tuple[int, dict[str, Any], dt.date]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    def wrong(self, at: int, column: str, text: str) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"cell": _cell(column, at), "text": text})

    def in_order(self) -> list[dict[str, str]]:
        """Errors as one reads the sheet: row by row, from left to right."""
        return sorted(self.errors, key=lambda row: (int(row["cell"][1:]), row["cell"][0]))


def _cell(column: str, at: int) -> str:
    return cell_of(next(index for index, known in enumerate(COLUMNS) if known.name == column), at)


def read_workbook(file: BinaryIO, course: Course) -> Roster:
    """Raises NotOurs."""
    roster = Roster()
    lists = choices()
    curps: set[str] = set()
    filled = 0
    for at, line in enumerate(_open(file, course)):
        if at < HEADER_ROWS or not any(text_of(cell) for cell in line[: len(COLUMNS)]):
            continue
        filled += 1
        if filled > MAX_PEOPLE:
            roster.wrong(at, "curp", _("At most %(most)s rows a file. Divide it.") % {"most": MAX_PEOPLE})
            break
        before = len(roster.errors)
        said = {
            column.name: _value(roster, at, column, cell, lists)
            for column, cell in zip(COLUMNS, [*line, *[""] * len(COLUMNS)], strict=False)
        }
        _keep(roster, at, said, course, curps, before)
    if not filled:
        roster.wrong(HEADER_ROWS, "curp", _("There is nobody in this sheet."))
    return roster


def _open(file: BinaryIO, course: Course) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_filelike(file)
        if len(book.sheet_names) != SHEETS:
            raise NotOurs(_("This is not the workbook of this course. Download it, fill it in and upload it."))
        marks = cells_of(book.get_sheet_by_index(SHEETS - 1), rows=1)
        people = cells_of(book.get_sheet_by_index(1))
    except CalamineError:
        # Not "from" it: what the library says of a cell is not for logs.
        raise NotOurs(_("The workbook cannot be read. Open it, save it as XLSX and upload it again.")) from None
    if not marks or not marks[0] or str(marks[0][0]).split() != [MARK, str(course.pk)]:
        raise NotOurs(_("This is not the workbook of this course. Download it, fill it in and upload it."))
    return people


def _value(roster: Roster, at: int, column: Column, cell: object, lists: dict[str, dict[str, str]]) -> object:
    text = text_of(cell)
    if not text:
        return None
    if column.kind == "date":
        try:
            return date_of(cell)
        except ValidationError:
            roster.wrong(at, column.name, _("This is not a date. Write it like 15/06/2026."))
            return None
    if column.kind in lists:
        found = next((value for said, value in lists[column.kind].items() if slugify(said) == slugify(text)), None)
        if found is None:
            roster.wrong(at, column.name, _("This is not in the list."))
        return found
    if column.limit and len(text) > column.limit:
        roster.wrong(at, column.name, _("At most %(limit)s characters.") % {"limit": column.limit})
        return None
    return text


def _keep(roster: Roster, at: int, said: dict[str, Any], course: Course, curps: set[str], before: int) -> None:
    """Of a row that may have errors of single cells, since `before`: of those nothing more is said."""
    enrolled_on = said.pop("enrolled_on") or course.starts_on
    if enrolled_on > course.ends_on:
        roster.wrong(at, "enrolled_on", _("The course had ended by then."))
    try:
        who = settled(said)
    except ValidationError as error:
        told = {row["cell"] for row in roster.errors[before:]}
        for name, sentences in error.message_dict.items():
            # Who wrote a reason that is none wrote a reason.
            cells = {
                _cell(each, at) for each in ((name, "no_curp") if name == "curp" and not said["curp"] else (name,))
            }
            if not cells & told:
                roster.wrong(at, name, " ".join(sentences))
        return
    if who["curp"] and who["curp"] in curps:
        roster.wrong(at, "curp", _("This CURP stands twice in the sheet."))
    curps.add(who["curp"])
    if len(roster.errors) == before:
        roster.rows.append((at, who, enrolled_on))
