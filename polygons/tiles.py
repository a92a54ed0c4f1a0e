"""Vector tiles straight from PostGIS: what one caller may see of one square of the map.

Sizes and speeds: blocks from zoom 11, polygons from 6, cities to 7; farther out a tile would weigh too much or lose
what is too small to draw.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, Max, Value
from django.db.models.functions import Concat, Right
from django.urls import reverse

from polygons.deficits import MAPPED
from polygons.models import Block, City, MapChange, PolygonVersion

EXTENT = 4096
BUFFER = 64
# Half the width of the world in EPSG:3857.
HALF_WORLD = math.pi * 6_378_137
CACHED_S = 24 * 60 * 60
# Counted up when tiles are drawn otherwise, so that none of the old drawing is served from a cache.
DRAWING = 5
# Metres of a grid so fine that rounding to it leaves blocks and polygons what they were: from zoom 11.
FINE_M = 5

# Of a block's key, after its AGEB's.
NUMBER_DIGITS = 3
RANGES = [f"{deficit.name}_{end}" for deficit in MAPPED for end in ("low", "high")]


class Layer(NamedTuple):
    model: Any
    geometry: str
    min_zoom: int
    max_zoom: int
    # Rows and the census on the map -> what of them is drawn.
    features: Any
    # Whose changes (MapChange.source) change the layer for everybody.
    sources: tuple[str, ...]
    # Tiles of what everybody sees are drawn ahead to this zoom; beyond, drawing takes milliseconds.
    stored_to: int
    # Attributes as SQL that are not written as the column says.
    written: dict[str, str] = {}
    # A second layer "<name>-names" with one point a feature, so that a name is not written again in every tile.
    is_named: bool = False


def _blocks(rows: Any, vintage: int | None) -> Any:
    """The key in two parts: a tile writes each value once, and one AGEB has many blocks."""
    return rows.filter(vintage=vintage).values(
        "dwellings", "base", *RANGES, ageb=F("ageb_code"), number=Right("code", NUMBER_DIGITS)
    )


def _polygons(rows: Any, _vintage: int | None) -> Any:
    first, last = reverse("polygons:detail", args=["CODE"]).split("CODE")
    return rows.current().values(
        "dwellings",
        "base",
        *RANGES,
        code=F("polygon__code"),
        name=F("polygon__name"),
        url=Concat(Value(first), F("polygon__code"), Value(last), output_field=models.TextField()),
    )


def _cities(rows: Any, _vintage: int | None) -> Any:
    return rows.values("code", "name", "population", "kind")


# Most figures are certain: the upper end of a range stands only where it is another than the lower.
CERTAIN = {one.high: f'NULLIF("{one.high}", "{one.low}") AS "{one.high}"' for one in MAPPED}

LAYERS = {
    "cities": Layer(City, "point", 0, 7, _cities, ("cities",), stored_to=7),
    "polygons": Layer(PolygonVersion, "mercator", 6, 16, _polygons, ("polygons",), stored_to=11, is_named=True),
    "blocks": Layer(Block, "mercator", 11, 16, _blocks, ("blocks",), stored_to=13, written=CERTAIN),
}


class Square(NamedTuple):
    """A tile's place in EPSG:3857."""

    west: float
    south: float
    east: float
    north: float

    @property
    def cell(self) -> float:
        return (self.east - self.west) / EXTENT

    def box(self, margin: float = 0) -> str:
        """As SQL."""
        edges = (self.west - margin, self.south - margin, self.east + margin, self.north + margin)
        return f"ST_MakeEnvelope({', '.join(map(repr, edges))}, 3857)"


def square_of(z: int, x: int, y: int) -> Square:
    side = 2 * HALF_WORLD / 2**z
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    return Square(west, north - side, west + side, north)


