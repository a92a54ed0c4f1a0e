"""Census files as columns: opened, decoded, cut into Arrow batches; keys put together, cells told apart."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.utils.translation import gettext as _

from polygons.concepts import Vintage, vintage_of
from polygons.services.imports import ImportRefused
from polygons.services.spreadsheets import encoding_of

KEY_COLUMNS = {"ent": "ENTIDAD", "mun": "MUN", "loc": "LOC", "ageb": "AGEB", "mza": "MZA"}
KEY_LENGTHS = {"ent": 2, "mun": 3, "loc": 4, "ageb": 4, "mza": 3}
NAME_COLUMNS = {"nom_ent": "NOM_ENT", "nom_mun": "NOM_MUN", "nom_loc": "NOM_LOC"}

KEY_PATTERN = r"^(0[1-9]|[12][0-9]|3[0-2])[0-9]{7}[0-9]{3}[0-9A-P][0-9]{3}$"
LONGEST_NUMBER = 9
# Some 3,000 rows of INEGI's 230 columns. Arrow reads up to 32 such blocks ahead: larger ones are memory.
BLOCK_BYTES = 2 << 20
# First byte of a jsonb on its way into the database.
JSONB = "\x01"
# What stands for a number that is not told: confidential, not available.
SIGNS = ("", "*", "N/D")
TEXT = pa.string()
NOTHING = pa.scalar(None, TEXT)


def read_batches(path: Path, vintage: Vintage) -> Iterator[list[pa.Array]]:
    """Per batch: line, level, code, name, reason, detail, the vintage's counts, missing (as jsonb's bytes).

    `reason` is of the row by itself: bad_key, or blank or bad_number with the cells at fault as `detail`.
    Raises ImportRefused where the file is not a RESAGEBURB, or of another census.
    """
    with _open_bytes(path) as (stream, encoding):
        header = [name.strip().upper() for name in next(csv.reader([stream.readline().decode(encoding)]), [])]
        places = _places(header, vintage)
        for line, columns in _tables(stream, encoding.removesuffix("-sig"), len(header), places):
            yield [line, *_checked(columns, vintage)]


@contextmanager
def _open_bytes(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """The file, or the largest CSV of a zip: INEGI packs its dictionaries beside the data; and its encoding."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            tables = [item for item in archive.infolist() if item.filename.lower().endswith(".csv")]
            if not tables:
                raise ImportRefused(_("There is no CSV file in %(file)s.") % {"file": path.name})
            largest = max(tables, key=lambda item: item.file_size)
            with archive.open(largest) as probe:
                encoding = encoding_of(probe)
            with archive.open(largest) as stream:
                yield stream, encoding
    else:
        with path.open("rb") as probe:
            encoding = encoding_of(probe)
        with path.open("rb") as stream:
            yield stream, encoding


def _places(header: list[str], vintage: Vintage) -> dict[str, int]:
    """Staged column -> its place in the file."""
    columns = {name: (column,) for name, column in (KEY_COLUMNS | NAME_COLUMNS).items()} | dict(vintage.columns)
    found = {name: next((column for column in names if column in header), None) for name, names in columns.items()}
    _refuse_another_vintage(vintage_of(header), vintage)
    lacking = [columns[name][0] for name, column in found.items() if not column and name not in vintage.optional]
    if lacking:
        words = _("This is not a census file by AGEB and block: it lacks %(columns)s.")
        if lacking == ["VIVPARH_CV"]:
            words = _(
                "The file lacks %(columns)s, which INEGI added to the results of 2020 on 16 March 2021. Take the newer"
                " file: shares of any other column are too low."
            )
        raise ImportRefused(words % {"columns": ", ".join(lacking)})
    return {name: header.index(column) for name, column in found.items() if column}


