"""Where an action lies: the blocks it touches, its share inside the polygon, its municipality. PostGIS measures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.coordinates import as_text, check_place
from modalities.models import ActionType, GeometryKind
from polygons.models import Block
from projects.models import Action, ActionBlock, Observation
from projects.services.editing import open_for
from projects.services.merging import Marks, merge, refuse, standing

# A pipe or a pavement lies in the street, between blocks: it touches those it fronts, half a wide street away.
REACH_METRES = 15
# Digitised edges never meet exactly: an area that covers less of a block than this part of itself does not touch it.
SLIVER = 0.0005
# The portal has no boundaries of municipalities: a site that touches no block is told by the blocks around it.
FAR_METRES = 20_000
# Dimensions a site may have. An area also stands for "along these blocks" where a line or points are built.
DIMENSIONS = {GeometryKind.POINT: (0, 2), GeometryKind.LINE: (1, 2), GeometryKind.AREA: (2,), GeometryKind.NONE: ()}

# Lengths and areas in EPSG:6372 (metres, Mexico ITRF2008); points are counted.
MEASURE = """CASE ST_Dimension(site.metres)
    WHEN 0 THEN ST_NPoints({shape}) WHEN 1 THEN ST_Length({shape}) ELSE ST_Area({shape}) END::float"""
TOUCHED = f"""
    WITH site AS (
        SELECT action.geometry, ST_Transform(action.geometry, 6372) AS metres,
               coalesce(version.vintage, (SELECT max(vintage) FROM polygons_block
                                          WHERE municipality_id = project.municipality_id)) AS vintage
        FROM projects_action AS action
        JOIN projects_project AS project ON project.id = action.project_id
        LEFT JOIN polygons_polygonversion AS version ON version.id = project.polygon_version_id
        WHERE action.id = %(action)s AND action.geometry IS NOT NULL
    )
    SELECT block.id, block.municipality_id,
           {MEASURE.format(shape="ST_Intersection(near.metres, site.metres)")} / {MEASURE.format(shape="site.metres")}
    FROM site
    JOIN polygons_block AS block
      ON block.vintage = site.vintage AND block.geometry && ST_Expand(site.geometry, 0.0005)
    CROSS JOIN LATERAL (SELECT ST_Transform(block.geometry, 6372) AS metres) AS near
    WHERE ST_DWithin(near.metres, site.metres, CASE ST_Dimension(site.metres) WHEN 2 THEN 0 ELSE %(reach)s END)
    ORDER BY 3 DESC, block.code
"""
INSIDE = f"""
    SELECT {MEASURE.format(shape="ST_Intersection(polygon.metres, site.metres)")}
           / {MEASURE.format(shape="site.metres")}
    FROM projects_action AS action
    JOIN projects_project AS project ON project.id = action.project_id
    JOIN polygons_polygonversion AS version ON version.id = project.polygon_version_id
    CROSS JOIN LATERAL (SELECT ST_Transform(action.geometry, 6372) AS metres) AS site
    CROSS JOIN LATERAL (SELECT ST_Transform(version.geometry, 6372) AS metres) AS polygon
    WHERE action.id = %(action)s AND action.geometry IS NOT NULL
"""
# The project's own municipality where its blocks are near, or it has none on the map; else that of the nearest block.
AROUND = """
    SELECT CASE WHEN own.near IS NOT FALSE THEN project.municipality_id ELSE (
        SELECT block.municipality_id FROM polygons_block AS block WHERE block.geometry IS NOT NULL
        ORDER BY block.geometry <-> action.geometry LIMIT 1
    ) END
    FROM projects_action AS action
    JOIN projects_project AS project ON project.id = action.project_id
    CROSS JOIN LATERAL (
        SELECT bool_or(block.geometry && ST_Expand(action.geometry, 0.3)
                       AND ST_DWithin(ST_Transform(block.geometry, 6372), ST_Transform(action.geometry, 6372), %(far)s))
        FROM polygons_block AS block
        WHERE block.municipality_id = project.municipality_id AND block.geometry IS NOT NULL
    ) AS own (near)
    WHERE action.id = %(action)s AND action.geometry IS NOT NULL
