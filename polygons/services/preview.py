"""What a method would draw, without writing anything: clusters with their sums and outlines, and how firm they are."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from polygons.methods import Method
from polygons.services.clusters import Area, clustered, cut_of
from polygons.services.outlines import CLOSING_M, closed
from polygons.services.sums import SUMS

# Outlines of a preview are simplified to what a screen shows.
SIMPLE_M = 1
# Rows on the page; the rest is counted, and drawn on the map.
MOST_ROWS = 200
DIGITS = 6
_SHAPE = closed("ST_Collect(block.shape)", CLOSING_M)


@dataclass(frozen=True)
class Total:
    clusters: int = 0
    blocks: int = 0
    dwellings: int = 0


@dataclass(frozen=True)
class Firmness:
    """What another threshold would draw; `total` None where there is none beyond."""

    step: int
    method: Method | None
    total: Total | None


@dataclass(frozen=True)
class Preview:
    """`clusters` are the largest first, numbered from 1: dicts of the sums, `number`, `municipality`, `bounds`.

    `totals` sums all clusters, also those beyond MOST_ROWS; its `deprived` counts the blocks that reach the threshold,
    those in clusters too small to stay included. `outlines` is GeoJSON text (EPSG:4326) of all of them.
    """

    cut: float | None
    totals: dict[str, Any]
    clusters: list[dict[str, Any]]
    outlines: str
    firmness: list[Firmness]

    @property
    def count(self) -> int:
        return self.totals["clusters"]

    @property
    def takes_all(self) -> bool:
        """Polygons are where deprivation concentrates: a part of the deprived blocks, never all of them."""
        return self.count > 0 and self.totals["block_count"] == self.totals["deprived"]


def preview(method: Method, area: Area) -> Preview:
    """Runs read-only: the database itself refuses to write."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling these queries takes longer than running them.
        cursor.execute("SAVEPOINT preview; SET TRANSACTION READ ONLY; SET LOCAL jit = off")
        try:
            cut = cut_of(cursor, method, area)
            rows = _clusters(cursor, method, area, cut)
            firmness = [_firmness(cursor, method, area, step) for step in (-1, 1)]
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT preview")
    totals, outlines = _totals(rows), _outlines(rows)
    return Preview(cut, totals, rows[:MOST_ROWS], outlines, firmness)


def _clusters(cursor: Any, method: Method, area: Area, cut: float | None) -> list[dict[str, Any]]:
    query, params = clustered(method, area, cut)
    summed = ", ".join(f"{sql} AS {name}" for name, sql in SUMS.items())
    # Outlines are drawn only of the clusters that stay.
    cursor.execute(
        f"""
        WITH deprived AS MATERIALIZED ({query}), summed AS (
            SELECT cluster, min(municipality_id) AS municipality, {summed}
            FROM deprived AS block GROUP BY cluster HAVING coalesce(sum(dwellings), 0) >= %s
        ), outline AS (
            SELECT cluster, ST_Transform(ST_SimplifyPreserveTopology({_SHAPE}, {SIMPLE_M}), 4326) AS geometry
            FROM deprived AS block JOIN summed USING (cluster) GROUP BY cluster
        )
        SELECT row_number() OVER (ORDER BY dwellings DESC, cluster) AS number, summed.*,
               (SELECT count(*) FROM deprived) AS deprived,
               ST_AsGeoJSON(geometry, {DIGITS}) AS outline, ST_XMin(geometry) AS west, ST_YMin(geometry) AS south,
               ST_XMax(geometry) AS east, ST_YMax(geometry) AS north
        FROM summed JOIN outline USING (cluster) ORDER BY number
        """,
        [*params, method.min_dwellings],
    )
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _firmness(cursor: Any, method: Method, area: Area, step: int) -> Firmness:
    moved = method.moved(step)
    if moved is None:
        return Firmness(step, None, None)
    query, params = clustered(moved, area, cut_of(cursor, moved, area))
    cursor.execute(
        "SELECT count(*), coalesce(sum(blocks), 0), coalesce(sum(dwellings), 0) FROM ("
        f" SELECT count(*) AS blocks, sum(dwellings) AS dwellings FROM ({query}) AS block GROUP BY cluster"
        " HAVING coalesce(sum(dwellings), 0) >= %s) AS cluster",
        [*params, moved.min_dwellings],
    )
    return Firmness(step, moved, Total(*map(int, cursor.fetchone())))


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the census did not ask, a sum stays unknown."""
    totals: dict[str, Any] = {"clusters": len(rows), "deprived": rows[0]["deprived"] if rows else 0}
    for name in SUMS:
        known = [row[name] for row in rows if row[name] is not None]
        totals[name] = sum(known) if known or not rows else None
    return totals


def _outlines(rows: list[dict[str, Any]]) -> str:
    features = ",".join(
        f'{{"type":"Feature","id":{row["number"]},"properties":{{"number":{row["number"]}}},"geometry":{row["outline"]}}}'
        for row in rows
        if row["outline"]
    )
    return f'{{"type":"FeatureCollection","features":[{features}]}}'
