"""Households in poverty by block, which no census gives: importing the estimates."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as, merge
from habitat.lib.progress import SILENT, Progress
from polygons.services.census import census_of
from polygons.services.equivalences import offered, stage_block_offers, stage_offers, take_offers
from polygons.services.freshness import drafts_in_line, published_behind
from polygons.services.imports import ImportRefused, Run, import_run
from polygons.services.rollups import refresh_totals
from polygons.services.spreadsheets import read_table

COLUMNS = {
    "code": ("CVEGEO", "CVE_GEO", "CLAVE", "KEY"),
    "households": ("HOGARES", "HOUSEHOLDS"),
    "poor_households": ("HOGARES_POBRES", "POBRES", "POOR_HOUSEHOLDS"),
}

# A spreadsheet eats the zero of the states 01 to 09.
PADDED = "UPDATE poverty_line SET code = upper(CASE WHEN length(code) = 15 THEN '0' || code ELSE code END)"
CHECKED = r"""
    SELECT line.*, CASE
        WHEN line.code IS NULL OR line.code !~ '^(0[1-9]|[12]\d|3[0-2])\d{10}[0-9A-P]\d{3}$' THEN 'bad_key'
        WHEN municipality.code IS NULL THEN 'unknown_municipality'
        WHEN count(*) OVER (PARTITION BY line.code) > 1 THEN 'duplicate'
        WHEN households IS NULL OR poor_households IS NULL THEN 'blank'
        WHEN households !~ '^\d{1,9}$' OR poor_households !~ '^\d{1,9}$' THEN 'bad_count'
        -- CASE looks at each in turn: only whole numbers come this far.
        WHEN CASE WHEN households ~ '^\d{1,9}$' AND poor_households ~ '^\d{1,9}$'
                  THEN poor_households::bigint > households::bigint END THEN 'more_poor'
    END AS reason
    FROM poverty_line AS line LEFT JOIN polygons_municipality AS municipality ON municipality.code = left(line.code, 5)
"""
ROWS = """
    SELECT line, code, %s::smallint AS vintage, left(code, 5) AS municipality_id, households::integer,
           poor_households::integer, %s::text AS method, %s::text AS source
    FROM poverty_checked WHERE reason IS NULL
"""


def import_poverty(
    path: Path,
    *,
    vintage: int,
    method: str,
    source: str,
    apply_equivalences: bool = False,
    by: Any = None,
    dry_run: bool = False,
    errors: Path | None = None,
    progress: Progress = SILENT,
) -> Run:
    """Bring the estimates of the file's blocks in line with it; what is equal is not written, what it lacks stays.

    Sums of drafts follow at once; those of published versions keep what was published, and the run counts how many
    are behind. With `apply_equivalences`, a municipality's or block's key that is unknown but known under another one
    alone takes that. Raises ImportRefused where the file cannot be read, the year has no census, or method or source is
    missing.
    """
    census_of(vintage)
    if not method.strip() or not source.strip():
        raise ImportRefused(_("Say by which method the households were estimated, and the source."))
    with import_run("import_poverty", path, by=by, dry_run=dry_run, errors=errors) as run:
        make_staging(run.cursor, "poverty_line", "line integer, code text, households text, poor_households text")
        rows = progress.over(read_table(path, COLUMNS), path.name)
        copy_rows(run.cursor, "poverty_line", ("line", *COLUMNS), rows)
        run.cursor.execute(PADDED)
        _find_keys(run, vintage, apply_equivalences=apply_equivalences)
        make_staging_as(run.cursor, "poverty_checked", CHECKED)
        run.reject(
            "SELECT %s, line, code, reason, CASE reason WHEN 'unknown_municipality' THEN"
            f" coalesce({offered('municipality', 'left(code, 5)')}, left(code, 5))"
            " ELSE concat_ws(' / ', poor_households, households) END FROM poverty_checked WHERE reason IS NOT NULL",
            (path.name,),
        )
        make_staging_as(run.cursor, "poverty_row", ROWS, [vintage, method.strip(), source.strip()])
        _merge(run, path)
        if run.counts["blocks_inserted"] or run.counts["blocks_updated"]:
            refresh_totals([vintage])
        run.counts["draft_versions_updated"] = drafts_in_line(run.cursor, vintage)
        run.counts["published_versions_behind"] = published_behind(run.cursor, vintage)
    return run


def _find_keys(run: Run, vintage: int, *, apply_equivalences: bool) -> None:
    """What the table of equivalences offers for unknown municipalities, then for unknown blocks of the census."""
    stage_offers(run, "municipality")
    if apply_equivalences:
        change = "code = offer.known || substr(poverty_line.code, 6)"
        take_offers(run, "municipality", "poverty_line", change, "left(poverty_line.code, 5)")
    stage_block_offers(run, f"SELECT code FROM polygons_block WHERE vintage = {vintage:d}", "poverty_line")
    if apply_equivalences:
        take_offers(run, "block", "poverty_line", "code = offer.known", "poverty_line.code")


def _merge(run: Run, path: Path) -> None:
    run.cursor.execute("SELECT count(*) FROM poverty_checked")
    run.counts["rows"] = run.cursor.fetchone()[0]
    columns = ("municipality_id", "households", "poor_households", "method", "source")
    written = merge(run.cursor, "poverty_row", "polygons_householdpoverty", key=("code", "vintage"), columns=columns)
    run.counts |= {f"blocks_{kind}": rows for kind, rows in written._asdict().items()}
    run.reject(
        f"SELECT %s, row.line, row.code, 'without_block', {offered('block', 'row.code')} FROM poverty_row AS row"
        " LEFT JOIN polygons_block AS block USING (code, vintage) WHERE block.id IS NULL",
        (path.name,),
    )
