"""INEGI's results by AGEB and block (RESAGEBURB): read, checked and sorted into levels by the database.

One file mixes five levels of rows: state (MUN 000), municipality (LOC 0000), locality (AGEB 0000), AGEB (MZA 000) and
blocks. Which columns are read is said in `polygons/concepts.py`.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as
from habitat.lib.progress import Progress
from polygons.concepts import VINTAGE_BY_YEAR, YEARS, Vintage, vintage_of
from polygons.services.equivalences import offered, stage_offers, take_offers
from polygons.services.imports import ImportRefused, Run

KEY_COLUMNS = {"ent": "ENTIDAD", "mun": "MUN", "loc": "LOC", "ageb": "AGEB", "mza": "MZA"}
KEY_LENGTHS = {"ent": 2, "mun": 3, "loc": 4, "ageb": 4, "mza": 3}
NAME_COLUMNS = {"nom_ent": "NOM_ENT", "nom_mun": "NOM_MUN", "nom_loc": "NOM_LOC"}

KEY_PATTERN = r"^(0[1-9]|[12]\d|3[0-2])\d{7}\d{3}[0-9A-P]\d{3}$"
# A municipality's key as the file writes it, with the zeros a spreadsheet ate.
MUNICIPALITY_IN_FILE = "lpad(btrim(census_line.ent), 2, '0') || lpad(btrim(census_line.mun), 3, '0')"
CELL = r"(\d{1,9}|\*|N/D)"


def stage_census(
    run: Run, path: Path, vintage: Vintage, progress: Progress, *, apply_equivalences: bool = False
) -> None:
    """Fill `census_row`: line, level, code, name, ageb_code, municipality_id, locality_id, the counts, missing.

    The counts are those of the vintage. Rejected lines are told to `run`. Raises ImportRefused where the file is not a
    RESAGEBURB, or of another census.
    """
    counts = vintage.counts
    texts = ", ".join(f"{name} text" for name in (*KEY_COLUMNS, *NAME_COLUMNS))
    # A column that the file may lack is "not available" in every row.
    numbers = ", ".join(f"{name} text DEFAULT 'N/D'" for name in counts)
    make_staging(run.cursor, "census_line", f"line integer, {texts}, {numbers}")
    with _open_text(path) as stream:
        reader = csv.reader(stream)
        header = [name.strip().upper() for name in next(reader, [])]
        places = _places(header, vintage)
        rows = progress.over(_lines(reader, len(header), list(places.values())), path.name)
        copy_rows(run.cursor, "census_line", ("line", *places), rows)
    stage_offers(run, "municipality")
    if apply_equivalences:
        changes = "ent = left(offer.known, 2), mun = right(offer.known, 3)"
        take_offers(run, "municipality", "census_line", changes, MUNICIPALITY_IN_FILE)
    make_staging_as(run.cursor, "census_checked", _checked_sql(counts))
    run.cursor.execute("SELECT count(*) FROM census_checked")
    run.counts["census_rows"] = run.cursor.fetchone()[0]
    run.reject(
        f"SELECT %s, line, code, reason, {_detail_sql(vintage)} FROM census_checked WHERE reason IS NOT NULL",
        (path.name,),
    )
    make_staging_as(run.cursor, "census_row", _row_sql(counts))
    run.reject(
        "SELECT %s, line, code, 'check_digit', 'AGEB ' || right(code, 4) || ' / ' || digit FROM ("
        f" SELECT line, code, {_check_digit_sql('code')} AS digit FROM census_row WHERE level = 'ageb') AS ageb"
        " WHERE right(code, 1) <> digit",
        (path.name,),
    )


@contextmanager
def _open_text(path: Path) -> Iterator[IO[str]]:
    """The file, or the largest CSV of a zip: INEGI packs its dictionaries beside the data."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            tables = [item for item in archive.infolist() if item.filename.lower().endswith(".csv")]
            if not tables:
                raise ImportRefused(_("There is no CSV file in %(file)s.") % {"file": path.name})
            largest = max(tables, key=lambda item: item.file_size)
            with archive.open(largest) as probe:
                encoding = _encoding(probe)
            with archive.open(largest) as binary, io.TextIOWrapper(binary, encoding, newline="") as stream:
                yield stream
    else:
        with path.open("rb") as probe:
            encoding = _encoding(probe)
        with path.open(encoding=encoding, newline="") as stream:
            yield stream


