"""Where the works lie: a street, a plot or some blocks about a neighbourhood's poor corner."""

from collections.abc import Sequence
from typing import TypedDict

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon

from modalities.models import GeometryKind, LocationBasis
from polygons.models import Block, PolygonVersion
from projects.models import Action
from reports.demo.census import BLOCK_M, STREET_M, degrees
from reports.demo.places import Place, Spot
from reports.demo.works import Work

STEP_X, STEP_Y = BLOCK_M[0] + STREET_M, BLOCK_M[1] + STREET_M
LONGEST_STREET_M = 260.0


class Site(TypedDict, total=False):
    geometry: GEOSGeometry
    blocks: Sequence[Block]


def site_of(work: Work, action: Action, version: PolygonVersion | None) -> Site | None:
    """What `services.set_site` takes; None where the type has no place of its own."""
    kind, basis = action.action_type.geometry_kind, action.action_type.location_basis
    if kind == GeometryKind.NONE or basis in (LocationBasis.NONE, LocationBasis.MUNICIPALITY_WIDE):
        return None
    if kind == GeometryKind.LINE:
        return {"geometry": _street(work, version)}
    if kind == GeometryKind.POINT:
        return {"geometry": plot_of(work.place, work.spot)}
    if basis == LocationBasis.HISTORIC_CENTRE or version is None:
        return {"geometry": _old_town(work)}
    return {"blocks": list(version.blocks.exclude(geometry=None).order_by("code")[:2])}


def _street(work: Work, version: PolygonVersion | None) -> LineString:
    """Along the street between the corner's rows of blocks that lies most within the polygon."""
    length = min(float(work.quantity), LONGEST_STREET_M)
    middle = (work.spot.column + 0.5) * STEP_X

    def along(row: int) -> LineString:
        ends = [degrees(work.place, middle + side * length / 2, row * STEP_Y - STREET_M / 2) for side in (-1, 1)]
        return LineString(*(tuple(end) for end in ends), srid=4326)

    streets = [along(round(work.spot.row) + shift) for shift in (0, 1, 2)]
    return max(streets, key=lambda street: street.intersection(version.geometry).length if version else 0)


def plot_of(place: Place, spot: Spot) -> Point:
    """The middle of the corner's central block."""
    x, y = round(spot.column) * STEP_X + BLOCK_M[0] / 2, round(spot.row) * STEP_Y + BLOCK_M[1] / 2
    return Point(*degrees(place, x, y), srid=4326)


def _old_town(work: Work) -> Polygon:
    """Two streets' width of the oldest blocks, at the neighbourhood's north-eastern end."""
    x, y = (work.place.columns - 2) * STEP_X, (work.place.rows - 2) * STEP_Y
    corners = [(x, y), (x + STEP_X, y), (x + STEP_X, y + STEP_Y), (x, y + STEP_Y), (x, y)]
    return Polygon([tuple(degrees(work.place, *corner)) for corner in corners], srid=4326)
