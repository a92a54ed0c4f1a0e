"""The files of a report, from rows computed once: a CSV a sheet, one workbook, and a summary in print."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from habitat.lib.documents import PDF
from habitat.lib.legend import LEGEND
from habitat.lib.spreadsheets import XLSX, safe_cell
from habitat.lib.typeset import typeset
from habitat.lib.workbook import Workbook
from projects.letters.codes import address_of, qr_svg
from reports.catalog.base import Kind
from reports.computed import Computed
from reports.corrections import Correction
from reports.summary import later_section, sections_of, within

CONTENT_TYPES = {"pdf": PDF, "xlsx": XLSX, "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True)
class Head:
    """What every file says of itself. `at`: the moment the data are of."""

    kind: Kind
    place: str
    period: str
    at: dt.datetime
    is_final: bool
    code: str
    # Beyond the closing: corrections up to this moment are told apart.
    later: dt.datetime | None = None

    @property
    def known_by(self) -> str:
        return date_format(timezone.localtime(self.later), "SHORT_DATETIME_FORMAT") if self.later else ""

    @property
    def standing(self) -> str:
        return _("Closed: these figures stand.") if self.is_final else _("Preliminary: the period can still change.")

    @property
    def data_of(self) -> str:
        return date_format(timezone.localtime(self.at), "SHORT_DATETIME_FORMAT")


def write_csv(path: Path, made: Computed) -> None:
    """UTF-8 with its mark, as Excel needs it; figures with a point and without grouping, dates as 2026-10-31."""
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf" + _csv_line([str(column.heading) for column in made.sheet.columns]))
        made.copy_csv(file)
        file.write(_csv_line([_("Total"), *made.total_row[1:]]))


def _csv_line(cells: list[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([safe_cell(cell) for cell in cells])
    return line.getvalue().encode()


def write_xlsx(path: Path, sheets: list[Computed], head: Head, later: list[Correction]) -> None:
    """A sheet of data each with its totals, what was learnt later, and what each column means."""
    with Workbook(path, title=str(head.kind.title), author=_("Habitat Program"), at=head.at) as book:
        for made in sheets:
            columns = made.sheet.columns
            page = book.sheet(
                str(made.sheet.title) if made.sheet.name else _("Data"), [column.kind for column in columns]
            )
            page.head([str(made.sheet.title)])
            page.head([f"{head.place}, {head.period}. {head.standing} {_('Data of')} {head.data_of}"])
            page.head([str(column.heading) for column in columns])
            for rows in made.pages():
                page.add(rows)
            page.total([_("Total"), *made.total_row[1:]])
        if later:
            _write_later(book, later, head)
        page = book.sheet(_("Columns"), ["text", "text"], widths=[34, 90])
        page.add((str(column.heading), str(column.definition)) for made in sheets for column in made.sheet.columns)


def _write_later(book: Workbook, later: list[Correction], head: Head) -> None:
    page = book.sheet(_("Corrections after closing"), ["text", "text", "text", "number", "number", "number"])
    page.head([_("Corrections after closing")])
    page.head([_("Known by %(moment)s") % {"moment": head.known_by}])
    page.head([_("Sheet"), _("Row"), _("Column"), _("At closing"), _("Known since"), _("Difference")])
    page.add(
        (str(one.sheet.title), one.row, str(one.column.heading), one.then, one.now, one.difference) for one in later
    )


def write_pdf(path: Path, sheets: list[Computed], head: Head, later: list[Correction]) -> None:
    sections = [section for made in sheets for section in sections_of(made)]
    if head.later:
        sections.insert(0, later_section(later, head.known_by))
    language, _dash, region = (get_language() or "es-mx").partition("-")
    data = {
        "title": str(head.kind.title),
        "place": head.place,
        "period": head.period,
        "purpose": str(head.kind.purpose),
        "basis": str(head.kind.basis),
        "author": _("Habitat Program"),
        "legend": LEGEND,
        "lang": language,
        "region": region or None,
        "facts": [
            [_("State of the period"), head.standing],
            [_("Data of"), head.data_of],
            [_("Rows in the spreadsheet"), ", ".join(str(made.rows) for made in sheets)],
        ],
        "qr": qr_svg(head.code).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1),
        "qr_words": _("Code that opens the page of verification: %(address)s") % {"address": address_of(head.code)},
        "code": head.code,
        "nothing": _("There is nothing to tell of this period."),
        "sections": within(sections),
        "notes": [_("The detail, row by row, stands in the spreadsheet of this report.")],
    }
    path.write_bytes(typeset("documents/report.typ", data, at=head.at))
