"""What a polygon version adds up over its member blocks, and the shape it draws around them: one definition in SQL."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from polygons.models import PolygonVersion
from polygons.services.outlines import METRES, outlines
from polygons.variables import JOINS

# Column of PolygonVersion -> SQL over its blocks. Masked counts are left out of the plain sums: they are lower bounds.
SUMS = {"block_count": "count(*)"} | {
    name: f"coalesce(sum(block.{name}), 0)"
    for name in (
        "population",
        "households",
        "dwellings",
        "base",
        "drainage_low",
        "drainage_high",
        "electricity_low",
        "electricity_high",
        "floor_low",
        "floor_high",
    )
}
# NULL where the census did not ask, or nobody estimated.
SUMS |= {
    name: f"sum(block.{name})"
    for name in (
        "water_low",
        "water_high",
        "water_house_low",
        "water_house_high",
        "poverty_households",
        "poor_households",
    )
}

_BLOCKS = f"polygons_block AS block {JOINS['poverty']}"
_POVERTY = "poverty.households AS poverty_households, poverty.poor_households"
# What is added up is looked for in `block`: the census's counts and the estimates of poverty.
BLOCKS = f"SELECT block.*, {_POVERTY} FROM {_BLOCKS}"
BLOCKS_IN_METRES = f"SELECT block.*, {_POVERTY}, ST_Transform(block.geometry, {METRES}) AS shape FROM {_BLOCKS}"

_SUMMED = ", ".join(f"{sql} AS {name}" for name, sql in SUMS.items())
# One row of sums and outline, `fresh`; what selects the blocks goes after BLOCKS_IN_METRES.
_FRESH = f"""
    WITH block AS MATERIALIZED ({BLOCKS_IN_METRES} {{selecting}}),
    member AS (SELECT 1 AS cluster, shape, geometry FROM block WHERE geometry IS NOT NULL),
    outline AS ({outlines("member")}),
    fresh AS (SELECT (SELECT geometry FROM outline) AS geometry, {_SUMMED} FROM block)
"""
_MEMBERS = _FRESH.format(
    selecting="JOIN polygons_polygonversion_blocks AS member ON member.block_id = block.id"
    " WHERE member.polygonversion_id = %s"
)
_LISTED = _FRESH.format(selecting="WHERE block.id = ANY(%s)")
# Versions drawn in one run, from which on autovacuum's figures come too late.
MANY = 100
# Compiling so many steps would take longer than they do.
_NO_JIT = "SET LOCAL jit = off"


def sums_of(version: PolygonVersion) -> dict[str, int | None]:
    """The sums over the members as the blocks stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(SUMS.values())} FROM ({BLOCKS}"
            " JOIN polygons_polygonversion_blocks AS member ON member.block_id = block.id"
            " WHERE member.polygonversion_id = %s) AS block",
            [version.pk],
        )
        return dict(zip(SUMS, cursor.fetchone(), strict=True))


@transaction.atomic
def recompute(version: PolygonVersion) -> None:
    """Draw and sum a draft anew from its members. A published version refuses (IntegrityError, by trigger)."""
    with connection.cursor() as cursor:
        cursor.execute(_NO_JIT)
        cursor.execute(
            f"""
            {_MEMBERS}
            UPDATE polygons_polygonversion AS version
            SET geometry = fresh.geometry, mercator = ST_Transform(fresh.geometry, 3857),
                area = ST_Area(ST_Transform(fresh.geometry, {METRES})),
                {", ".join(f"{name} = fresh.{name}" for name in SUMS)}
            FROM fresh WHERE version.id = %s
            """,
            [version.pk, version.pk],
        )
    version.refresh_from_db()


@transaction.atomic
def insert_version(
    polygon_id: int, number: int, block_ids: Sequence[int], *, source: str, vintage: int, method: str, by_pk: int | None
) -> int:
    """One draft drawn around blocks, at least one of them with an outline; `method` is JSON. Returns its pk."""
    columns = ", ".join(SUMS)
    with connection.cursor() as cursor:
        cursor.execute(_NO_JIT)
        cursor.execute(
            f"""
            {_LISTED}
            INSERT INTO polygons_polygonversion
                (public_id, polygon_id, number, status, source, vintage, method, by_id, geometry, mercator, area,
                 {columns})
            SELECT gen_random_uuid(), %s, %s, 'draft', %s, %s, %s::jsonb, %s, geometry, ST_Transform(geometry, 3857),
                   ST_Area(ST_Transform(geometry, {METRES})), {columns} FROM fresh
            RETURNING id
            """,
            [list(block_ids), polygon_id, number, source, vintage, method, by_pk],
        )
        pk = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO polygons_polygonversion_blocks (polygonversion_id, block_id) SELECT %s, unnest(%s::bigint[])",
            [pk, list(block_ids)],
        )
    return pk


def insert_versions(
    cursor: Any, source: PolygonVersion.Source, by_pk: int | None, vintage: int, method: str
) -> list[int]:
    """A draft per row of `drawn` (cluster, polygon_id, number) from `cluster` (geometry, sums); members from `member`.

    `method` is JSON. Returns the new versions' pks.
    """
    columns = ", ".join(SUMS)
    cursor.execute(
        f"""
        INSERT INTO polygons_polygonversion
            (public_id, polygon_id, number, status, source, vintage, method, by_id, geometry, mercator, area, {columns})
        SELECT gen_random_uuid(), drawn.polygon_id, drawn.number, 'draft', %s, %s, %s::jsonb, %s, cluster.geometry,
               ST_Transform(cluster.geometry, 3857), ST_Area(ST_Transform(cluster.geometry, {METRES})), {columns}
        FROM drawn JOIN cluster USING (cluster)
        RETURNING id, polygon_id
        """,
        [source, vintage, method, by_pk],
    )
    pks = [pk for pk, _polygon in cursor.fetchall()]
    cursor.execute(
        """
        INSERT INTO polygons_polygonversion_blocks (polygonversion_id, block_id)
        SELECT version.id, member.block_id FROM polygons_polygonversion AS version
        JOIN drawn USING (polygon_id, number) JOIN member USING (cluster)
        """
    )
    if len(pks) >= MANY:
        # Publishing them in this transaction compares every block with every other where the planner counts on few.
        cursor.execute("ANALYZE polygons_polygonversion (id, polygon_id, status), polygons_polygonversion_blocks")
    return pks
