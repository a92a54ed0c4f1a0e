"""INEGI's results by AGEB and block (RESAGEBURB): staged by level, and what does not belong there refused.

One file mixes five levels of rows: state (MUN 000), municipality (LOC 0000), locality (AGEB 0000), AGEB (MZA 000) and
blocks. Which columns are read is said in `polygons/concepts.py`.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.copying import Ahead, copy_arrays
from habitat.lib.postgis import make_staging, make_staging_as
from habitat.lib.progress import Progress
from polygons.concepts import VINTAGE_BY_YEAR, YEARS, Vintage
from polygons.services.census_file import read_batches
from polygons.services.equivalences import offered, stage_offers, take_offers
from polygons.services.imports import ImportRefused, Run

# Of some 3,000 rows, 0.6 MB each: two thirds of the country.
BATCHES_AHEAD = 64


@contextmanager
def read_census(path: Path | None, vintage: Vintage) -> Iterator[Iterator[Any]]:
    """The file's batches, read by a thread while the database is busy with something else; none without a file."""
    with closing(Ahead(read_batches(path, vintage) if path else (), BATCHES_AHEAD)) as batches:
        yield batches


def stage_census(
    run: Run,
    batches: Iterator[Any],
    path: Path,
    vintage: Vintage,
    progress: Progress,
    *,
    apply_equivalences: bool = False,
) -> None:
    """Fill `census_row`: line, level, code, name, the counts, missing.

    `batches` are those of read_census(). The counts are those of the vintage. Rejected lines are told to `run`. Raises
    ImportRefused where the file is not a RESAGEBURB, or of another census.
    """
    kinds = {"line": "integer"} | dict.fromkeys(("level", "code", "name", "reason", "detail"), "text")
    kinds |= dict.fromkeys(vintage.counts, "integer") | {"missing": "jsonb"}
    make_staging(run.cursor, "census_row", ", ".join(f"{name} {kind}" for name, kind in kinds.items()))
    copy_arrays(run.cursor, "census_row", list(kinds), progress.over_batches(batches, path.name))
    stage_offers(run, "municipality")
    if apply_equivalences:
        changes = "code = offer.known || substr(code, 6)"
        take_offers(run, "municipality", "census_row", changes, "left(census_row.code, 5)")
    run.cursor.execute("ANALYZE census_row (code, line, level); SELECT count(*) FROM census_row")
    run.counts["census_rows"] = run.cursor.fetchone()[0]
    make_staging_as(run.cursor, "census_fault", FAULTS)
    run.reject("SELECT %s, line, code, reason, detail FROM census_fault", (path.name,))
    run.cursor.execute("DELETE FROM census_row USING census_fault AS fault WHERE fault.line = census_row.line")
    run.reject(
        "SELECT %s, line, code, 'check_digit', 'AGEB ' || right(code, 4) || ' / ' || digit FROM ("
        f" SELECT line, code, {_check_digit_sql('code')} AS digit FROM census_row WHERE level = 'ageb') AS ageb"
        " WHERE right(code, 1) <> digit",
        (path.name,),
    )


# What stands higher is told first; blank and bad_number come last.
FAULTS = f"""
    WITH twice AS (
        SELECT code FROM census_row GROUP BY code HAVING count(*) > 1
    ), judged AS (
        SELECT line, census_row.code, detail, CASE
            WHEN reason = 'bad_key' THEN reason
            WHEN state.code IS NULL THEN 'unknown_state'
            WHEN municipality.code IS NULL AND level <> 'state' THEN 'unknown_municipality'
            WHEN twice.code IS NOT NULL THEN 'duplicate'
            ELSE reason
        END AS reason
        FROM census_row
        LEFT JOIN polygons_state AS state ON state.code = left(census_row.code, 2)
        LEFT JOIN polygons_municipality AS municipality ON municipality.code = left(census_row.code, 5)
        LEFT JOIN twice ON twice.code = census_row.code
    )
    SELECT line, code, reason, CASE reason
        WHEN 'unknown_state' THEN left(code, 2)
        WHEN 'unknown_municipality' THEN coalesce({offered("municipality", "left(code, 5)")}, left(code, 5))
        WHEN 'duplicate' THEN NULL
        ELSE detail
    END AS detail
    FROM judged WHERE reason IS NOT NULL
"""


def census_of(year: int) -> Vintage:
    """Raises ImportRefused for a year without a census we can read."""
    if year not in VINTAGE_BY_YEAR:
        raise ImportRefused(
            _("There is no census of %(year)s that can be read; there are %(years)s.")
            % {"year": year, "years": ", ".join(str(known) for known in YEARS)}
        )
    return VINTAGE_BY_YEAR[year]


def _check_digit_sql(code: str) -> str:
    """The AGEB's 4th character: weights over state, municipality and AGEB digits, mod 11, ten is A (domain, 7.1).

    Weights of a 13-character key by position; the locality (positions 6 to 9) does not enter.
    """
    weights = {1: 4, 2: 5, 3: 6, 4: 7, 5: 8, 10: 9, 11: 4, 12: 5}
    total = " + ".join(f"{weight} * substr({code}, {place}, 1)::integer" for place, weight in weights.items())
    return f"CASE mod({total}, 11) WHEN 10 THEN 'A' ELSE mod({total}, 11)::text END"
