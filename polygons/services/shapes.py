"""Block polygons from GeoJSON, GeoPackage or shapefile, in any known coordinate system, streamed in batches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.gdal.error import GDALException
from django.utils.translation import gettext as _

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as
from habitat.lib.progress import Progress
from polygons.services.imports import ImportRefused, Run

WGS84 = 4326
# Western-, southern-, eastern- and northernmost points of the country with its islands, in degrees.
MEXICO = (-118.6, 14.3, -86.5, 32.9)
BATCH_ROWS = 16_384
# Coordinate systems without an EPSG code get a number of their own in spatial_ref_sys, from here on.
OWN_SRID = 990_000
KEY_NAMES = ("CVEGEO", "CVE_GEO", "CVEGEOMZA", "CLAVE")
KEY_PARTS = (("CVE_ENT", 2), ("CVE_MUN", 3), ("CVE_LOC", 4), ("CVE_AGEB", 4), ("CVE_MZA", 3))

# Reading WKB with unclosed rings raises: one such feature must not stop the file.
SAFE_GEOMETRY = """
    CREATE OR REPLACE FUNCTION pg_temp.shape_of(wkb text) RETURNS geometry LANGUAGE plpgsql AS $$
    BEGIN
        RETURN ST_Force2D(wkb::geometry);
    EXCEPTION WHEN others THEN
        RETURN NULL;
    END $$
"""


def stage_shapes(run: Run, path: Path, progress: Progress) -> None:
    """Fill `shape`: line, code, geometry (MultiPolygon, EPSG:4326, valid, inside Mexico, each key once).

    `line` is the feature's number in the file, from 1. Rejected features are told to `run`. Raises ImportRefused where
    the file cannot be read or does not say its coordinate system.
    """
    info = _read_info(path)
    srid = _srid_of(run.cursor, info["crs"])
    make_staging(run.cursor, "shape_line", "line integer, key text, wkb text")
    rows = progress.over(_features(path, info), path.name, info["features"] if info["features"] > 0 else None)
    copy_rows(run.cursor, "shape_line", ("line", "key", "wkb"), rows)
    run.cursor.execute(SAFE_GEOMETRY)
    make_staging_as(run.cursor, "shape_checked", CHECKED, [*MEXICO, srid, srid])
    run.cursor.execute("SELECT count(*) FROM shape_checked")
    run.counts["shape_rows"] = run.cursor.fetchone()[0]
    run.reject(
        "SELECT %s, line, code, reason, CASE WHEN reason = 'invalid_shape' THEN ST_IsValidReason(raw) END"
        " FROM shape_checked WHERE reason IS NOT NULL",
        (path.name,),
    )
    make_staging_as(run.cursor, "shape", SHAPES, [WGS84])


CHECKED = r"""
    WITH mexico AS (
        -- The country's frame in the file's own system: coordinates beyond it may not even be transformable.
        SELECT ST_Expand(area, 0.01 * greatest(ST_XMax(area) - ST_XMin(area), ST_YMax(area) - ST_YMin(area))) AS area
        FROM (SELECT ST_Transform(ST_Segmentize(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 1), %s) AS area) AS frame
    ), read AS (
        SELECT line, upper(CASE WHEN length(btrim(key)) < 16 THEN lpad(btrim(key), 16, '0') ELSE btrim(key) END)
                   AS code,
               ST_SetSRID(pg_temp.shape_of(wkb), %s) AS raw
        FROM shape_line
    )
    SELECT line, code, raw, CASE
        WHEN code IS NULL OR code !~ '^(0[1-9]|[12]\d|3[0-2])\d{10}[0-9A-P]\d{3}$' THEN 'bad_key'
        WHEN count(*) OVER (PARTITION BY code) > 1 THEN 'duplicate'
        WHEN raw IS NULL OR ST_IsEmpty(raw) OR GeometryType(raw) NOT IN ('POLYGON', 'MULTIPOLYGON') THEN 'no_shape'
        WHEN NOT raw @ (SELECT area FROM mexico) THEN 'outside'
        WHEN NOT ST_IsValid(raw) THEN 'invalid_shape'
    END AS reason
    FROM read
