"""Importing city blocks: census rows and polygons, together or one after the other, in one transaction."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.postgis import Written, indexes_afterwards, insert, make_staging_as, merge, row_of
from habitat.lib.progress import SILENT, Progress
from polygons.concepts import Vintage
from polygons.services.census import census_of, read_census, stage_census
from polygons.services.cities import CITY_OF_LOCALITY, refresh_cities
from polygons.services.equivalences import offered, stage_block_offers, take_offers
from polygons.services.freshness import drafts_in_line, published_behind
from polygons.services.imports import ImportRefused, Run, import_run
from polygons.services.rollups import refresh_totals
from polygons.services.shapes import stage_shapes

_JOINED = "code, vintage, ageb_code, municipality_id, locality_id, city_id"
# Of 300 times as many rows.
SAMPLE = 30
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

    With `apply_equivalences`, rows of a municipality that is unknown but known under another key take that key, and so
    do outlines of blocks. A polygon that comes before its census row waits in UnmatchedShape. Returns the run with its
    counts and its rejected rows. Raises ImportRefused where a file as a whole cannot be read; then, as after any error,
    nothing has changed.
    """
    files = [path for path in (census, geometry) if path]
    if not files:
        raise ImportRefused(_("Give a census file, a geometry file, or both."))
    for path in files:
        if not path.is_file():
            raise ImportRefused(_("There is no file %(file)s.") % {"file": path})
    census_vintage = census_of(vintage)
    with (
        import_run("import_blocks", *files, by=by, dry_run=dry_run, errors=errors) as run,
        read_census(census, census_vintage) as rows,
    ):
        run.cursor.execute(f"SET LOCAL default_statistics_target = {SAMPLE}")
        if geometry:
            stage_shapes(run, geometry, vintage, progress)
            _hold_shapes(run, vintage, geometry_vintage or vintage)
        if census:
            stage_census(run, rows, census, census_vintage, progress, apply_equivalences=apply_equivalences)
        if geometry:
            _find_keys(run, vintage, has_census=bool(census), apply_equivalences=apply_equivalences)
        if census:
            _merge_localities(run)
            _merge_totals(run, census_vintage)
            _merge_blocks(run, census_vintage)
        if geometry:
            _merge_geometry(run, vintage, bool(census))
        if run.counts.get("blocks_inserted"):
            # Later steps, and the next import, would plan for an empty table. The sample is enough until autovacuum
            # comes, which also looks at the other columns.
            run.cursor.execute(f"ANALYZE polygons_block ({_JOINED}), polygons_censustotal, polygons_locality")
        _settle_shapes(run, vintage)
        _report_unmatched(run, vintage, census, geometry)
        if any(count for name, count in run.counts.items() if name.endswith(("_inserted", "_updated"))):
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


def _find_keys(run: Run, vintage: int, *, has_census: bool, apply_equivalences: bool) -> None:
    """Outlines under keys that no block of this census has, but one had before or has since."""
    known = f"SELECT code FROM polygons_block WHERE vintage = {int(vintage)}"
    known += " UNION SELECT code FROM census_row WHERE level = 'block'" if has_census else ""
    stage_block_offers(run, known)
    if apply_equivalences:
        take_offers(run, "block", "shape", "code = offer.known", "shape.code")


