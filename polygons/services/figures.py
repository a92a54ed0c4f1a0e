"""Tables of units and indicators as people have them: CSV, also packed by gzip, and XLSX, with named columns."""

import csv
import gzip
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
from django.utils.translation import gettext as _

from polygons.marginalisation import Numbers
from polygons.models import Level
from polygons.services.imports import ImportRefused

STATE = r"(0[1-9]|[12]\d|3[0-2])"
# Level -> length and pattern of its key.
KEYS = {
    Level.STATE: (2, STATE),
    Level.MUNICIPALITY: (5, STATE + r"\d{3}"),
    Level.LOCALITY: (9, STATE + r"\d{7}"),
    Level.AGEB: (13, STATE + r"\d{10}[0-9A-P]"),
}
# How INEGI, CONAPO and people write that there is no figure.
MISSING = {"", "*", "N/D", "ND", "NA", "N/A", "-"}
# A file of all AGEBs has 15 MB.
MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class Table:
    """Cells as text, row by row under `header`; `lines` are the lines of the file, counted from 1."""

    name: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str) -> int:
        if name not in self.header:
            raise ImportRefused(
                _("%(file)s has no column %(column)s. It has: %(columns)s.")
                % {"file": self.name, "column": name, "columns": ", ".join(self.header)}
            )
        return self.header.index(name)


@dataclass(frozen=True)
class Figures:
    """Units by key and their indicators (units × indicators); NaN where there is no figure."""

    codes: list[str]
    values: Numbers


def read_table(path: Path) -> Table:
    if not path.is_file():
        raise ImportRefused(_("There is no file %(file)s.") % {"file": path})
    if path.suffix.lower() == ".xlsx":
        return _read_xlsx(path)
    records = list(csv.reader(io.StringIO(text := _text_of(path), newline=""), delimiter=_delimiter(text)))
    numbered = [(line, row) for line, row in enumerate(records, start=1) if any(cell.strip() for cell in row)]
    if not numbered:
        raise ImportRefused(_("%(file)s is empty.") % {"file": path.name})
    return _table(path, numbered[0][1], numbered[1:])


def _table(path: Path, header: Sequence[str], numbered: Sequence[tuple[int, list[str]]]) -> Table:
    width = len(header)
    rows = [[cell.strip() for cell in row] + [""] * (width - len(row)) for _line, row in numbered]
    return Table(path.name, [name.strip() for name in header], rows, [line for line, _row in numbered])


def _text_of(path: Path) -> str:
    """UTF-8, or what older spreadsheets write."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ImportRefused(_("%(file)s cannot be read.") % {"file": path.name}) from error
    if len(raw) > MOST_BYTES:
        raise ImportRefused(_("%(file)s is too large.") % {"file": path.name})
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return ";" if header.count(";") > header.count(",") else ","


def _read_xlsx(path: Path) -> Table:
    """The first sheet, its first row the header."""
    options = {"OGR_XLSX_HEADERS": "FORCE", "OGR_XLSX_FIELD_TYPES": "STRING"}
    pyogrio.set_gdal_config_options(options)
    try:
        layer = pyogrio.list_layers(path)[0][0]
        _meta, table = pyogrio.read_arrow(path, layer=layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError) as error:
        raise ImportRefused(_("%(file)s cannot be read.") % {"file": path.name}) from error
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(options))
    columns = [[cell or "" for cell in column] for column in table.to_pydict().values()]
    rows = [(line, list(row)) for line, row in enumerate(zip(*columns, strict=True), start=2) if any(row)]
    return _table(path, table.column_names, rows)


def codes_of(table: Table, column: str, level: Level) -> list[str]:
    """Keys with the zeros a spreadsheet ate. Raises ImportRefused at the first that is none, or stands twice."""
    length, pattern = KEYS[level]
    place = table.column(column)
    codes = [row[place].zfill(length).upper() for row in table.rows]
    seen: set[str] = set()
    for code, line in zip(codes, table.lines, strict=True):
        if not re.fullmatch(pattern, code):
            raise _at(table, line, _("“%(cell)s” is not a key of this level (%(level)s).") % _cell(code, level))
        if code in seen:
            raise _at(table, line, _("the key %(cell)s stands more than once.") % {"cell": code})
        seen.add(code)
    return codes


def _cell(code: str, level: Level) -> dict[str, str]:
    return {"cell": code, "level": str(level.label).lower()}


def numbers_of(table: Table, columns: Sequence[str]) -> Numbers:
    """Rows × columns; NaN where a cell says that there is no figure. Raises ImportRefused at the first other text."""
    places = [table.column(name) for name in columns]
    values = np.full((len(table.rows), len(columns)), np.nan)
    for number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        for position, place in enumerate(places):
            cell = row[place]
            if cell.upper() in MISSING:
                continue
            try:
                values[number, position] = float(cell)
            except ValueError:
                values[number, position] = np.inf
            if np.isinf(values[number, position]) or np.isnan(values[number, position]):
                raise _at(table, line, _("%(column)s is not a number: “%(cell)s”.") % _named(columns[position], cell))
    return values


def _named(column: str, cell: str) -> dict[str, str]:
    return {"column": column, "cell": cell}


def _at(table: Table, line: int, fault: str) -> ImportRefused:
    return ImportRefused(f"{table.name}:{line}: {fault}")
