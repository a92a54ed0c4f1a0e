"""What is wrong with the shapes of a file, feature by feature with its place; and the one geometry of a good one."""

from collections.abc import Iterable
from typing import Any

from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.gdal.error import GDALException

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as
from polygons.services.shapes import MEXICO

STATEMENT_S = 30
MAX_AREA_KM2 = 200
MAX_FAULTS = 50
# A work or a polygon lies in or beside the blocks of its municipality.
FAR_M = 5_000
BESIDE_M = 500

# One shape that cannot be read, or not be turned into degrees, must not hide what is wrong with the others.
SAFE = """
    CREATE OR REPLACE FUNCTION pg_temp.read_shape(wkb text) RETURNS geometry LANGUAGE plpgsql AS $$
    BEGIN
        RETURN ST_Force2D(wkb::geometry);
    EXCEPTION WHEN others THEN
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION pg_temp.in_degrees(shape geometry, proj text) RETURNS geometry LANGUAGE plpgsql AS $$
    BEGIN
        RETURN ST_Transform(shape, proj, 4326);
    EXCEPTION WHEN others THEN
        RETURN NULL;
    END $$
"""
SHAPES = """
    SELECT *, CASE WHEN raw IS NULL OR ST_IsEmpty(raw) THEN NULL WHEN proj = '' THEN ST_SetSRID(raw, 4326)
                   ELSE pg_temp.in_degrees(raw, proj) END AS geometry
    FROM (SELECT feature, proj, pg_temp.read_shape(wkb) AS raw FROM upload_line) AS line
"""
# In this order: the first that applies is the feature's fault. `%%` is psycopg's escape.
FAULTS = """
    WITH frame AS (SELECT ST_MakeEnvelope(%s, %s, %s, %s, 4326) AS mexico),
    judged AS (
        SELECT feature, raw, geometry, proj, CASE
            WHEN raw IS NULL THEN 'damaged_shape'
            WHEN ST_IsEmpty(raw) THEN 'empty_shape'
            WHEN GeometryType(raw) = 'GEOMETRYCOLLECTION' THEN 'mixed_types'
            WHEN proj = '' AND (abs(ST_XMin(raw)) > 180 OR abs(ST_XMax(raw)) > 180
                 OR abs(ST_YMin(raw)) > 180 OR abs(ST_YMax(raw)) > 180) THEN 'not_degrees'
            WHEN geometry IS NULL THEN 'outside_country'
            WHEN NOT geometry @ mexico THEN CASE
                WHEN ST_FlipCoordinates(geometry) @ mexico THEN 'swapped'
                WHEN ST_Scale(geometry, -1, 1) @ mexico OR ST_Scale(geometry, 1, -1) @ mexico
                     OR ST_Scale(geometry, -1, -1) @ mexico THEN 'hemisphere'
                ELSE 'outside_country' END
            WHEN ST_Dimension(raw) = 2 AND NOT ST_IsValid(raw) THEN 'invalid_shape'
        END AS reason
        FROM upload_shape, frame
    )
    SELECT reason, feature,
           CASE WHEN reason = 'invalid_shape' THEN reason(ST_IsValidDetail(raw)) ELSE '' END,
           CASE WHEN reason = 'invalid_shape' THEN
                    CASE WHEN proj = '' THEN ST_SetSRID(location(ST_IsValidDetail(raw)), 4326)
                         ELSE pg_temp.in_degrees(location(ST_IsValidDetail(raw)), proj) END
                -- Where it lies once they are exchanged: as it stands there may be no such latitude.
                WHEN reason = 'swapped' THEN ST_FlipCoordinates(ST_PointOnSurface(geometry))
                WHEN reason IN ('outside_country', 'hemisphere') AND NOT ST_IsEmpty(geometry)
                    THEN ST_PointOnSurface(geometry) END AS place
    FROM judged WHERE reason IS NOT NULL ORDER BY feature LIMIT %s
"""
# Outlines of municipalities are not loaded: the blocks say where one is.
ELSEWHERE = """
    SELECT 'outside_municipality', feature, '', spot FROM (
        SELECT feature, ST_PointOnSurface(geometry) AS spot FROM upload_shape
    ) AS shape
    CROSS JOIN LATERAL (
        SELECT min(ST_Distance(block.geometry::geography, spot::geography)) AS metres FROM polygons_block AS block
        WHERE block.municipality_id = %s AND block.geometry && ST_Expand(spot, 0.05)
    ) AS own
    CROSS JOIN LATERAL (
        SELECT block.municipality_id FROM polygons_block AS block WHERE block.geometry IS NOT NULL
        ORDER BY block.geometry <-> spot LIMIT 1
    ) AS nearest
    WHERE own.metres IS NULL OR own.metres > %s OR (nearest.municipality_id <> %s AND own.metres > %s)
    ORDER BY feature LIMIT %s
"""
WHOLE = """
    SELECT count(DISTINCT ST_Dimension(geometry)), sum(ST_NPoints(geometry)), sum(ST_Area(geometry::geography)) / 1e6,
           CASE max(ST_Dimension(geometry)) WHEN 2 THEN ST_UnaryUnion(ST_Collect(geometry))
                ELSE ST_CollectionHomogenize(ST_Collect(geometry)) END,
           ST_PointOnSurface(ST_Collect(geometry))
    FROM upload_shape
"""


