"""Tables out: CSV and XLSX whose cells are data, never formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins with one of these runs as a formula when the file is opened (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LINES_AT_ONCE = 2000


def safe_cell(value: Any) -> Any:
    """Text that would run as a formula gets a leading apostrophe; numbers and dates stay what they are."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A CSV file in pieces of many lines, with the mark that lets Excel read its accents."""
    writer = csv.writer(_Echo())
    lines = ["\ufeff" + writer.writerow([str(cell) for cell in header])]
    for row in rows:
        lines.append(writer.writerow([safe_cell(cell) for cell in row]))
        # A piece for each line takes three times as long to send.
        if len(lines) >= LINES_AT_ONCE:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def csv_response(name: str, header: Sequence[Any], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def write_xlsx(target: Any, sheet: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    """Write one sheet to a path or file in constant memory: bold header, frozen, real numbers and dates."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    page = book.add_worksheet(sheet[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    cents = book.add_format({"num_format": "#,##0.00"})
    page.freeze_panes(1, 0)
    for column, title in enumerate(header):
        page.write_string(0, column, str(title), bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                page.write_datetime(number, column, timezone.localtime(value).replace(tzinfo=None), moment)
            elif isinstance(value, date):
                page.write_datetime(number, column, value, day)
            elif isinstance(value, Decimal):
                page.write_number(number, column, value, cents)
            elif isinstance(value, int | float):
                page.write_number(number, column, value)
            elif value is not None:
                page.write_string(number, column, str(value))
    book.close()


def xlsx_response(name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    buffer = io.BytesIO()
    write_xlsx(buffer, name, header, rows)
    response = HttpResponse(buffer.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
