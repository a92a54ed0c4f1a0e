"""Polygons drawn elsewhere: shapefile, GeoPackage or GeoJSON with their own codes, in any known coordinate system.

Members are the blocks whose point on surface lies inside. The file's line is kept as the version's geometry, united
with its member blocks, so that it covers them whole like every other version.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyogrio
from django.db import connection, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as
from habitat.lib.refusals import Refused
from polygons.models import Municipality, Polygon, PolygonVersion
from polygons.services.imports import ImportRefused
from polygons.services.publishing import publish
from polygons.services.shapes import BATCH_ROWS, MEXICO, SAFE_GEOMETRY, gdal_path
from polygons.services.shapes import _read_info as read_info
from polygons.services.shapes import _srid_of as srid_of
from polygons.services.sums import METRES, insert_version

CODE_NAMES = ("CODE", "CODIGO", "CLAVE", "CVE_POL", "POLIGONO", "ID")
NAME_NAMES = ("NAME", "NOMBRE", "NOM_POL")
# A drawing that differs by less than this share of its area is the same: formats round coordinates.
SAME = 0.005

REASONS = {
    "bad_key": _("the code is missing, longer than 20 signs, or not of letters, digits, points, hyphens"),
    "duplicate": _("the code stands more than once in the file"),
    "no_shape": _("no polygon, or one that cannot be read"),
    "outside": _("outside Mexico; perhaps longitude and latitude are exchanged"),
    "invalid_shape": _("the outline crosses or touches itself"),
    "no_blocks": _("no block of this census has its middle inside"),
    "has_draft": _("somebody works on another draft of this polygon: publish or discard it first"),
    "other_municipality": _("the polygon with this code lies in another municipality"),
}

CHECKED = """
    WITH mexico AS (
        SELECT ST_Expand(area, 0.01 * greatest(ST_XMax(area) - ST_XMin(area), ST_YMax(area) - ST_YMin(area))) AS area
        FROM (SELECT ST_Transform(ST_Segmentize(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 1), %s) AS area) AS frame
    ), read AS (
        SELECT line, btrim(code) AS code, btrim(name) AS name,
               ST_SetSRID(pg_temp.shape_of(decode(wkb, 'hex')), %s) AS raw
        FROM polygon_line
    )
    SELECT line, code, name, raw, CASE
        WHEN coalesce(code, '') = '' OR length(code) > 20 OR code ~ '[^A-Za-z0-9._-]' THEN 'bad_key'
        WHEN count(*) OVER (PARTITION BY code) > 1 THEN 'duplicate'
        WHEN raw IS NULL OR ST_IsEmpty(raw) OR GeometryType(raw) NOT IN ('POLYGON', 'MULTIPOLYGON') THEN 'no_shape'
        WHEN NOT raw @ (SELECT area FROM mexico) THEN 'outside'
        WHEN NOT ST_IsValid(raw) THEN 'invalid_shape'
    END AS reason
    FROM read
"""
# Blocks by their point on surface, of the municipality that most of them lie in; `left_out` counts the others.
DRAWN = """
    WITH drawn AS (
        SELECT line, code, name, ST_Multi(ST_Transform(raw, 4326)) AS shape FROM polygon_checked WHERE reason IS NULL
    ), inside AS (
        SELECT drawn.line, block.id, block.code, block.municipality_id, block.city_id, block.geometry
        FROM drawn JOIN polygons_block AS block ON block.vintage = %s AND block.geometry && drawn.shape
          AND ST_Intersects(drawn.shape, ST_PointOnSurface(block.geometry))
    ), place AS (
        SELECT line, mode() WITHIN GROUP (ORDER BY municipality_id) AS municipality_id FROM inside GROUP BY line
    ), members AS (
        SELECT line, inside.municipality_id, mode() WITHIN GROUP (ORDER BY city_id) AS city_id,
               array_agg(id ORDER BY inside.code) AS ids, ST_Union(ST_Buffer(geometry, 1e-7, 'join=mitre')) AS blocks
        FROM inside JOIN place USING (line, municipality_id) GROUP BY line, inside.municipality_id
    )
    SELECT drawn.line, drawn.code, drawn.name, members.municipality_id, members.city_id, members.ids,
           (SELECT count(*) FROM inside WHERE inside.line = drawn.line) - cardinality(members.ids) AS left_out,
           ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Union(drawn.shape, members.blocks)), 3)) AS geometry
    FROM drawn LEFT JOIN members USING (line)
"""
# The last version of the polygon with this code, and whether it is the same drawing around the same blocks. What was
# drawn here around its blocks may enclose others: then the line alone says that it is the same.
LAST = f"""
    SELECT version.id, version.status, version.number, polygon.municipality_id,
           version.vintage = %s
           AND (version.source <> 'imported' OR version.block_count = cardinality(imported.ids)
                AND ARRAY(SELECT block_id FROM polygons_polygonversion_blocks WHERE polygonversion_id = version.id)
                    @> imported.ids)
           AND ST_Area(ST_Transform(ST_SymDifference(version.geometry, imported.geometry), {METRES}))
               <= {SAME} * version.area
    FROM polygon_imported AS imported JOIN polygons_polygon AS polygon ON polygon.code = imported.code
    JOIN polygons_polygonversion AS version ON version.polygon_id = polygon.id
    WHERE imported.line = %s ORDER BY version.number DESC LIMIT 1
