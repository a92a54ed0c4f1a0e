"""Vector tiles straight from PostGIS: what one caller may see of one square of the map.

Sizes and speeds: blocks from zoom 11, polygons from 6, cities to 7; farther out a tile would weigh too much or lose
what is too small to draw.
"""

import hashlib
import math
from typing import Any, NamedTuple

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Polygon as Rectangle
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, Max, Q, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from polygons.deficits import MAPPED
from polygons.models import Block, City, Polygon, PolygonVersion, Tombstone

EXTENT = 4096
BUFFER = 64
# Half the width of the world in EPSG:3857.
HALF_WORLD = math.pi * 6_378_137
CACHED_S = 24 * 60 * 60
# Counted up when tiles are drawn otherwise, so that none of the old drawing is served from a cache.
DRAWING = 2

RANGES = [f"{deficit.name}_{end}" for deficit in MAPPED for end in ("low", "high")]


class Layer(NamedTuple):
    model: Any
    geometry: str
    min_zoom: int
    max_zoom: int
    features: Any
    # A second layer "<name>-names" with one point a feature, so that a name is not written again in every tile.
    is_named: bool = False


class TileGeometry(Func):
    """Clipped to the tile and in its own grid; what is smaller than the grid becomes a square of one cell."""

    function = "ST_AsMVTGeom"
    output_field = models.BinaryField()

    def __init__(self, geometry: Any, bounds: Rectangle) -> None:
        cell = (bounds.extent[2] - bounds.extent[0]) / EXTENT
        square = Func(Func(geometry, function="ST_Centroid"), Value(cell), function="ST_Expand")
        self.bounds = Func(*(Value(edge) for edge in bounds.extent), Value(3857), function="ST_MakeEnvelope")
        super().__init__(geometry, self.bounds, Value(EXTENT), Value(BUFFER), Value(True))
        self.square = Func(square, self.bounds, Value(EXTENT), Value(BUFFER), Value(True), function="ST_AsMVTGeom")


def _blocks(rows: Any) -> Any:
    return rows.filter(vintage=latest_vintage()).values(
        "code", "dwellings", "base", *RANGES, masked=models.ExpressionWrapper(~Q(missing={}), models.BooleanField())
    )


def _polygons(rows: Any) -> Any:
    first, last = reverse("polygons:detail", args=["CODE"]).split("CODE")
    return rows.current().values(
        "dwellings",
        "base",
        *RANGES,
        code=F("polygon__code"),
        name=F("polygon__name"),
        url=Concat(Value(first), F("polygon__code"), Value(last), output_field=models.TextField()),
    )


def _cities(rows: Any) -> Any:
    return rows.values("code", "name", "population", "kind")


LAYERS = {
    "cities": Layer(City, "point", 0, 7, _cities),
    "polygons": Layer(PolygonVersion, "mercator", 6, 16, _polygons, is_named=True),
    "blocks": Layer(Block, "mercator", 11, 16, _blocks),
}


def bounds_of(z: int, x: int, y: int) -> Rectangle:
    """The tile's square in EPSG:3857."""
    side = 2 * HALF_WORLD / 2**z
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    square = Rectangle.from_bbox((west, north - side, west + side, north))
    square.srid = 3857
    return square


def draw(layer: Layer, name: str, user: Any, z: int, x: int, y: int) -> bytes:
    """One tile, empty where the caller sees nothing."""
    bounds = bounds_of(z, x, y)
    margin = (bounds.extent[2] - bounds.extent[0]) * BUFFER / EXTENT
    west, south, east, north = bounds.extent
    around = Rectangle.from_bbox((west - margin, south - margin, east + margin, north + margin))
    around.srid = 3857
    rows = layer.model.objects.visible_to(user).filter(**{f"{layer.geometry}__bboverlaps": around})
    stored = F(layer.geometry)
    mercator = stored if layer.geometry == "mercator" else Func(stored, Value(3857), function="ST_Transform")
    drawn = TileGeometry(mercator, bounds)
    features = layer.features(rows).annotate(geom=Coalesce(drawn, drawn.square, output_field=models.BinaryField()))
    tile = _encode(name, features)
    if tile and layer.is_named:
        # Layers of a tile stand one behind the other (Mapbox Vector Tile specification 2.1, section 4.1).
        spots = layer.features(rows.annotate(spot=PointOnSurface(mercator)).filter(spot__within=bounds))
        tile += _encode(f"{name}-names", spots.annotate(geom=TileGeometry(F("spot"), bounds)))
    return tile


def _encode(name: str, features: Any) -> bytes:
    try:
        sql, params = features.order_by().query.sql_with_params()
    except EmptyResultSet:
        # Somebody without territory.
        return b""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ST_AsMVT(tile, %s, {EXTENT}, 'geom') FROM ({sql}) AS tile", [name, *params])
        return bytes(cursor.fetchone()[0] or b"")


def data_version() -> str:
    """Changes with any change of what the map shows or how; five look-ups in indexes."""
    moments = [
        model.objects.aggregate(moment=Max(field))["moment"]
        for model, field in (
            (Block, "updated_at"),
            (PolygonVersion, "updated_at"),
            (Polygon, "updated_at"),
            (City, "updated_at"),
            (Tombstone, "deleted_at"),
        )
    ]
    return hashlib.sha256(repr((DRAWING, moments)).encode()).hexdigest()[:16]


def latest_vintage() -> int | None:
    """The census the map shows: the last one imported blocks of."""
    key = f"latest-vintage-{data_version()}"
    vintage = cache.get(key)
    if vintage is None:
        vintage = Block.objects.aggregate(vintage=Max("vintage"))["vintage"]
        cache.set(key, vintage, CACHED_S)
    return vintage


def scope_key(user: Any) -> str:
    """Alike for two callers who see the same."""
    if not user.is_authenticated:
        return "public"
    territory = (user.is_valid_today, user.is_national, user.state_id, user.municipality_id)
    return "-".join(map(str, (*territory, user.reads_draft_polygons)))
