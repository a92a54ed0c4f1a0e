"""Large workbooks (XLSX) written row by row, in little memory and always the same bytes for the same cells.

Office Open XML (ECMA-376), the few parts that a table needs: text stands in its cell, so it can never run as a formula.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from xml.sax.saxutils import escape, quoteattr

# The kinds of a column, as indexes into cellXfs below.
KINDS = {"text": 0, "number": 1, "percent": 2, "money": 3, "count": 4, "date": 5, "moment": 6}
WIDTHS = {"text": 22, "number": 14, "percent": 10, "money": 17, "count": 10, "date": 12, "moment": 17}
HEADING = 7
# Of a total: after those above and the heading, in the same order.
TOTAL = 8
# Excel takes no more in one sheet, nor in one cell.
MOST_ROWS = 1_048_576
MOST_SIGNS = 32_767
# XML 1.0 knows no other control signs.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
DAY_ZERO = dt.date(1899, 12, 30)
# The zip's own earliest moment: the bytes must not tell when they were written.
NO_MOMENT = (1980, 1, 1, 0, 0, 0)
ROWS_AT_ONCE = 500

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORMATS = (
    '<numFmts count="6"><numFmt numFmtId="164" formatCode="0.0&quot; %&quot;"/>'
    '<numFmt numFmtId="165" formatCode="&quot;$&quot;#,##0.00"/><numFmt numFmtId="166" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="167" formatCode="dd/mm/yyyy hh:mm"/><numFmt numFmtId="168" formatCode="#,##0.00"/>'
    '<numFmt numFmtId="169" formatCode="#,##0"/></numFmts>'
)
_NUMBERS = (0, 168, 164, 165, 169, 166, 167)


def _style(form: int, *, font: int, border: int) -> str:
    return f'<xf numFmtId="{form}" fontId="{font}" fillId="0" borderId="{border}" xfId="0" applyNumberFormat="1"/>'


STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}">{_FORMATS}'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    "</fills>"
    '<borders count="3"><border/><border><left/><right/><top/><bottom style="thin"/><diagonal/></border>'
    '<border><left/><right/><top style="thin"/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="{2 * len(_NUMBERS) + 1}">'
    + "".join(
        f'<xf numFmtId="{form}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for form in _NUMBERS
    )
    + '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    + "".join(
        f'<xf numFmtId="{form}" fontId="1" fillId="0" borderId="2" xfId="0" applyNumberFormat="1"/>'
        for form in _NUMBERS
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def letters(index: int) -> str:
    """Column 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def serial(value: dt.date | dt.datetime) -> float | int:
    """Days since Excel's zero; of a moment its own clock counts, without zone."""
    if isinstance(value, dt.datetime):
        return (value.date() - DAY_ZERO).days + (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    return (value - DAY_ZERO).days


class Workbook:
    """`with Workbook(path, title=…) as book: sheet = book.sheet("Data", kinds); sheet.head([...]); sheet.add(rows)`.

    One sheet at a time: beginning the next one ends the last.
    """

    def __init__(self, target: Path | BinaryIO, *, title: str, author: str, at: dt.datetime | None = None) -> None:
        """`at`: the moment that the properties tell; none where it is not given."""
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4, allowZip64=True)
        self._title, self._author, self._at = title, author, at
        self._names: list[str] = []
        self._open: Sheet | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
        elif self._open:
            self._open.file.close()
        self._zip.close()

    def sheet(self, name: str, kinds: Sequence[str], widths: Sequence[int] = ()) -> "Sheet":
        if self._open:
            self._open.end()
        self._names.append(_sheet_name(name, self._names))
        entry = zipfile.ZipInfo(f"xl/worksheets/sheet{len(self._names)}.xml", NO_MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        # Of unknown size: a sheet of many rows passes what the short form can say.
        self._open = Sheet(self._zip.open(entry, "w", force_zip64=True), kinds, widths)
        return self._open

    def _finish(self) -> None:
        if self._open:
            self._open.end()
        numbered = list(enumerate(self._names, start=1))
        self._part(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{SHEETML}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{SHEETML}.styles+xml"/>'
            '<Override PartName="/docProps/core.xml"'
            ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEETML}.worksheet+xml"/>'
                for n, _name in numbered
            )
            + "</Types>",
        )
        self._part(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
            f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties"'
            ' Target="docProps/core.xml"/></Relationships>',
        )
        self._part(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            + "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered)
            + "</sheets></workbook>",
        )
        self._part(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n, _name in numbered
            )
            + f'<Relationship Id="rId{len(numbered) + 1}" Type="{RELATIONS}/styles" Target="styles.xml"/>'
            "</Relationships>",
        )
        self._part("xl/styles.xml", STYLES.removeprefix(XML))
        made = f"{self._at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if self._at else ""
        when = f'<dcterms:created xsi:type="dcterms:W3CDTF">{made}</dcterms:created>' if made else ""
        self._part(
            "docProps/core.xml",
            f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{_text(self._title)}</dc:title><dc:creator>{_text(self._author)}</dc:creator>{when}"
            "</cp:coreProperties>",
        )

    def _part(self, name: str, content: str) -> None:
        entry = zipfile.ZipInfo(name, NO_MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, XML + content)


