"""Sums of blocks by nation, state, municipality, locality, city and AGEB, kept beside the blocks."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from habitat.lib.postgis import Written, make_staging_as, merge
from polygons.models import AreaTotal, Block
from polygons.services.sums import BLOCKS, SUMS

# Level -> the block's key of that place.
KEYS = {
    "state": "left(block.municipality_id, 2)",
    "municipality": "block.municipality_id",
    "locality": "block.locality_id",
    "city": "block.city_id",
    "ageb": "block.ageb_code",
}
COLUMNS = SUMS | {"masked_blocks": "count(*) FILTER (WHERE block.missing <> '{}')"}
_TABLE = AreaTotal._meta.db_table
_PLACES = {level: f"place_{level}" for level in KEYS}
# Added up by AGEB first, of which there are fifty times fewer than blocks, and from there to each level.
_FRESH = f"""
    WITH ageb AS (
        SELECT block.vintage, {", ".join(f"{key} AS {_PLACES[level]}" for level, key in KEYS.items())},
               {", ".join(f"{sql} AS {name}" for name, sql in COLUMNS.items())}
        FROM ({BLOCKS} WHERE block.vintage = %s) AS block
        GROUP BY block.vintage, {", ".join(KEYS.values())}
    )
    SELECT * FROM (
        SELECT CASE {" ".join(f"WHEN grouping({place}) = 0 THEN '{level}'" for level, place in _PLACES.items())}
               ELSE 'nation' END AS level, vintage, coalesce({", ".join(_PLACES.values())}) AS code,
               {", ".join(f"sum({name})::bigint AS {name}" for name in COLUMNS)}
        FROM ageb GROUP BY vintage, GROUPING SETS ((), {", ".join(f"({place})" for place in _PLACES.values())})
    ) AS total
    WHERE code IS NOT NULL OR level = 'nation'
"""


def refresh_totals(vintages: Iterable[int] | None = None) -> Written:
    """Bring the sums in line with the blocks, of these censuses or of all; what is equal is not written."""
    with transaction.atomic(), connection.cursor() as cursor:
        if vintages is None:
            cursor.execute(f"SELECT vintage FROM {_TABLE} UNION SELECT vintage FROM {Block._meta.db_table}")
            vintages = [vintage for (vintage,) in cursor.fetchall()]
        written = [_refresh(cursor, vintage) for vintage in sorted(vintages)]
    return Written(*(sum(counts) for counts in zip(*written, strict=True))) if written else Written(0, 0)


def _refresh(cursor: Any, vintage: int) -> Written:
    make_staging_as(cursor, "area_total", _FRESH, [vintage])
    cursor.execute("UPDATE area_total SET code = '' WHERE level = 'nation'")
    cursor.execute(
        f"DELETE FROM {_TABLE} AS kept WHERE vintage = %s AND NOT EXISTS"
        " (SELECT 1 FROM area_total AS fresh WHERE fresh.level = kept.level AND fresh.code = kept.code)",
        [vintage],
    )
    return merge(cursor, "area_total", _TABLE, key=("level", "vintage", "code"), columns=tuple(COLUMNS))
