"""The empty workbook to be filled in: instructions, projects, actions, and the lists behind the drop-downs."""

import io
from collections.abc import Sequence

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from projects.batches.layout import ACTIONS, HEADER_ROWS, MARK, MAX_ACTIONS, MAX_PROJECTS, PROJECTS, Column, names
from projects.batches.lists import Lists

NUMBER_FORMATS = {
    "number": "#,##0.00",
    "whole": "0",
    "money": "#,##0.00",
    "price": "#,##0.00####",
    "date": "dd/mm/yyyy",
}


def write_workbook(lists: Lists) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    sheets = [book.add_worksheet(name) for name in names()]
    styles = {kind: book.add_format({"num_format": form}) for kind, form in NUMBER_FORMATS.items()}
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top", "bg_color": "#F2ECE1"})
    _instruct(sheets[0], lists, book.add_format({"bold": True, "font_size": 14}), head)
    ranges = _write_lists(sheets[3], lists, names()[3])
    prepare_sheet(sheets[1], PROJECTS, MAX_PROJECTS, ranges, styles, head)
    prepare_sheet(sheets[2], ACTIONS, MAX_ACTIONS, ranges, styles, head)
    book.close()
    return buffer.getvalue()


def _instruct(sheet: Worksheet, lists: Lists, title: Format, head: Format) -> None:
    projects, actions = names()[1:3]
    known = {"year": lists.rules.fiscal_year_id, "place": lists.municipality.name}
    lines = (
        _("1. Write one project a row in the sheet “%(sheet)s”, each with a number of your own.") % {"sheet": projects},
        _("2. Write its works and actions in the sheet “%(sheet)s”, with that number; all of one modality.")
        % {"sheet": actions},
        _("3. Choose from the lists where a cell has one. Do not move, add or rename columns or sheets."),
        _("4. Save it as XLSX and upload it: the portal tries it first and tells every error by its cell."),
        _("5. Nothing is kept while one cell is wrong. At most %(projects)s projects and %(actions)s actions a file.")
        % {"projects": MAX_PROJECTS, "actions": MAX_ACTIONS},
    )
    sheet.write_string(0, 0, _("Proposals of %(year)s, %(place)s") % known, title)
    for number, line in enumerate(lines, 2):
        sheet.write_string(number, 0, line)
    row = len(lines) + 3
    for name, columns in ((projects, PROJECTS), (actions, ACTIONS)):
        for place, text in enumerate((name, _("Needed"), _("What to write"))):
            sheet.write_string(row, place, text, head)
        for number, column in enumerate(columns, row + 1):
            sheet.write_string(number, 0, str(column.label))
            sheet.write_string(number, 1, _("yes") if column.is_required else _("no"))
            sheet.write_string(number, 2, str(column.help))
        row += len(columns) + 2
    sheet.set_column(0, 0, 40)
    sheet.set_column(2, 2, 80)


def _write_lists(sheet: Worksheet, lists: Lists, name: str) -> dict[str, str]:
    """List name → its range for a drop-down; empty lists have none."""
    sheet.write_string(0, 0, f"{MARK} {lists.rules.fiscal_year_id} {lists.municipality.pk}")
    ranges = {}
    for column, (key, choices) in enumerate(lists.choices.items()):
        for row, said in enumerate(choices, 1):
            sheet.write_string(row, column, said)
        if choices:
            letter = chr(ord("A") + column)
            ranges[key] = f"='{name}'!${letter}$2:${letter}${len(choices) + 1}"
    sheet.hide()
    return ranges


def prepare_sheet(
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: int,
    ranges: dict[str, str],
    styles: dict[str, Format],
    head: Format,
) -> None:
    sheet.freeze_panes(HEADER_ROWS, 1)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, f"{column.label}{' *' if column.is_required else ''}", head)
        sheet.set_column(place, place, column.width, styles.get(column.kind))
        if column.kind in ranges:
            # A message and no stop: the portal says what is wrong, also of pasted cells.
            sheet.data_validation(
                HEADER_ROWS,
                place,
                rows,
                place,
                {"validate": "list", "source": ranges[column.kind], "input_message": str(column.help)[:255]},
            )