def _encoding(binary: IO[bytes]) -> str:
    """UTF-8 since 2020, Latin-1 before; decided on the whole file, since accents may come late."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := binary.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


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


def census_of(year: int) -> Vintage:
    """Raises ImportRefused for a year without a census we can read."""
    if year not in VINTAGE_BY_YEAR:
        raise ImportRefused(
            _("There is no census of %(year)s that can be read; there are %(years)s.")
            % {"year": year, "years": ", ".join(str(known) for known in YEARS)}
        )
    return VINTAGE_BY_YEAR[year]


def _lines(reader: Iterator[list[str]], width: int, places: list[int]) -> Iterator[list[str | int]]:
    for row in reader:
        if row:
            row += [""] * (width - len(row))
            yield [reader.line_num, *(row[place] for place in places)]  # type: ignore[attr-defined]


def _padded(column: str) -> str:
    """Spreadsheets eat leading zeros: they are put back; what is too long stays, to be refused."""
    length = KEY_LENGTHS[column]
    return (
        f"CASE WHEN length(btrim({column})) < {length} THEN lpad(btrim({column}), {length}, '0')"
        f" ELSE btrim({column}) END AS {column}"
    )


def _checked_sql(counts: tuple[str, ...]) -> str:
    cells = "array_to_string(ARRAY[" + ", ".join(counts) + "], ' ', '')"
    return f"""
        WITH padded AS (
            SELECT line, {", ".join(_padded(name) for name in KEY_COLUMNS)}, {", ".join(NAME_COLUMNS)},
                   {", ".join(f"upper(btrim({name})) AS {name}" for name in counts)}
            FROM census_line
        ), keyed AS (
            SELECT *, {cells} AS cells, upper(concat(ent, mun, loc, ageb, mza)) AS whole,
                   CASE WHEN mun = '000' THEN 'state' WHEN loc = '0000' THEN 'municipality'
                        WHEN ageb = '0000' THEN 'locality' WHEN mza = '000' THEN 'ageb' ELSE 'block' END AS level
            FROM padded
        ), coded AS (
            SELECT *, left(whole, CASE level WHEN 'state' THEN 2 WHEN 'municipality' THEN 5 WHEN 'locality' THEN 9
                                             WHEN 'ageb' THEN 13 ELSE 16 END) AS code
            FROM keyed
        )
        SELECT coded.*, CASE
            WHEN length(whole) <> 16 OR whole !~ '{KEY_PATTERN}' THEN 'bad_key'
            WHEN state.code IS NULL THEN 'unknown_state'
            WHEN level <> 'state' AND municipality.code IS NULL THEN 'unknown_municipality'
            WHEN count(*) OVER (PARTITION BY coded.code) > 1 THEN 'duplicate'
            WHEN cells ~ '(^ |  | $)' THEN 'blank'
            WHEN cells !~ '^{CELL}( {CELL})*$' THEN 'bad_number'
        END AS reason
        FROM coded
        LEFT JOIN polygons_state AS state ON state.code = left(whole, 2)
        LEFT JOIN polygons_municipality AS municipality ON municipality.code = left(whole, 5)
    """


def _detail_sql(vintage: Vintage) -> str:
    """The columns at fault, by INEGI's names; for an unknown place, its key."""
    column_of = {name: columns[0] for name, columns in vintage.columns.items()}.items()
    blank = ", ".join(f"CASE WHEN {name} IS NULL OR {name} = '' THEN '{column}' END" for name, column in column_of)
    wrong = ", ".join(f"CASE WHEN {name} !~ '^{CELL}$' THEN '{column} = ' || {name} END" for name, column in column_of)
    return f"""CASE reason
        WHEN 'blank' THEN concat_ws(', ', {blank})
        WHEN 'bad_number' THEN concat_ws(', ', {wrong})
        WHEN 'unknown_municipality' THEN coalesce({offered("municipality", "left(whole, 5)")}, left(whole, 5))
        WHEN 'unknown_state' THEN left(whole, 2)
    END"""


def _row_sql(names: tuple[str, ...]) -> str:
    counts = ", ".join(f"CASE WHEN {name} ~ '^\\d' THEN {name}::integer END AS {name}" for name in names)
    reasons = ", ".join(f"'{name}', CASE WHEN {name} !~ '^\\d' THEN {name} END" for name in names)
    return f"""
        SELECT line, level, code,
               CASE level WHEN 'state' THEN nom_ent WHEN 'municipality' THEN nom_mun WHEN 'ageb' THEN right(code, 4)
                          ELSE nom_loc END AS name,
               left(code, 13) AS ageb_code, left(code, 5) AS municipality_id, left(code, 9) AS locality_id,
               {counts}, jsonb_strip_nulls(jsonb_build_object({reasons})) AS missing
        FROM census_checked WHERE reason IS NULL
    """


def _check_digit_sql(code: str) -> str:
    """The AGEB's 4th character: weights over state, municipality and AGEB digits, mod 11, ten is A (domain, 7.1).

    Weights of a 13-character key by position; the locality (positions 6 to 9) does not enter.
    """
    weights = {1: 4, 2: 5, 3: 6, 4: 7, 5: 8, 10: 9, 11: 4, 12: 5}
    total = " + ".join(f"{weight} * substr({code}, {place}, 1)::integer" for place, weight in weights.items())
    return f"CASE mod({total}, 11) WHEN 10 THEN 'A' ELSE mod({total}, 11)::text END"
