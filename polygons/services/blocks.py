"""Importing city blocks: census rows and polygons, together or one after the other, in one transaction."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.postgis import Written, make_staging_as, merge
from habitat.lib.progress import SILENT, Progress
from polygons.concepts import Vintage
from polygons.services.census import census_of, stage_census
from polygons.services.cities import CITY_OF_LOCALITY, refresh_cities
from polygons.services.freshness import drafts_in_line, published_behind
from polygons.services.imports import ImportRefused, Run, import_run
from polygons.services.rollups import refresh_totals
from polygons.services.shapes import stage_shapes

MERCATOR = {"mercator": "ST_Transform(source.geometry, 3857)"}


def import_blocks(
    *,
    census: Path | None = None,
    geometry: Path | None = None,
    vintage: int,
    geometry_vintage: int | None = None,
    apply_equivalences: bool = False,
    by: Any = None,
    dry_run: bool = False,
    errors: Path | None = None,
    progress: Progress = SILENT,
) -> Run:
    """Bring the blocks of one census `vintage` in line with the files; what is equal is not written.

    With `apply_equivalences`, rows of a municipality that is unknown but known under another key take that key. A
    polygon that comes before its census row waits in UnmatchedShape. Returns the run with its counts and its
    rejected rows. Raises ImportRefused where a file as a whole cannot be read; then, as after any error, nothing has
    changed.
    """
    files = [path for path in (census, geometry) if path]
    if not files:
        raise ImportRefused(_("Give a census file, a geometry file, or both."))
    for path in files:
        if not path.is_file():
            raise ImportRefused(_("There is no file %(file)s.") % {"file": path})
    census_vintage = census_of(vintage)
    with import_run("import_blocks", *files, by=by, dry_run=dry_run, errors=errors) as run:
        if geometry:
            stage_shapes(run, geometry, progress)
            _hold_shapes(run, vintage, geometry_vintage or vintage)
        if census:
            stage_census(run, census, census_vintage, progress, apply_equivalences=apply_equivalences)
            _merge_localities(run)
            _merge_totals(run, census_vintage)
            _merge_blocks(run, census_vintage)
        if geometry:
            _merge_geometry(run, vintage)
        if run.counts.get("blocks_inserted"):
            # Later steps, and the next import, would plan for an empty table.
            run.cursor.execute("ANALYZE polygons_block, polygons_censustotal, polygons_locality")
        _settle_shapes(run, vintage)
        _report_unmatched(run, census, geometry)
        run.counts["cities"] = refresh_cities(run.cursor)
        if run.counts.get("blocks_inserted") or run.counts.get("blocks_updated"):
            refresh_totals([vintage])
            run.counts["draft_versions_updated"] = drafts_in_line(run.cursor, vintage)
            run.counts["published_versions_behind"] = published_behind(run.cursor, vintage)
    return run


def _add(run: Run, name: str, written: Written) -> None:
    for kind, rows in written._asdict().items():
        run.counts[f"{name}_{kind}"] = run.counts.get(f"{name}_{kind}", 0) + rows


def _hold_shapes(run: Run, vintage: int, geometry_vintage: int) -> None:
    run.cursor.execute(
        f"ALTER TABLE shape ADD COLUMN vintage integer DEFAULT {int(vintage)},"
        f" ADD COLUMN geometry_vintage integer DEFAULT {int(geometry_vintage)}"
    )
    run.cursor.execute("CREATE UNIQUE INDEX ON shape (code)")


def _merge_localities(run: Run) -> None:
    """A locality nobody knows yet is named as its blocks' rows name it."""
    make_staging_as(
        run.cursor,
        "locality_row",
        "SELECT locality_id AS code, municipality_id, min(name) AS name FROM census_row"
        " WHERE level = 'block' GROUP BY locality_id, municipality_id",
    )
    run.cursor.execute(
        "INSERT INTO polygons_locality (code, municipality_id, name)"
        " SELECT code, municipality_id, name FROM locality_row ON CONFLICT (code) DO NOTHING"
    )
    run.counts["localities_inserted"] = run.cursor.rowcount


def _of_row(vintage: Vintage) -> str:
    return ", ".join(f"row.{name}" for name in vintage.counts)


