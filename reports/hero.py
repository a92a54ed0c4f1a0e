"""The picture of the front page: the largest published polygon and the blocks around it, as they are."""

from django.core.cache import cache
from django.db import connection

HOUR_S = 3600
# Shares of dwellings without water where one colour ends and the next begins; as on the map.
DRAW = """
    WITH target AS (
        SELECT mercator, vintage, ST_XMin(mercator) AS x0, ST_XMax(mercator) AS x1,
               ST_YMin(mercator) AS y0, ST_YMax(mercator) AS y1
        FROM polygons_polygonversion WHERE status = 'published' ORDER BY block_count DESC, id LIMIT 1
    ), frame AS (
        -- Seven wide by five high around its middle, with some air.
        SELECT vintage, (x0 + x1) / 2 AS x, (y0 + y1) / 2 AS y, greatest((x1 - x0) / 7, (y1 - y0) / 5) * 0.7 AS unit
        FROM target
    ), box AS (
        SELECT vintage, x - 7 * unit AS west, y + 5 * unit AS north, 14 * unit AS width, 10 * unit AS height,
               ST_MakeEnvelope(x - 7 * unit, y - 5 * unit, x + 7 * unit, y + 5 * unit, 3857) AS area
        FROM frame
    ), shapes AS (
        SELECT CASE WHEN base = 0 OR without_water IS NULL THEN 0
                    ELSE width_bucket(without_water::float / base, ARRAY[0, 0.05, 0.15, 0.30, 0.50]) END AS step,
               block.mercator
        FROM polygons_block AS block, box
        WHERE block.mercator && box.area AND block.vintage = box.vintage
        UNION ALL
        SELECT 6, version.mercator
        FROM polygons_polygonversion AS version, box
        WHERE version.status = 'published' AND version.mercator && box.area
    )
    SELECT step, string_agg(ST_AsSVG(ST_Translate(mercator, -west, -north), 1, 0), ' '), min(width), min(height)
    FROM shapes, box GROUP BY step ORDER BY step
"""


def hero_map() -> dict[str, object] | None:
    """`width` and `height` in metres of the web map, `paths` as (step, SVG path); None before any polygon is published.

    Steps: 0 confidential or no dwellings, 1 to 5 the map's colours, 6 the outline of polygons.
    """
    return cache.get_or_set("hero-map", _draw, HOUR_S) or None


def _draw() -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute(DRAW)
        rows = cursor.fetchall()
    if not rows:
        return {}
    return {"width": round(rows[0][2]), "height": round(rows[0][3]), "paths": [(step, path) for step, path, *_ in rows]}
