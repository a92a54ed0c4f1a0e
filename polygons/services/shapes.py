"""Block polygons from GeoJSON, GeoPackage or shapefile, in any known coordinate system, streamed in batches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.gdal.error import GDALException
from django.utils.translation import gettext as _

from habitat.lib.copying import copy_arrays
from habitat.lib.postgis import make_staging, make_staging_as
from habitat.lib.progress import Progress
from polygons.services.imports import ImportRefused, Run
from polygons.services.wkb import as_multipolygons, plainly_valid, sound

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
    CREATE OR REPLACE FUNCTION pg_temp.shape_of(wkb bytea) RETURNS geometry LANGUAGE plpgsql AS $$
    BEGIN
        -- As text, PostGIS reads what it would refuse as bytes, so that the fault can be named.
        RETURN ST_Force2D(encode(wkb, 'hex')::geometry);
    EXCEPTION WHEN others THEN
        RETURN NULL;
    END $$
"""
COLUMNS = {
    "line": "integer", "code": "text", "reason": "text", "geometry": "geometry", "odd": "bytea", "is_plain": "boolean",
}  # fmt: skip
KEY_PATTERN = r"^(0[1-9]|[12][0-9]|3[0-2])[0-9]{10}[0-9A-P][0-9]{3}$"


def stage_shapes(run: Run, path: Path, vintage: int, progress: Progress) -> None:
    """Fill `shape`: line, code, geometry (MultiPolygon, EPSG:4326, valid, inside Mexico, each key once).

    `line` is the feature's number in the file, from 1. Rejected features are told to `run`. Raises ImportRefused where
    the file cannot be read or does not say its coordinate system. A geometry that the block of that `vintage` already
    has was found valid when it came, and is not examined again; nor is what plainly_valid() sees to be.
    """
    info = _read_info(path)
    srid = _srid_of(run.cursor, info["crs"])
    make_staging(run.cursor, "shape", ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items()))
    batches = progress.over_batches(
        _features(path, info, srid), path.name, info["features"] if info["features"] > 0 else None
    )
    copy_arrays(run.cursor, "shape", list(COLUMNS), batches)
    run.cursor.execute("SELECT count(*) FROM shape")
    run.counts["shape_rows"] = run.cursor.fetchone()[0]
    run.cursor.execute(SAFE_GEOMETRY)
    run.cursor.execute(READ_ODD, [srid])
    run.cursor.execute("ANALYZE shape (code, line)")
    make_staging_as(run.cursor, "shape_fault", FAULTS, [*MEXICO, srid])
    _refuse_invalid(run, vintage, srid)
    run.reject("SELECT %s, line, code, reason, detail FROM shape_fault", (path.name,))
    run.cursor.execute("DELETE FROM shape USING shape_fault WHERE shape.line = shape_fault.line")
    if srid != WGS84:
        run.cursor.execute("UPDATE shape SET geometry = ST_Transform(geometry, %s)", [WGS84])


READ_ODD = "UPDATE shape SET geometry = ST_SetSRID(ST_Multi(pg_temp.shape_of(odd)), %s) WHERE odd IS NOT NULL"
FAULTS = """
    WITH mexico AS (
        -- The country's frame in the file's own system: coordinates beyond it may not even be transformable.
        SELECT ST_Expand(area, 0.01 * greatest(ST_XMax(area) - ST_XMin(area), ST_YMax(area) - ST_YMin(area))) AS area
        FROM (SELECT ST_Transform(ST_Segmentize(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 1), %s) AS area) AS frame
    ), twice AS (
        SELECT code FROM shape WHERE reason IS NULL GROUP BY code HAVING count(*) > 1
    )
    SELECT line, code, NULL AS detail, CASE
        WHEN reason IS NOT NULL THEN reason
        WHEN twice.code IS NOT NULL THEN 'duplicate'
        WHEN geometry IS NULL OR ST_IsEmpty(geometry) OR GeometryType(geometry) <> 'MULTIPOLYGON' THEN 'no_shape'
        ELSE 'outside'
    END AS reason
    FROM shape LEFT JOIN twice USING (code)
    WHERE reason IS NOT NULL OR twice.code IS NOT NULL OR geometry IS NULL OR ST_IsEmpty(geometry)
       OR GeometryType(geometry) <> 'MULTIPOLYGON' OR NOT geometry @ (SELECT area FROM mexico)
"""


def _refuse_invalid(run: Run, vintage: int, srid: int) -> None:
    is_known = (
        "AND NOT EXISTS (SELECT FROM polygons_block AS block WHERE block.code = shape.code AND block.vintage = %s"
        " AND block.geometry = shape.geometry)"
    )
    run.cursor.execute(
        f"""
        INSERT INTO shape_fault (line, code, detail, reason)
        SELECT line, code, ST_IsValidReason(geometry), 'invalid_shape' FROM shape
        WHERE NOT EXISTS (SELECT FROM shape_fault AS fault WHERE fault.line = shape.line)
        AND NOT is_plain {is_known if srid == WGS84 else ""} AND NOT ST_IsValid(geometry)
        """,
        [vintage] if srid == WGS84 else [],
    )


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


def _features(path: Path, info: dict[str, Any], srid: int) -> Iterator[list[pa.Array]]:
    """Batches of COLUMNS."""
    keys = _key_columns(list(info["fields"]))
    line = 0
    with pyogrio.open_arrow(
        gdal_path(path), columns=[name for name, _length in keys], batch_size=BATCH_ROWS, use_pyarrow=True
    ) as (meta, batches):
        geometry = meta["geometry_name"] or "wkb_geometry"
        for batch in batches:
            code = _codes([(batch.column(name), length) for name, length in keys])
            is_key = pc.match_substring_regex(code, KEY_PATTERN)
            wkb = batch.column(geometry).cast(pa.large_binary())
            is_sound = pa.array(sound(wkb))
            nothing = pa.scalar(None, pa.large_binary())
            taken = pc.if_else(is_sound, wkb, nothing)
            yield [
                pa.array(np.arange(line + 1, line + 1 + len(batch), dtype=np.int32)),
                code,
                pc.if_else(is_key, pa.scalar(None, pa.string()), "bad_key"),
                as_multipolygons(taken, srid),
                pc.if_else(is_sound, nothing, wkb),
                _boolean(plainly_valid(taken)),
            ]
            line += len(batch)


def _boolean(values: np.ndarray) -> pa.Array:
    """As COPY BINARY takes it: one byte."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(1), len(values), [None, pa.py_buffer(values.astype(np.uint8))]
    ).cast(pa.large_binary())


def _codes(columns: list[tuple[pa.Array, int]]) -> pa.Array:
    """Keys put together from their parts; a file may hold them as numbers, without their leading zeros."""
    parts = []
    for values, length in columns:
        text = pc.fill_null(values.cast(pa.string()), "")
        parts.append(pc.utf8_lpad(pc.utf8_trim_whitespace(text), length, "0"))
    return pc.utf8_upper(pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0])


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