class Sheet:
    """Rows from the top down; `kinds` names each column's kind (`KINDS`)."""

    def __init__(self, file: Any, kinds: Sequence[str], widths: Sequence[int]) -> None:
        self.file, self._kinds = file, tuple(kinds)
        self._numbers = count(1)
        self._cells = [_cell_writer(letters(index), kind) for index, kind in enumerate(kinds)]
        self._begun = False
        self._widths = list(widths) or [WIDTHS[kind] for kind in kinds]
        self._last_heading, self._pending = 0, ""

    def head(self, cells: Iterable[str]) -> None:
        """A row in bold. Call it before the first row of data: what is above stays in sight."""
        number = next(self._numbers)
        self._last_heading = number
        self._pending = self._pending + _row(
            number, (_text_cell(letters(index), number, str(cell), HEADING) for index, cell in enumerate(cells))
        )

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        self._begin()
        piece: list[str] = []
        writers, write = self._cells, self.file.write
        # The rows first: their end must not cost a number.
        for row, number in zip(rows, self._numbers, strict=False):
            if number > MOST_ROWS:
                raise ValueError(f"a sheet holds {MOST_ROWS} rows")
            cells = [put(number, cell) for put, cell in zip(writers, row, strict=True) if cell is not None]
            piece.append(f'<row r="{number}">{"".join(cells)}</row>')
            if len(piece) == ROWS_AT_ONCE:
                write("".join(piece).encode())
                piece.clear()
        write("".join(piece).encode())

    def total(self, row: Sequence[Any]) -> None:
        """The last row, in bold under a line."""
        self._begin()
        number = next(self._numbers)
        cells = (
            _cell_writer(letters(index), kind, TOTAL)(number, cell)
            for index, (kind, cell) in enumerate(zip(self._kinds, row, strict=True))
            if cell is not None
        )
        self.file.write(_row(number, cells).encode())

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        frozen = self._last_heading
        pane = (
            f'<pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" activePane="bottomLeft" state="frozen"/>'
            if frozen
            else ""
        )
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(self._widths, 1)
        )
        self.file.write(
            (
                f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView>'
                f"</sheetViews><cols>{columns}</cols><sheetData>{self._pending}"
            ).encode()
        )

    def end(self) -> None:
        self._begin()
        self.file.write(b"</sheetData></worksheet>")
        self.file.close()


def _row(number: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _text(value: str) -> str:
    return escape(FORBIDDEN.sub("", value)[:MOST_SIGNS])


def _text_cell(column: str, number: int, value: str, style: int) -> str:
    return f'<c r="{column}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'


def _cell_writer(column: str, kind: str, base: int = 0) -> Any:
    """A function of row number and value; a total's first cell may be a word in a column of figures."""
    style = KINDS[kind] + base
    before, plain = f'<c r="{column}', f'" s="{style}"><v>'
    words, after = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"

    def put(number: int, value: Any) -> str:
        if isinstance(value, str):
            if value.isalnum():
                return f"{before}{number}{words}{value[:MOST_SIGNS]}{after}"
            return f"{before}{number}{words}{_text(value)}{after}"
        if isinstance(value, dt.date):
            value = serial(value)
        elif isinstance(value, Decimal):
            value = format(value, "f")
        return f"{before}{number}{plain}{value}</v></c>"

    return put


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    """At most 31 signs, none that Excel forbids, never twice."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", name)[:31].strip("' ") or "-"
    return clean if clean not in taken else _sheet_name(f"{clean[:28]} {len(taken) + 1}", taken)