"""


@dataclass
class PolygonImport:
    """What one file brought.

    `rejects` are (feature, code, reason of REASONS); `left_out` blocks of another municipality; `versions` the drafts
    that stand as the file draws them.
    """

    features: int = 0
    new: int = 0
    redrawn: int = 0
    unchanged: int = 0
    blocks: int = 0
    left_out: int = 0
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)


@transaction.atomic
def import_polygons(
    path: Path,
    *,
    vintage: int,
    code_column: str = "",
    name_column: str = "",
    publish_at: datetime | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> PolygonImport:
    """Drafts of the file's polygons, published with `publish_at` and a `reason`.

    A polygon that stands as the file draws it changes nothing; another drawing of a known code is its next version.
    Raises ImportRefused where the file or its columns cannot be read, Refused as `publish` does.
    """
    if publish_at and not reason.strip():
        raise Refused(gettext("Say why these polygons are published."))
    info = read_info(path)
    columns = list(info["fields"])
    code, name = _column(columns, code_column, CODE_NAMES, gettext("code")), ""
    if name_column or {column.upper() for column in columns} & set(NAME_NAMES):
        name = _column(columns, name_column, NAME_NAMES, gettext("name"))
    with connection.cursor() as cursor:
        srid = srid_of(cursor, info["crs"])
        make_staging(cursor, "polygon_line", "line integer, code text, name text, wkb text")
        copy_rows(cursor, "polygon_line", ("line", "code", "name", "wkb"), _features(path, code, name))
        cursor.execute(SAFE_GEOMETRY)
        make_staging_as(cursor, "polygon_checked", CHECKED, [*MEXICO, srid, srid])
        make_staging_as(cursor, "polygon_imported", DRAWN, [vintage])
        found = PolygonImport()
        cursor.execute("SELECT line, coalesce(code, ''), reason FROM polygon_checked ORDER BY line")
        for line, key, fault in cursor.fetchall():
            found.features += 1
            if fault:
                found.rejects.append((line, key, fault))
        cursor.execute(
            "SELECT line, code, name, municipality_id, city_id, ids, left_out FROM polygon_imported ORDER BY line"
        )
        for row in cursor.fetchall():
            _take(cursor, found, path.name, vintage, *row)
    if publish_at and found.versions:
        publish(found.versions, reason=reason, at=publish_at)
    transaction.set_rollback(dry_run)
    return found


def _take(
    cursor: Any,
    found: PolygonImport,
    file: str,
    vintage: int,
    line: int,
    code: str,
    name: str | None,
    municipality: str | None,
    city: str | None,
    ids: list[int] | None,
    left_out: int | None,
) -> None:
    if not ids or municipality is None:
        found.rejects.append((line, code, "no_blocks"))
        return
    cursor.execute(LAST, [vintage, line])
    last = cursor.fetchone()
    if last and last[4]:
        found.unchanged += 1
        if last[1] == PolygonVersion.Status.DRAFT:
            found.versions.append(last[0])
        return
    if last and last[1] == PolygonVersion.Status.DRAFT:
        found.rejects.append((line, code, "has_draft"))
        return
    if last and last[3] != municipality:
        found.rejects.append((line, code, "other_municipality"))
        return
    if last:
        polygon = Polygon.objects.get(code=code)
        found.redrawn += 1
    else:
        place = Municipality.objects.get(pk=municipality)
        fields = {"name": (name or code)[:120], "municipality": place, "city_id": city}
        polygon = Polygon.objects.create(code=code, **fields)
        found.new += 1
    method = json.dumps({"imported": {"file": file, "feature": line}})
    number = last[2] + 1 if last else 1
    source = PolygonVersion.Source.IMPORTED
    pk = insert_version(polygon.pk, number, ids, source=source, vintage=vintage, method=method, by_pk=None)
    cursor.execute(
        f"""
        UPDATE polygons_polygonversion AS version
        SET geometry = imported.geometry, mercator = ST_Transform(imported.geometry, 3857),
            area = ST_Area(ST_Transform(imported.geometry, {METRES}))
        FROM polygon_imported AS imported WHERE version.id = %s AND imported.line = %s
        """,
        [pk, line],
    )
    found.versions.append(pk)
    found.blocks += len(ids)
    found.left_out += left_out or 0


def _column(columns: list[str], asked: str, usual: tuple[str, ...], what: str) -> str:
    by_name = {column.upper(): column for column in columns}
    for name in [asked] if asked else usual:
        if name.upper() in by_name:
            return by_name[name.upper()]
    raise ImportRefused(
        gettext("No column holds the polygon's %(what)s; found %(columns)s.")
        % {"what": what, "columns": ", ".join(columns)}
    )


def _features(path: Path, code: str, name: str) -> Iterator[tuple[int, str | None, str | None, str]]:
    line = 0
    columns = [column for column in dict.fromkeys((code, name)) if column]
    source = pyogrio.open_arrow(gdal_path(path), columns=columns, batch_size=BATCH_ROWS, use_pyarrow=True)
    with source as (meta, batches):
        geometry = meta["geometry_name"] or "wkb_geometry"
        for batch in batches:
            codes = batch.column(code).to_pylist()
            names = batch.column(name).to_pylist() if name else [None] * len(codes)
            for key, title, wkb in zip(codes, names, batch.column(geometry).to_pylist(), strict=True):
                line += 1
                yield line, _text(key), _text(title), wkb.hex() if wkb else ""


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


__all__ = ["ImportRefused", "PolygonImport", "Refused", "import_polygons"]
