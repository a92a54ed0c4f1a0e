"""Rows `http`: the portal and its peers asked over HTTP, one process each, one request after the other."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.cache import cache

from habitat.bench import nation, peers
from habitat.bench.frame import Bench, Row, Taken, race, timed
from habitat.bench.servers import Server, portal
from habitat.bench.serving import FEATURES, TIMES, TOWN, plain_columns, row_of, tile_at
from polygons import tiles
from polygons.models import StoredTile
from reports.universe.census import MASKED

ATTRIBUTES = ("ageb", "number", "dwellings", "base", *tiles.RANGES)
# As our tiles write them, so that both servers encode the same values.
WRITTEN = {"ageb": "ageb_code AS ageb", "number": f"right(code, {tiles.NUMBER_DIGITS}) AS number", **tiles.CERTAIN}
TILE = "/polygons/tiles/blocks/{}/{}/{}.mvt"
OURS = f"/api/v1/blocks/?format=geojson&limit={FEATURES}&municipality={TOWN}&vintage={MASKED}"
ITEMS = f"/collections/{{}}/items?municipality_id={TOWN}&vintage={MASKED}&limit={FEATURES}&f={{}}"


FEATURE_ROWS = ("features live", "features kept")
OF_TIPG = ("live tile/tipg", *(f"{name}/tipg" for name in FEATURE_ROWS))
OF_PYGEOAPI = tuple(f"{name}/pygeoapi" for name in FEATURE_ROWS)


def rows(bench: Bench) -> Iterator[Row]:
    nation.stand_up(bench)
    with portal(bench.folder) as ours:
        yield kept_tile(bench, ours)
        yield from against_peers(bench, ours)


def kept_tile(bench: Bench, ours: Server) -> Row:
    """From the stored tiles where the group `serving` left them, else from the cache."""
    path = TILE.format(13, *tile_at(13))
    size = len(ours.ask(path)) / 1000
    ways = {
        "tile": lambda: timed(lambda: ours.ask(path, TIMES)),
        "bare": lambda: timed(lambda: ours.ask("/healthz", TIMES)),
    }
    about = ("kept tile", f"rate of blocks at zoom 13, {size:.0f} kB, {TIMES} times", "rate of /healthz")
    return row_of(about, race(ways, bench.runs), at_least=0.6)


def against_peers(bench: Bench, ours: Server) -> Iterator[Row]:
    try:
        programs = peers.install(bench.folder)
    except peers.NoPeer as reason:
        yield from (Row(name, f"not measured: {reason}", "", None) for name in (*OF_TIPG, *OF_PYGEOAPI))
        return
    geometries = (
        f"id, {', '.join(plain_columns()[1:])}, geometry",
        f"id, {', '.join(WRITTEN.get(name, name) for name in ATTRIBUTES)}, mercator AS geometry",
    )
    peers.make_tables(*(f"SELECT {columns} FROM polygons_block WHERE vintage = {MASKED}" for columns in geometries))
    yield from _with(OF_TIPG, lambda: peers.tipg(programs, bench.folder), lambda peer: _tipg(bench, ours, peer))
    yield from _with(
        OF_PYGEOAPI,
        lambda: peers.pygeoapi(programs, bench.folder),
        lambda peer: _features(bench, ours, peer, "pygeoapi"),
    )


def _with(names: tuple[str, ...], start: Any, measure: Callable[[Server], Iterator[Row]]) -> Iterator[Row]:
    """A peer that does not start or refuses costs its own rows only."""
    done = 0
    try:
        with start() as peer:
            for row in measure(peer):
                done += 1
                yield row
    except (peers.NoPeer, OSError, RuntimeError) as reason:
        yield from (Row(name, f"not measured: {reason}", "", None) for name in names[done:])


def _tipg(bench: Bench, ours: Server, peer: Server) -> Iterator[Row]:
    z, x, y = 12, *tile_at(12)
    StoredTile.objects.filter(layer="blocks", z=z, x=x, y=y).delete()
    path = f"/collections/public.{peers.TILES}/tiles/WebMercatorQuad/{z}/{x}/{y}?properties={','.join(ATTRIBUTES)}"

    def live() -> Taken:
        cache.clear()
        # Asked once for each state of the data, not once a tile.
        tiles.latest_vintage()
        return timed(lambda: ours.ask(TILE.format(z, x, y)))

    taken = race({"live": live, "tipg": lambda: timed(lambda: peer.ask(path))}, bench.runs)
    sizes = [len(server.ask(at)) / 1000 for server, at in ((ours, TILE.format(z, x, y)), (peer, path))]
    about = ("live tile/tipg", f"rate of blocks at zoom 12, nothing kept, {sizes[0]:.0f} kB")
    yield row_of((*about, f"tipg's rate with the same attributes, {sizes[1]:.0f} kB"), taken, at_least=2)
    yield from _features(bench, ours, peer, "tipg")


def _features(bench: Bench, ours: Server, peer: Server, name: str) -> Iterator[Row]:
    """Written anew with nothing kept, not even the count; and as it is kept once it was asked for twice."""
    items = ITEMS.format(*((f"public.{peers.FEATURES}", "geojson") if name == "tipg" else (peers.FEATURES, "json")))

    def live() -> Taken:
        cache.clear()
        return timed(lambda: ours.ask(OURS))

    def kept() -> Taken:
        ours.ask(OURS, times=2)
        return timed(lambda: ours.ask(OURS))

    # The first answer pays for what each looks up once.
    sizes = [len(server.ask(path)) / 1000 for server, path in ((ours, OURS), (peer, items))]
    taken = race({"live": live, "kept": kept, name: lambda: timed(lambda: peer.ask(items))}, bench.runs)
    what = f"rate of {FEATURES} blocks with count and link, {{}}, {sizes[0]:.0f} kB"
    for row, way, words in zip(FEATURE_ROWS, ("live", "kept"), ("nothing kept", "the page kept"), strict=True):
        about = (f"{row}/{name}", what.format(words), f"{name}'s rate, {sizes[1]:.0f} kB")
        yield row_of(about, {way: taken[way], name: taken[name]}, at_least=10)