def _merge_localities(run: Run) -> None:
    """A locality nobody knows yet is named as its blocks' rows name it."""
    make_staging_as(
        run.cursor,
        "locality_row",
        "SELECT left(code, 9) AS code, left(code, 5) AS municipality_id, min(name) AS name FROM census_row"
        " WHERE level = 'block' GROUP BY 1, 2",
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
    columns = ("ageb_code", *_PLACES, *vintage.counts, "missing", "geometry", "geometry_vintage")
    key = ("code", "vintage")
    run.cursor.execute("SELECT EXISTS (SELECT FROM polygons_block WHERE vintage = %s)", [vintage.year])
    if not run.cursor.fetchone()[0]:
        # Nothing to compare with.
        with indexes_afterwards(run.cursor, "polygons_block"):
            query = f"({_block_query(run, vintage)})"
            written = insert(run.cursor, query, "polygons_block", columns=(*key, *columns), derived=MERCATOR)
    else:
        # Joined once with what is held: for its outline and to compare with it.
        query = _block_query(run, vintage, held=("code", *columns))
        is_new = f"held_code IS NULL OR {_row('held_', columns)} IS DISTINCT FROM {_row('', columns)}"
        changed = f"SELECT {', '.join((*key, *columns))} FROM ({query}) AS block WHERE {is_new}"
        make_staging_as(run.cursor, "block_row", changed)
        written = merge(run.cursor, "block_row", "polygons_block", key=key, columns=columns, derived=MERCATOR)
    _add(run, "blocks", written)


_PLACES = ("municipality_id", "locality_id", "city_id")


def _row(prefix: str, columns: Sequence[str]) -> str:
    return f"ROW({', '.join(prefix + name for name in columns)})"


def _block_query(run: Run, vintage: Vintage, held: Sequence[str] = ()) -> str:
    """Block rows as the files say them; with columns of the block as it is `held`, named held_…"""
    shapes = f"""
        SELECT code, geometry, geometry_vintage FROM polygons_unmatchedshape AS waiting WHERE vintage = {vintage.year}
    """
    if "shape_rows" in run.counts:
        shapes += """
            AND NOT EXISTS (SELECT FROM shape WHERE shape.code = waiting.code)
            UNION ALL SELECT code, geometry, geometry_vintage FROM shape
        """
    return f"""
        SELECT row.code, {vintage.year} AS vintage, left(row.code, 13) AS ageb_code,
               left(row.code, 5) AS municipality_id, left(row.code, 9) AS locality_id, city_of.city_id,
               {_of_row(vintage)}, row.missing, coalesce(offered.geometry, known.geometry) AS geometry,
               CASE WHEN offered.code IS NULL THEN known.geometry_vintage ELSE offered.geometry_vintage END
                   AS geometry_vintage{"".join(f", known.{name} AS held_{name}" for name in held)}
        FROM census_row AS row
        LEFT JOIN ({CITY_OF_LOCALITY}) AS city_of ON city_of.locality_id = left(row.code, 9)
        LEFT JOIN ({shapes}) AS offered ON offered.code = row.code
        LEFT JOIN polygons_block AS known ON known.code = row.code AND known.vintage = {vintage.year}
        WHERE row.level = 'block'
    """


def _merge_geometry(run: Run, vintage: int, has_census: bool) -> None:
    """Polygons of blocks that the census file at hand, if any, did not name."""
    spare = "WHERE NOT EXISTS (SELECT FROM census_row AS row WHERE row.code = shape.code)" if has_census else ""
    make_staging_as(run.cursor, "spare_shape", f"SELECT * FROM shape {spare}")
    columns = ("geometry", "geometry_vintage")
    key = ("code", "vintage")
    make_staging_as(
        run.cursor,
        "known_shape",
        "SELECT source.* FROM spare_shape AS source JOIN polygons_block AS target USING (code, vintage)"
        f" WHERE {row_of('target', columns)} IS DISTINCT FROM {row_of('source', columns)}",
    )
    written = merge(run.cursor, "known_shape", "polygons_block", key=key, columns=columns, derived=MERCATOR)
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
        "SELECT shape.* FROM spare_shape AS shape LEFT JOIN polygons_block AS block USING (code, vintage)"
        " WHERE block.id IS NULL",
    )
    columns = ("geometry", "geometry_vintage")
    written = merge(
        run.cursor, "lone_shape", "polygons_unmatchedshape", key=("code", "vintage"), columns=columns, dated=False
    )
    _add(run, "waiting_shapes", written)


def _report_unmatched(run: Run, vintage: int, census: Path | None, geometry: Path | None) -> None:
    if census:
        run.reject(
            # They are few, which the planner does not know.
            "WITH bare AS MATERIALIZED ("
            "  SELECT code FROM polygons_block WHERE vintage = %s AND geometry IS NULL"
            ") SELECT %s, row.line, row.code, 'without_polygon', NULL FROM census_row AS row"
            " WHERE row.level = 'block' AND row.code IN (SELECT code FROM bare)",
            (vintage, census.name),
        )
    if geometry:
        run.reject(
            f"SELECT %s, line, code, 'without_census', {offered('block', 'code')} FROM lone_shape", (geometry.name,)
        )
