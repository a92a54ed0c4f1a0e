"""Vector tiles straight from PostGIS: what one caller may see of one square of the map.

Sizes and speeds: blocks from zoom 11, polygons from 6, cities to 7; farther out a tile would weigh too much or lose
what is too small to draw.
"""

import math
from typing import Any, NamedTuple

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Polygon as Rectangle
from django.contrib.postgres.aggregates import BitXor
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, Max, Q, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from polygons.deficits import MAPPED
from polygons.models import Block, City, MapChange, PolygonVersion

EXTENT = 4096
BUFFER = 64
# Half the width of the world in EPSG:3857.
HALF_WORLD = math.pi * 6_378_137
CACHED_S = 24 * 60 * 60
# Counted up when tiles are drawn otherwise, so that none of the old drawing is served from a cache.
DRAWING = 3

RANGES = [f"{deficit.name}_{end}" for deficit in MAPPED for end in ("low", "high")]


class Layer(NamedTuple):
    model: Any
    geometry: str
    min_zoom: int
    max_zoom: int
    features: Any
    # Whose changes (MapChange.source) change the layer for everybody.
    sources: tuple[str, ...]
    # Tiles of what everybody sees are drawn ahead to this zoom; beyond, drawing takes milliseconds.
    stored_to: int
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
    "cities": Layer(City, "point", 0, 7, _cities, ("cities",), stored_to=7),
    "polygons": Layer(PolygonVersion, "mercator", 6, 16, _polygons, ("polygons",), stored_to=11, is_named=True),
    "blocks": Layer(Block, "mercator", 11, 16, _blocks, ("blocks",), stored_to=13),
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
    # Beyond the edge of the world a longitude would come out on the other side of it.
    edges = (west - margin, south - margin, east + margin, north + margin)
    around = Rectangle.from_bbox(tuple(max(min(edge, HALF_WORLD), -HALF_WORLD) for edge in edges))
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


def latest_vintage() -> int | None:
    """The census the map shows: the last one imported blocks of."""
    key = f"latest-vintage-{version_of(LAYERS['blocks'])}"
    vintage = cache.get(key)
    if vintage is None:
        vintage = Block.objects.aggregate(vintage=Max("vintage"))["vintage"]
        cache.set(key, vintage, CACHED_S)
    return vintage


# ---- Whose tile, and of when ----------------------------------------------------------------------------------------
def reads_drafts(kind: Layer, user: Any) -> bool:
    return kind.model is PolygonVersion and user.is_authenticated and user.reads_draft_polygons


def is_public(kind: Layer, user: Any) -> bool:
    """Whether the caller sees of this layer what everybody does, neither less (a territory) nor more (drafts)."""
    return not user.is_authenticated or (user.sees_the_nation and not reads_drafts(kind, user))


def scope_key(kind: Layer, user: Any) -> str:
    """Alike for two callers who see the same."""
    if is_public(kind, user):
        return "public"
    territory = (user.is_valid_today, user.is_national, user.state_id, user.municipality_id)
    return "-".join(map(str, (*territory, reads_drafts(kind, user))))


def version_of(kind: Layer, *, with_drafts: bool = False) -> str:
    """Changes at the moment any change of what the layer shows is committed, or when it is drawn otherwise."""
    return f"{DRAWING}-{state_of(*kind.sources, *(['drafts'] if with_drafts else []))}"


def state_of(*sources: str) -> str:
    """The name of the data's state, as of all changes committed: alike only where nothing changed."""
    marks = MapChange.objects.filter(source__in=sources)
    return f"{marks.aggregate(token=BitXor('token'))['token'] or 0:x}"