def draw(layer: Layer, name: str, user: Any, z: int, x: int, y: int, *, version: str) -> bytes:
    """One tile, empty where the caller sees nothing. `version` is the layer's, read before."""
    vintage = _latest_vintage(version) if layer.model is Block else None
    query = _public_query(name, vintage) if is_public(layer, user) else _query(layer, user, vintage)
    if query is None:
        return b""
    square = square_of(z, x, y)
    near = f"FROM ({query.sql}) AS feature WHERE shape && {square.box(BUFFER * square.cell)}"
    tile = _encode(name, query, f"SELECT {query.columns}, {_in_tile('shape', square)} AS geom {near}")
    if tile and layer.is_named:
        # Layers of a tile stand one behind the other (Mapbox Vector Tile specification 2.1, section 4.1).
        spots = f"SELECT {query.columns}, ST_PointOnSurface(shape) AS spot {near}"
        within = f"FROM ({spots}) AS feature WHERE spot && {square.box()}"
        tile += _encode(f"{name}-names", query, f"SELECT {query.columns}, {_in_tile('spot', square)} AS geom {within}")
    return tile


class Query(NamedTuple):
    """Features of a layer anywhere: `columns` besides their `shape` in EPSG:3857."""

    sql: str
    parameters: tuple[Any, ...]
    columns: str


@lru_cache(maxsize=8)
def _public_query(name: str, vintage: int | None) -> Query | None:
    """Written once: that takes Django as long as it takes PostGIS to draw a tile."""
    return _query(LAYERS[name], AnonymousUser(), vintage)


def _query(layer: Layer, user: Any, vintage: int | None) -> Query | None:
    """None where the caller sees nothing at all: somebody without territory."""
    rows = layer.features(layer.model.objects.visible_to(user), vintage).order_by()
    names = [*rows.query.values_select, *rows.query.annotation_select]
    # Not said to be a geometry: Django would select it as bytes.
    kept = "%(expressions)s" if layer.geometry == "mercator" else "ST_Transform(%(expressions)s, 3857)"
    shape = Func(layer.geometry, template=kept, output_field=models.BinaryField())
    try:
        sql, parameters = rows.annotate(shape=shape).query.sql_with_params()
    except EmptyResultSet:
        return None
    columns = [layer.written.get(name) or connection.ops.quote_name(name) for name in names]
    return Query(sql, parameters, ", ".join(columns))


def _in_tile(shape: str, square: Square) -> str:
    """SQL for a geometry clipped to the tile and in its grid; what is smaller than that becomes a square of one cell.

    What lies wholly inside a tile of a fine grid is only moved and rounded, in a quarter of the time of ST_AsMVTGeom,
    which also looks for rings that rounding made cross.
    """
    cell, box = square.cell, square.box()
    drawn, least = (
        f"ST_AsMVTGeom({part}, {box}, {EXTENT}, {BUFFER}, true)"
        for part in (shape, f"ST_Expand(ST_Centroid({shape}), {cell!r})")
    )
    if cell <= FINE_M:
        numbers = (1 / cell, 0, 0, -1 / cell, -square.west / cell, square.north / cell)
        rounded = f"ST_SnapToGrid(ST_Affine({shape}, {', '.join(map(repr, numbers))}), 1)"
        inside = f"NULLIF(ST_ForcePolygonCCW({rounded}), 'SRID=3857;MULTIPOLYGON EMPTY')"
        drawn = f"CASE WHEN {shape} @ {box} THEN {inside} ELSE {drawn} END"
    return f"COALESCE({drawn}, {least})"


# Until the transaction ends: workers encode a part each, and putting those together costs as much again as it spares.
_ALONE = "SELECT set_config('max_parallel_workers_per_gather', '0', true)"


def _encode(name: str, query: Query, features: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ALONE}; SELECT ST_AsMVT(tile, %s, {EXTENT}, 'geom') FROM ({features}) AS tile",
            [name, *query.parameters],
        )
        return bytes(cursor.fetchone()[0] or b"")


def latest_vintage() -> int | None:
    """The census the map shows: the last one imported blocks of."""
    return _latest_vintage(version_of(LAYERS["blocks"]))


@lru_cache(maxsize=8)
def _latest_vintage(version: str) -> int | None:
    """Asked once for each state of the blocks."""
    key = f"latest-vintage-{version}"
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


_MARKS = MapChange._meta.db_table


def state_of(*sources: str) -> str:
    """The name of the data's state, as of all changes committed: alike only where nothing changed."""
    # Asked for with every tile and page: Django would take five times as long to write the statement as it runs.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT bit_xor(token) FROM {_MARKS} WHERE source = ANY(%s)", [list(sources)])
        return f"{cursor.fetchone()[0] or 0:x}"
