"""Habitat Polygons drawn twice: as they were first published, and as a walk through the corners corrected them.

One is redrawn, one takes in another and one is split, so that last year's projects stand under versions that are over.
Outlines are cut along the rows of the grid of blocks, counted from the south.
"""

import datetime as dt
from collections.abc import Sequence

from django.db.models import QuerySet

from habitat.accounts.models import User
from polygons import services as territory
from polygons.models import Polygon, PolygonVersion
from reports.demo import census
from reports.demo.places import PLACES, Place, Spot
from reports.demo.sites import plot_of

# Corners by name: lacks its southern edge at first, and its northern one afterwards; one polygon only afterwards; two.
REDRAWN, MERGED, SPLIT = "Bellavista", "Fundadores", "Tierra Nueva"
FOUND = "Delimitación con el Censo 2020."
CORRECTED = "Recorrido de campo: se corrige el contorno y se reúne lo que era una sola colonia."
DIVIDED = "La avenida nueva separa el norte, con otro comité vecinal."
Corners = dict[tuple[Place, Spot], PolygonVersion]


def draw(method: territory.Method, *, by: User, at: dt.datetime) -> Corners:
    """Publishes what is found, but for an edge of one polygon; of another the southern part stands apart."""
    drafts = territory.delineate(method, by=by).versions
    corners = _corners(PolygonVersion.objects.filter(pk__in=drafts))
    for (_place, spot), version in corners.items():
        Polygon.objects.filter(pk=version.polygon_id).update(name=spot.name)
    redrawn, merged = _named(corners, REDRAWN), _named(corners, MERGED)
    territory.change_members(redrawn, expected=redrawn.revision, remove=_rows(redrawn, 0, 1), by=by)
    apart = _cut(merged, _rows(merged, 0, 3), f"{MERGED} Sur", by)
    territory.publish({*drafts, *apart}, reason=FOUND, by=by, at=at)
    return _corners(PolygonVersion.objects.published())


def redraw(method: territory.Method, corners: Corners, *, by: User, at: dt.datetime) -> Corners:
    """Publishes what is found now, which is whole again, but for the other edge; then a polygon becomes two."""
    drafts = territory.delineate(method, by=by).versions
    redrawn = PolygonVersion.objects.select_related("polygon").get(pk__in=drafts, polygon__name=REDRAWN)
    territory.change_members(redrawn, expected=redrawn.revision, remove=_rows(redrawn, 5, 99), by=by)
    territory.publish(drafts, reason=CORRECTED, by=by, at=at)
    split = _named(corners, SPLIT)
    territory.publish(_cut(split, _rows(split, 9, 99), f"{SPLIT} Norte", by), reason=DIVIDED, by=by, at=at)
    return _corners(PolygonVersion.objects.published())


def _corners(versions: QuerySet[PolygonVersion]) -> Corners:
    """The polygon about each poor corner."""
    found: Corners = {}
    drawn = list(versions.select_related("polygon__municipality"))
    for place in PLACES:
        of_place = [version for version in drawn if version.polygon.municipality_id == place.municipality]
        for spot in place.spots:
            point = plot_of(place, spot)
            found[place, spot] = min(of_place, key=lambda version: version.geometry.distance(point))
    return found


def _named(corners: Corners, name: str) -> PolygonVersion:
    return next(version for (_place, spot), version in corners.items() if spot.name == name)


def _rows(version: PolygonVersion, first: int, end: int) -> list[str]:
    """Keys of the version's blocks in these rows of its place's grid."""
    [place] = [place for place in PLACES if place.municipality == version.polygon.municipality_id]
    row_of = {block.code: number // place.columns for number, block in enumerate(census.blocks_of(place))}
    codes = version.blocks.order_by("code").values_list("code", flat=True)
    return [code for code in codes if first <= row_of[code] < end]


def _cut(version: PolygonVersion, codes: Sequence[str], name: str, by: User) -> list[int]:
    """Drafts (pks) of the version without these blocks, and of a new polygon of them."""
    rest = version.blocks.exclude(code__in=codes).values_list("code", flat=True)
    drafts = territory.split(version, [list(rest), codes], by=by)
    Polygon.objects.filter(pk=drafts[1].polygon_id).update(name=name)
    return [draft.pk for draft in drafts]
