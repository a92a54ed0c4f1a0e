"""Tables that people keep in CSV or in a spreadsheet, read row by row with their columns found by name."""

import codecs
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pyogrio
from django.utils.translation import gettext as _

from polygons.services.imports import ImportRefused

BATCH_ROWS = 16_384
DELIMITERS = ",;\t|"
Columns = Mapping[str, tuple[str, ...]]


def read_table(path: Path, columns: Columns, optional: tuple[str, ...] = ()) -> Iterator[list[Any]]:
    """Rows of (line, *cells), the cells stripped text in the order of `columns`; "" where an optional one is absent.

    `columns` maps a name of ours to the headings it may have, in any case. CSV is streamed; of an XLSX the first sheet
    is read, which the reader holds in memory. Raises ImportRefused where the file cannot be read or lacks a column.
    """
    if not path.is_file():
        raise ImportRefused(_("There is no file %(file)s.") % {"file": path})
    rows = _sheet(path) if path.suffix.lower() in {".xlsx", ".ods"} else _csv(path)
    header = [str(name).strip().upper() for name in next(rows, (0, []))[1]]
    places = [next((header.index(name) for name in names if name in header), None) for names in columns.values()]
    lacking = [
        names[0]
        for (name, names), place in zip(columns.items(), places, strict=True)
        if place is None and name not in optional
    ]
    if lacking:
        raise ImportRefused(
            _("%(file)s lacks the columns %(lacking)s; it has %(found)s.")
            % {"file": path.name, "lacking": ", ".join(lacking), "found": ", ".join(header) or "—"}
        )
    for line, cells in rows:
        if any(cells):
            yield [line, *("" if at is None or at >= len(cells) else cells[at] for at in places)]


def encoding_of(binary: IO[bytes]) -> str:
    """UTF-8 or, where it is not, Windows' Latin; decided on the whole file, since accents may come late."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := binary.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open("rb") as probe:
        encoding = encoding_of(probe)
    with path.open(encoding=encoding, newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        reader = csv.reader(stream, delimiter=max(DELIMITERS, key=first.count))
        for row in reader:
            yield reader.line_num, [cell.strip() for cell in row]


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    # Without it, a first row of text above text counts as data.
    pyogrio.set_gdal_config_options({"OGR_XLSX_HEADERS": "FORCE", "OGR_ODS_HEADERS": "FORCE"})
    try:
        fields = list(pyogrio.read_info(path)["fields"])
        yield 1, fields
        line = 1
        with pyogrio.open_arrow(path, batch_size=BATCH_ROWS, use_pyarrow=True) as (_meta, batches):
            for batch in batches:
                for values in zip(*(batch.column(name).to_pylist() for name in fields), strict=True):
                    line += 1
                    yield line, [_text(value) for value in values]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise ImportRefused(
            _("%(file)s cannot be read as a spreadsheet: %(error)s") % {"file": path.name, "error": error}
        ) from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