def stage(cursor: Any, features: Iterable[tuple[int, int, str]], systems: list[str]) -> str | None:
    """Fill `upload_shape` (feature, raw, proj, geometry in EPSG:4326); or the name of a system nobody knows."""
    cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_S}s'; {SAFE}")
    known = []
    for system in systems:
        proj = proj_of(system)
        if proj is None:
            return system
        known.append(proj)
    make_staging(cursor, "upload_line", "feature integer, proj text NOT NULL, wkb text")
    # COPY reads an empty text as NULL: what is in degrees already is written "-" on the way.
    rows = ((feature, known[system] or "-", wkb) for feature, system, wkb in features)
    copy_rows(cursor, "upload_line", ("feature", "proj", "wkb"), rows)
    cursor.execute("UPDATE upload_line SET proj = '' WHERE proj = '-'")
    make_staging_as(cursor, "upload_shape", SHAPES)
    return None


def proj_of(system: str) -> str | None:
    """A coordinate system as PROJ writes it; "" is longitude and latitude on WGS84; None where it is not known."""
    if system in ("EPSG:4326", "OGC:CRS84"):
        return ""
    try:
        return SpatialReference(system).proj or None
    except GDALException:
        return None


def faults(cursor: Any) -> list[dict[str, Any]]:
    """Of each shape by itself: reason, feature, detail, place ([longitude, latitude] or None); at most MAX_FAULTS."""
    cursor.execute(FAULTS, [*MEXICO, MAX_FAULTS])
    return [_row(cursor, *row) for row in cursor.fetchall()]


def elsewhere(cursor: Any, municipality: str) -> list[dict[str, Any]]:
    """Shapes outside the municipality; none where no block says where that is."""
    known = "SELECT EXISTS (SELECT 1 FROM polygons_block WHERE municipality_id = %s AND geometry IS NOT NULL)"
    cursor.execute(known, [municipality])
    if not cursor.fetchone()[0]:
        return []
    cursor.execute(ELSEWHERE, [municipality, FAR_M, municipality, BESIDE_M, MAX_FAULTS])
    return [_row(cursor, *row) for row in cursor.fetchall()]


def _row(cursor: Any, reason: str, feature: int | None, detail: str | None, place: str | None) -> dict[str, Any]:
    spot = None
    if place:
        cursor.execute("SELECT ST_X(%s::geometry), ST_Y(%s::geometry)", [place, place])
        longitude, latitude = cursor.fetchone()
        # A map has no other place.
        if abs(longitude) <= 180 and abs(latitude) <= 90:
            spot = [round(longitude, 6), round(latitude, 6)]
    return {"reason": reason, "feature": feature, "detail": detail or "", "place": spot}


def whole(cursor: Any, most_vertices: int) -> tuple[str | None, list[dict[str, Any]]]:
    """The one geometry (hex EWKB) of shapes without fault; or why they are none together."""
    cursor.execute(WHOLE)
    kinds, vertices, square_km, geometry, spot = cursor.fetchone()
    if kinds > 1:
        return None, [_told("mixed_types")]
    if vertices > most_vertices:
        return None, [_told("too_many_vertices", str(most_vertices))]
    if square_km > MAX_AREA_KM2:
        told = f"{square_km:,.0f} km² > {MAX_AREA_KM2} km²"
        return None, [_row(cursor, "too_large", None, told, spot)]
    return geometry, []


def _told(reason: str, detail: str = "") -> dict[str, Any]:
    return {"reason": reason, "feature": None, "detail": detail, "place": None}