"""
SHAPES = """
    SELECT line, code, ST_Multi(ST_Transform(raw, %s))::geometry(MultiPolygon, 4326) AS geometry
    FROM shape_checked WHERE reason IS NULL
"""


def gdal_path(path: Path) -> str:
    """GDAL opens packed files by prefix: a zipped shapefile, a gzipped GeoJSON."""
    prefix = {".zip": "/vsizip/", ".gz": "/vsigzip/"}.get(path.suffix.lower(), "")
    return prefix + str(path.resolve() if prefix else path)


def _read_info(path: Path) -> dict[str, Any]:
    try:
        return pyogrio.read_info(gdal_path(path))
    except pyogrio.errors.DataSourceError as error:
        raise ImportRefused(
            _("%(file)s cannot be read as GeoJSON, GeoPackage or shapefile: %(error)s")
            % {"file": path.name, "error": error}
        ) from error


def _key_columns(fields: list[str]) -> list[tuple[str, int]]:
    """The column with the whole key, or the five with its parts; with the length of each."""
    by_name = {name.upper(): name for name in fields}
    for name in KEY_NAMES:
        if name in by_name:
            return [(by_name[name], 16)]
    if all(name in by_name for name, _length in KEY_PARTS):
        return [(by_name[name], length) for name, length in KEY_PARTS]
    raise ImportRefused(
        _("No column holds the block's key. Expected CVEGEO, or CVE_ENT to CVE_MZA; found %(columns)s.")
        % {"columns": ", ".join(fields)}
    )


def _features(path: Path, info: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    keys = _key_columns(list(info["fields"]))
    line = 0
    with pyogrio.open_arrow(
        gdal_path(path), columns=[name for name, _length in keys], batch_size=BATCH_ROWS, use_pyarrow=True
    ) as (meta, batches):
        geometry = meta["geometry_name"] or "wkb_geometry"
        for batch in batches:
            columns = [(batch.column(name).to_pylist(), length) for name, length in keys]
            for index, wkb in enumerate(batch.column(geometry).to_pylist()):
                line += 1
                parts = (str(values[index] if values[index] is not None else "") for values, _length in columns)
                key = "".join(part.zfill(length) for part, (_values, length) in zip(parts, columns, strict=True))
                yield line, key, wkb.hex() if wkb else ""


def _srid_of(cursor: Any, crs: str | None) -> int:
    """The number PostGIS knows the file's coordinate system by; INEGI's older .prj files name no EPSG code."""
    if not crs:
        raise ImportRefused(_("The file does not say its coordinate system (a shapefile needs its .prj)."))
    authority, _colon, number = crs.partition(":")
    if authority == "EPSG" and number.isdigit():
        cursor.execute("SELECT 1 FROM spatial_ref_sys WHERE srid = %s", [int(number)])
        if cursor.fetchone():
            return int(number)
    return _own_srid(cursor, crs)


def _own_srid(cursor: Any, crs: str) -> int:
    try:
        system = SpatialReference(crs)
        wkt, proj = system.wkt, system.proj
    except GDALException as error:
        raise ImportRefused(_("The file's coordinate system is not known: %(crs)s") % {"crs": crs[:200]}) from error
    cursor.execute("SELECT srid FROM spatial_ref_sys WHERE proj4text = %s ORDER BY srid LIMIT 1", [proj])
    if found := cursor.fetchone():
        return found[0]
    cursor.execute(
        "INSERT INTO spatial_ref_sys (srid, srtext, proj4text)"
        " SELECT greatest(max(srid), %s) + 1, %s, %s FROM spatial_ref_sys RETURNING srid",
        [OWN_SRID, wkt, proj],
    )
    return cursor.fetchone()[0]
