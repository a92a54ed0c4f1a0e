"""The three files of a report, written row by row from one pass over the data."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext as _

from habitat.lib.pdf import render_pdf
from habitat.lib.spreadsheets import XLSX, safe_cell
from reports.catalog import Cell, Column, Row

# Rows of detail in the PDF; the sheet has them all. Keeps its making well within a lease.
PDF_ROWS = 300

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}


class Totals:
    """Running sums of the summed columns, over everything and by group."""

    def __init__(self, columns: tuple[Column, ...], grouped_by: str) -> None:
        self.summed = [(index, column.name) for index, column in enumerate(columns) if column.is_summed]
        self.group = [column.name for column in columns].index(grouped_by)
        self.rows = 0
        self.all = self._nothing()
        self.groups: dict[str, dict[str, Decimal]] = {}

    def _nothing(self) -> dict[str, Decimal]:
        return {name: Decimal("0.00") for _index, name in self.summed}

    def add(self, row: Row) -> None:
        self.rows += 1
        group = self.groups.setdefault(str(row[self.group]), self._nothing())
        for index, name in self.summed:
            self.all[name] += row[index] or 0
            group[name] += row[index] or 0

    def as_json(self) -> dict[str, str | int]:
        return {"rows": self.rows} | {name: str(amount) for name, amount in self.all.items()}


class CsvFile:
    """UTF-8 with its mark, as Excel needs it; figures with a point and without grouping."""

    def __init__(self, path: Path, columns: Iterable[Column], head: dict[str, object]) -> None:
        self.columns = tuple(columns)
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.writer = csv.writer(self.file)
        self.writer.writerow([column.heading for column in self.columns])

    def add(self, row: Row) -> None:
        self.writer.writerow([safe_cell(cell) for cell in row])

    def close(self, totals: Totals) -> None:
        self.add(total_row(self.columns, totals))
        self.file.close()


class XlsxFile:
    """Sheets: data with a row of totals, and what each column means."""

    FORMATS = {"number": "#,##0.00", "percent": '0.0" %"', "money": "$#,##0.00"}
    WIDTHS = {"text": 22, "number": 14, "percent": 10, "money": 17}

    def __init__(self, path: Path, columns: Iterable[Column], head: dict[str, object]) -> None:
        self.columns = tuple(columns)
        self.book = xlsxwriter.Workbook(
            path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_properties({"title": str(head["title"]), "author": _("Habitat Program")})
        self.strong = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.formats = {kind: self.book.add_format({"num_format": code}) for kind, code in self.FORMATS.items()}
        self.sums = self.book.add_format({"bold": True, "num_format": self.FORMATS["money"], "top": 1})
        self.sheet = self.book.add_worksheet(_("Data"))
        self.next_row = 0
        for index, column in enumerate(self.columns):
            self.sheet.set_column(index, index, self.WIDTHS[column.kind])
        self._write_head(head)

    def _write_head(self, head: dict[str, object]) -> None:
        for line in (head["title"], f"{head['place']}, {head['month']}"):
            self._write([str(line)], self.strong)
        self._write([str(column.heading) for column in self.columns], self.strong)
        self.sheet.freeze_panes(self.next_row, 1)
        self.sheet.repeat_rows(self.next_row - 1)

    def _write(self, cells: Iterable[Cell], form=None) -> None:
        for index, cell in enumerate(cells):
            if isinstance(cell, str):
                self.sheet.write_string(self.next_row, index, cell, form)
            elif cell is not None:
                own = form or self.formats[self.columns[index].kind]
                self.sheet.write_number(self.next_row, index, float(cell), own)
        self.next_row += 1

    def add(self, row: Row) -> None:
        self._write(row)

    def close(self, totals: Totals) -> None:
        self._write(total_row(self.columns, totals), self.sums)
        meanings = self.book.add_worksheet(_("Columns"))
        meanings.set_column(0, 0, 34)
        meanings.set_column(1, 1, 90)
        for index, column in enumerate(self.columns):
            meanings.write_string(index, 0, str(column.heading), self.strong)
            meanings.write_string(index, 1, str(column.definition))
        self.book.close()


class PdfFile:
    """Totals, sums by group and the first rows; says how many more the sheet has."""

    def __init__(self, path: Path, columns: Iterable[Column], head: dict[str, object]) -> None:
        self.path, self.columns, self.head = path, tuple(columns), head
        self.rows: list[dict[str, Cell]] = []

    def add(self, row: Row) -> None:
        if len(self.rows) < PDF_ROWS:
            self.rows.append({column.name: cell for column, cell in zip(self.columns, row, strict=True)})

    def close(self, totals: Totals) -> None:
        context = self.head | {"rows": self.rows, "totals": totals, "more": totals.rows - len(self.rows)}
        self.path.write_bytes(render_pdf(f"documents/{self.head['kind']}.html", context))


def total_row(columns: tuple[Column, ...], totals: Totals) -> Row:
    """The word first, then the sums under their columns."""
    return (_("Total"), *(totals.all.get(column.name) for column in columns[1:]))


# The PDF last: it alone takes time after the last row.
WRITERS = {"csv": CsvFile, "xlsx": XlsxFile, "pdf": PdfFile}