"""


@dataclass(frozen=True)
class Location:
    """`blocks` are (block pk, share of the site in it, 0 to 1), the largest share first.

    A line touches the blocks it fronts, with share 0 where it stays in the street. `inside` is the share of the site
    in the project's polygon; None without a site or a polygon. `municipality` is the code of the touched blocks'
    municipality, else of those around it (`AROUND`); None without a site.
    """

    blocks: list[tuple[int, float]]
    inside: float | None
    municipality: str | None


def locate(action: Action) -> Location:
    """Measured now from the stored site and the polygon version of the proposal; writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"action": action.pk, "reach": REACH_METRES})
        rows = cursor.fetchall()
        cursor.execute(INSIDE, {"action": action.pk})
        inside = cursor.fetchone()
    dimension = action.geometry.dims if action.geometry else None
    if dimension == 2 or (dimension == 0 and any(share for _block, _code, share in rows)):
        rows = [row for row in rows if row[2] > SLIVER]
    return Location(
        blocks=[(block, share) for block, _code, share in rows],
        inside=min(inside[0], 1.0) if inside else None,
        municipality=rows[0][1] if rows else _around(action),
    )


def _around(action: Action) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(AROUND, {"action": action.pk, "far": FAR_METRES})
        found = cursor.fetchone()
    return found[0] if found else None


@transaction.atomic
def set_site(
    action: Action,
    *,
    by: User,
    geometry: GEOSGeometry | None = None,
    blocks: Sequence[Block] = (),
    seen: Marks | None = None,
) -> Location:
    """Keep the site, a geometry in EPSG:4326 or the union of the chosen blocks, and the blocks it touches.

    `seen`: the mark of the place (as text) that the writer was shown. Raises ValidationError where the site does not
    fit the action's type or lies in another municipality, Overtaken where somebody else moved it since.
    """
    open_for(action.project, by, Observation.Section.PLACE)
    now = standing(action).geometry
    if blocks:
        geometry = Block.objects.filter(pk__in=[block.pk for block in blocks]).aggregate(Union("geometry"))[
            "geometry__union"
        ]
    if geometry is not None:
        check_place(geometry)
        check_kind(geometry, action.action_type)
    changed, theirs = merge({"place": place_text(now)}, {"place": place_text(geometry)}, seen)
    refuse(action, theirs)
    if seen is not None and not changed:
        return locate(action)
    action.geometry = geometry
    action.save(update_fields=["geometry"])
    location = store_location(action)
    if location.municipality not in (None, action.project.municipality_id):
        raise ValidationError(
            _("The site lies in another municipality. Check the coordinates."), code="another_municipality"
        )
    return location


def place_text(geometry: GEOSGeometry | None) -> str:
    """A site as the form shows it; empty where there is none."""
    return as_text(geometry) if geometry else ""


def store_location(action: Action) -> Location:
    location = locate(action)
    action.touched.all().delete()
    ActionBlock.objects.bulk_create(
        ActionBlock(action=action, block_id=block, share=share) for block, share in location.blocks
    )
    return location


def check_kind(geometry: GEOSGeometry, action_type: ActionType) -> None:
    """Raises ValidationError where the type is not drawn so."""
    kind = GeometryKind(action_type.geometry_kind)
    if kind == GeometryKind.NONE:
        raise ValidationError(_("This type of action has no place of its own. Leave the site empty."), code="kind")
    if geometry.dims not in DIMENSIONS[kind]:
        raise ValidationError(
            _("This type of action is drawn as: %(kind)s. Paste it so, or choose blocks."),
            code="kind",
            params={"kind": kind.label.lower()},
        )
