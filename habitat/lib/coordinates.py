"""Places as people paste them: coordinates one pair a line, or GeoJSON. Everything comes out in EPSG:4326."""

import json
import math
import re
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, LineString, Point, Polygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Mexico with its islands and a margin: west, south, east, north. No latitude in it is also a longitude.
MEXICO = (-118.7, 14.3, -86.5, 32.9)
MAX_VERTICES = 5_000
MAX_CHARACTERS = 500_000

PAIR = re.compile(r"^\s*\(?\s*(-?\d+(?:\.\d+)?)\s*°?\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*°?\s*\)?\s*[;,]?\s*$")
COLLECTORS = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


def parse_place(text: str) -> GEOSGeometry:
    """GeoJSON, or one "latitude, longitude" a line, in either order: the two cannot be confused in Mexico.

    One pair is a point, several a line; a line that ends where it began is an area.
    Raises ValidationError with a sentence.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValidationError(_("The site is too long. Simplify it and paste it again."), code="too_long")
    place = _from_geojson(text) if text.lstrip().startswith("{") else _from_pairs(text)
    check_place(place)
    return place


def as_text(place: GEOSGeometry) -> str:
    """The place as a person would paste it: pairs where they suffice, else GeoJSON; six decimals are 10 cm."""
    if isinstance(place, Polygon) and place.num_interior_rings == 0:
        pairs: Any = place.exterior_ring.coords
    elif isinstance(place, Point | LineString):
        pairs = place.coords if isinstance(place, LineString) else [place.coords]
    else:
        return place.geojson
    return "\n".join(f"{latitude:.6f}, {longitude:.6f}" for longitude, latitude in pairs)


def check_place(place: GEOSGeometry) -> None:
    """Raises ValidationError unless the place is drawn without errors and lies in Mexico."""
    if place.empty:
        raise ValidationError(_("The site has no coordinates."), code="empty")
    if place.num_coords > MAX_VERTICES:
        raise ValidationError(_("The site has too many points. Simplify it and paste it again."), code="too_long")
    west, south, east, north = place.extent
    if not (MEXICO[0] <= west and east <= MEXICO[2] and MEXICO[1] <= south and north <= MEXICO[3]):
        raise ValidationError(
            _("The site lies outside Mexico. Write degrees with decimals: 19.8301, -90.5349."), code="outside"
        )
    if not place.valid:
        raise ValidationError(_("The drawing crosses itself or is not closed. Draw it again."), code="invalid")


def _from_pairs(text: str) -> GEOSGeometry:
    points = [_point(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not points:
        raise ValidationError(_("Write at least one pair of coordinates."), code="empty")
    if len(points) == 1:
        return Point(points[0], srid=4326)
    if len(points) > 3 and points[0] == points[-1]:
        return Polygon(points, srid=4326)
    return LineString(points, srid=4326)


def _point(line: str, number: int) -> tuple[float, float]:
    """(longitude, latitude) of one line."""
    match = PAIR.match(line)
    if not match:
        raise ValidationError(
            _("Line %(number)s is not a pair of coordinates. Write it like 19.8301, -90.5349."),
            code="not_a_pair",
            params={"number": number},
        )
    first, second = float(match[1]), float(match[2])
    return (first, second) if first < second else (second, first)


def _from_geojson(text: str) -> GEOSGeometry:
    try:
        return _merge(list(_geometries(json.loads(text))))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, GDALException, GEOSException) as error:
        raise ValidationError(_("This is not a GeoJSON that the portal understands."), code="not_geojson") from error


def _geometries(node: dict):
    if node["type"] == "FeatureCollection":
        for feature in node["features"]:
            yield from _geometries(feature)
    elif node["type"] == "Feature":
        yield from _geometries(node["geometry"])
    elif node["type"] == "GeometryCollection":
        for part in node["geometries"]:
            yield from _geometries(part)
    else:
        yield node


def _merge(parts: list[dict]) -> GEOSGeometry:
    """Pieces of one kind as one geometry; ValueError where there are none or their kinds differ."""
    kinds = {part["type"].removeprefix("Multi") for part in parts}
    if len(kinds) != 1:
        raise ValueError("one kind of geometry expected")
    kind = kinds.pop()
    pieces: list = []
    for part in parts:
        pieces += part["coordinates"] if part["type"].startswith("Multi") else [part["coordinates"]]
    coordinates = [_flat(piece) for piece in pieces]
    shape = {"type": kind, "coordinates": coordinates[0]}
    if len(coordinates) > 1:
        shape = {"type": COLLECTORS[kind], "coordinates": coordinates}
    geometry = GEOSGeometry(json.dumps(shape))
    geometry.srid = 4326
    return geometry


def _flat(coordinates: list) -> list:
    """The same nest of positions with longitude and latitude only."""
    if isinstance(coordinates[0], list):
        return [_flat(inner) for inner in coordinates]
    longitude, latitude = float(coordinates[0]), float(coordinates[1])
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise ValueError("a coordinate is a finite number")
    return [longitude, latitude]
