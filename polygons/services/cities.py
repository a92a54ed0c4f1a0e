"""Cities and their blocks: who belongs where, how many live there, and where the city stands on the map."""

from typing import Any

# Members of metropolitan zones are municipalities, of the other cities localities; a metropolitan zone comes first.
CITY_OF_LOCALITY = """
    SELECT locality.code AS locality_id, coalesce(min(zone.city_id), min(member.city_id)) AS city_id
    FROM polygons_locality AS locality
    LEFT JOIN polygons_city_municipalities AS zone ON zone.municipality_id = locality.municipality_id
    LEFT JOIN polygons_city_localities AS member ON member.locality_id = locality.code
    GROUP BY locality.code
"""

# A city's population is told only where the census of that vintage has a row for every member.
POPULATIONS = """
    WITH member AS (
        SELECT city_id, 'municipality' AS level, municipality_id AS code FROM polygons_city_municipalities
        UNION ALL SELECT city_id, 'locality', locality_id FROM polygons_city_localities
    ), by_vintage AS (
        SELECT member.city_id, total.vintage, sum(total.population) AS population, count(*) AS rows
        FROM member JOIN polygons_censustotal AS total USING (level, code) GROUP BY 1, 2
    ), whole AS (
        SELECT city_id, count(*) AS rows FROM member GROUP BY 1
    )
    SELECT DISTINCT ON (city_id) city_id, population FROM by_vintage JOIN whole USING (city_id, rows)
    ORDER BY city_id, vintage DESC
"""


# Mean of the middles of the blocks' frames: a place for a dot on the map, a tenth of the time of true centroids.
MIDDLE = """ST_SetSRID(ST_MakePoint(avg((ST_XMin(geometry) + ST_XMax(geometry)) / 2),
                                    avg((ST_YMin(geometry) + ST_YMax(geometry)) / 2)), 4326)"""


def refresh_cities(cursor: Any) -> int:
    """Population (latest census with all members) and point (middle of the blocks) of every city; returns changes."""
    cursor.execute(
        f"""
        WITH figure AS (
            SELECT city.code, people.population, middle.point
            FROM polygons_city AS city
            LEFT JOIN ({POPULATIONS}) AS people ON people.city_id = city.code
            LEFT JOIN (
                SELECT city_id, {MIDDLE} AS point
                FROM polygons_block WHERE geometry IS NOT NULL AND city_id IS NOT NULL GROUP BY city_id
            ) AS middle ON middle.city_id = city.code
        )
        UPDATE polygons_city AS city SET population = figure.population, point = figure.point,
               updated_at = clock_timestamp()
        FROM figure WHERE figure.code = city.code
         AND ROW(city.population, city.point) IS DISTINCT FROM ROW(figure.population::integer, figure.point)
        """
    )
    return cursor.rowcount


def assign_cities(cursor: Any) -> int:
    """Give every block the city its locality belongs to now; returns how many changed."""
    cursor.execute(
        f"""
        UPDATE polygons_block AS block SET city_id = city_of.city_id, updated_at = clock_timestamp()
        FROM ({CITY_OF_LOCALITY}) AS city_of
        WHERE city_of.locality_id = block.locality_id AND block.city_id IS DISTINCT FROM city_of.city_id
        """
    )
    return cursor.rowcount