def _merge_totals(run: Run, vintage: Vintage) -> None:
    make_staging_as(
        run.cursor,
        "total_row",
        f"""
        SELECT row.level, row.code, {vintage.year} AS vintage, {_of_row(vintage)}, row.missing,
               coalesce(CASE row.level WHEN 'locality' THEN locality.name WHEN 'state' THEN state.name END, row.name)
                   AS name
        FROM census_row AS row
        LEFT JOIN polygons_locality AS locality ON locality.code = row.code
        LEFT JOIN polygons_state AS state ON state.code = row.code
        WHERE row.level <> 'block'
        """,
    )
    columns = ("name", *vintage.counts, "missing")
    key = ("level", "code", "vintage")
    _add(
        run,
        "totals",
        merge(run.cursor, "total_row", "polygons_censustotal", key=key, columns=columns, dated=False),
    )


def _merge_blocks(run: Run, vintage: Vintage) -> None:
    """Census columns, with the polygon where the file at hand or the waiting room has it; else what the block had."""
    has_shapes = "shape_rows" in run.counts
    make_staging_as(
        run.cursor,
        "block_row",
        f"""
        WITH city_of AS ({CITY_OF_LOCALITY}), offered AS (
            SELECT code, geometry, geometry_vintage FROM polygons_unmatchedshape
            WHERE vintage = %s {"AND code NOT IN (SELECT code FROM shape)" if has_shapes else ""}
            {"UNION ALL SELECT code, geometry, geometry_vintage FROM shape" if has_shapes else ""}
        )
        SELECT row.line, row.code, {vintage.year} AS vintage, row.ageb_code, row.municipality_id, row.locality_id,
               city_of.city_id, {_of_row(vintage)}, row.missing,
               coalesce(offered.geometry, known.geometry) AS geometry,
               CASE WHEN offered.code IS NULL THEN known.geometry_vintage ELSE offered.geometry_vintage END
                   AS geometry_vintage
        FROM census_row AS row
        LEFT JOIN city_of ON city_of.locality_id = row.locality_id
        LEFT JOIN offered ON offered.code = row.code
        LEFT JOIN polygons_block AS known ON known.code = row.code AND known.vintage = %s
        WHERE row.level = 'block'
        """,
        [vintage.year, vintage.year],
    )
    columns = (
        "ageb_code",
        "municipality_id",
        "locality_id",
        "city_id",
        *vintage.counts,
        "missing",
        "geometry",
        "geometry_vintage",
    )
    written = merge(
        run.cursor, "block_row", "polygons_block", key=("code", "vintage"), columns=columns, derived=MERCATOR
    )
    _add(run, "blocks", written)


def _merge_geometry(run: Run, vintage: int) -> None:
    """Polygons of blocks that the census file at hand, if any, did not name."""
    make_staging_as(
        run.cursor,
        "known_shape",
        "SELECT shape.* FROM shape JOIN polygons_block AS block USING (code, vintage)",
    )
    columns = ("geometry", "geometry_vintage")
    written = merge(
        run.cursor, "known_shape", "polygons_block", key=("code", "vintage"), columns=columns, derived=MERCATOR
    )
    _add(run, "blocks", written)


def _settle_shapes(run: Run, vintage: int) -> None:
    """Who found their census row leave the waiting room; who did not find one enter it."""
    run.cursor.execute(
        "DELETE FROM polygons_unmatchedshape AS waiting USING polygons_block AS block"
        " WHERE block.code = waiting.code AND block.vintage = waiting.vintage AND waiting.vintage = %s",
        [vintage],
    )
    if "shape_rows" not in run.counts:
        return
    make_staging_as(
        run.cursor,
        "lone_shape",
        "SELECT shape.* FROM shape LEFT JOIN polygons_block AS block USING (code, vintage) WHERE block.id IS NULL",
    )
    columns = ("geometry", "geometry_vintage")
    written = merge(
        run.cursor, "lone_shape", "polygons_unmatchedshape", key=("code", "vintage"), columns=columns, dated=False
    )
    _add(run, "waiting_shapes", written)


def _report_unmatched(run: Run, census: Path | None, geometry: Path | None) -> None:
    if census:
        run.reject(
            "SELECT %s, row.line, row.code, 'without_polygon', NULL FROM block_row AS row"
            " JOIN polygons_block AS block USING (code, vintage) WHERE block.geometry IS NULL",
            (census.name,),
        )
    if geometry:
        run.reject("SELECT %s, line, code, 'without_census', NULL FROM lone_shape", (geometry.name,))