def _refuse_another_vintage(found: Vintage | None, asked: Vintage) -> None:
    if found and found is not asked:
        raise ImportRefused(
            _(
                "The file's columns are those of %(found)s; you asked for the census of %(asked)s. Columns of one"
                " census do not mean the same in another: import it with --vintage %(year)s."
            )
            % {"found": found.label, "asked": asked.year, "year": found.year}
        )


def _tables(
    stream: IO[bytes], encoding: str, width: int, places: dict[str, int]
) -> Iterator[tuple[pa.Array, dict[str, pa.Array]]]:
    """Line numbers and the wanted columns, all text; rows of another width are filled up with blanks."""
    odd: list[tuple[int, str]] = []

    def keep_odd(row: Any) -> str:
        # Its number counts from 1 behind the header.
        odd.append((row.number + 1, row.text))
        return "skip"

    names = [f"column_{number}" for number in range(width)]
    wanted = {name: names[place] for name, place in places.items()}
    try:
        reader = pa.csv.open_csv(
            stream,
            # With threads, Arrow does not know the number of an odd row.
            pa.csv.ReadOptions(use_threads=False, column_names=names, encoding=encoding, block_size=BLOCK_BYTES),
            pa.csv.ParseOptions(invalid_row_handler=keep_odd, ignore_empty_lines=False),
            pa.csv.ConvertOptions(
                include_columns=list(wanted.values()),
                column_types=dict.fromkeys(names, TEXT),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        if stream.read(1):
            raise
        return
    rows = 0
    for batch in reader:
        numbers = np.arange(rows + 2, rows + 2 + len(batch), dtype=np.int32)
        rows += len(batch)
        for number, _text in odd:
            numbers[numbers >= number] += 1
        yield pa.array(numbers), {name: batch.column(column) for name, column in wanted.items()}
    if filled := [(number, _filled(text, width)) for number, text in odd if text.strip()]:
        columns = {name: pa.array([row[place] for _number, row in filled], TEXT) for name, place in places.items()}
        yield pa.array([number for number, _row in filled], pa.int32()), columns


def _filled(text: str, width: int) -> list[str]:
    row = next(csv.reader(io.StringIO(text)))
    return row + [""] * (width - len(row))


def _checked(columns: dict[str, pa.Array], vintage: Vintage) -> list[pa.Array]:
    parts = {name: _padded(columns[name], length) for name, length in KEY_LENGTHS.items()}
    whole = pc.utf8_upper(pc.binary_join_element_wise(*parts.values(), ""))
    # From the highest level down, the first that says "total".
    level, code = pa.scalar("block"), pc.utf8_slice_codeunits(whole, 0, 16)
    name = columns["nom_loc"]
    for part, zeros, of_level, length, of_name in (
        ("mza", "000", "ageb", 13, pc.utf8_slice_codeunits(whole, 9, 13)),
        ("ageb", "0000", "locality", 9, columns["nom_loc"]),
        ("loc", "0000", "municipality", 5, columns["nom_mun"]),
        ("mun", "000", "state", 2, columns["nom_ent"]),
    ):
        is_total = pc.equal(parts[part], zeros)
        level = pc.if_else(is_total, of_level, level)
        code = pc.if_else(is_total, pc.utf8_slice_codeunits(whole, 0, length), code)
        name = pc.if_else(is_total, of_name, name)
    numbers, missing, reason, detail = _counts(columns, vintage, len(whole))
    is_key = pc.match_substring_regex(whole, KEY_PATTERN)
    reason = pc.if_else(is_key, reason, "bad_key")
    return [level, code, name, reason, pc.if_else(is_key, detail, NOTHING), *numbers, missing]


def _padded(cells: pa.Array, length: int) -> pa.Array:
    """Spreadsheets eat leading zeros: they are put back; what is too long stays, to be refused."""
    if pc.all(pc.and_(pc.equal(pc.binary_length(cells), length), pc.ascii_is_alnum(cells))).as_py():
        # As INEGI writes them.
        return cells
    return pc.utf8_lpad(pc.utf8_trim_whitespace(cells), length, "0")


def _counts(
    columns: dict[str, pa.Array], vintage: Vintage, rows: int
) -> tuple[list[pa.Array], pa.Array, pa.Array, pa.Array]:
    """Numbers with NULL for what is not told; why, as JSON; and the fault of rows with a cell that is neither."""
    numbers, texts = [], {}
    # Which of SIGNS stands in each cell.
    signs = np.zeros((rows, len(vintage.counts)), np.uint8)
    blank, wrong = np.zeros(rows, bool), np.zeros(rows, bool)
    for place, name in enumerate(vintage.counts):
        if name not in columns:
            # A column that the file may lack is "not available" in every row.
            numbers.append(pa.nulls(rows, pa.int32()))
            signs[:, place] = SIGNS.index("N/D")
            continue
        texts[name], is_number, signs[:, place] = _told(columns[name])
        numbers.append(pc.if_else(is_number, texts[name], NOTHING).cast(pa.int32()))
        odd = ~(np.asarray(is_number) | (signs[:, place] > 0))
        if odd.any():
            is_blank = np.asarray(pc.equal(texts[name], ""))
            blank |= is_blank
            wrong |= odd & ~is_blank
    reason = pc.if_else(pa.array(blank), "blank", pc.if_else(pa.array(wrong), "bad_number", NOTHING))
    return numbers, _missing(signs, tuple(vintage.counts)), reason, _details(texts, vintage, blank, wrong)


def _told(cells: pa.Array) -> tuple[pa.Array, pa.Array, np.ndarray]:
    """The cells, which of them are numbers, and which of SIGNS the others are; tidied only where one is neither."""
    for tidy in (lambda: cells, lambda: pc.utf8_upper(pc.utf8_trim_whitespace(cells))):
        tidied = tidy()
        is_number = pc.and_(pc.ascii_is_decimal(tidied), pc.less_equal(pc.binary_length(tidied), LONGEST_NUMBER))
        signs = np.zeros(len(cells), np.uint8)
        for place, sign in enumerate(SIGNS[1:], start=1):
            signs[np.asarray(pc.equal(tidied, sign))] = place
        if (np.asarray(is_number) | (signs > 0)).all():
            break
    return tidied, is_number, signs


def _missing(signs: np.ndarray, names: tuple[str, ...]) -> pa.Array:
    """As jsonb's bytes. Rows with the same signs, nearly all, share one text."""
    rows, width = signs.shape
    alike = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), rows, [None, pa.py_buffer(signs)]
    ).dictionary_encode()
    texts = [_as_json(names, row) for row in alike.dictionary.to_pylist()]
    return pa.array(texts, pa.binary()).take(alike.indices)


@lru_cache(maxsize=1 << 14)
def _as_json(names: tuple[str, ...], signs: bytes) -> bytes:
    told = ", ".join(f'"{name}": "{SIGNS[sign]}"' for name, sign in zip(names, signs, strict=True) if sign)
    return f"{JSONB}{{{told}}}".encode()


def _details(texts: dict[str, pa.Array], vintage: Vintage, blank: np.ndarray, wrong: np.ndarray) -> pa.Array:
    """The columns at fault, by INEGI's names."""
    details: list[str | None] = [None] * len(blank)
    for row in np.flatnonzero(blank | wrong):
        cells = {vintage.columns[name][0]: str(column[row]) for name, column in texts.items()}
        if blank[row]:
            details[row] = ", ".join(column for column, cell in cells.items() if not cell)
        else:
            details[row] = ", ".join(f"{column} = {cell}" for column, cell in cells.items() if not _is_told(cell))
    return pa.array(details, TEXT)


def _is_told(cell: str) -> bool:
    return cell in ("*", "N/D") or (cell.isascii() and cell.isdigit() and len(cell) <= LONGEST_NUMBER)
