"""Tiles, features, tables and sums on the synthetic nation, each against the bare SQL or view it rests on."""

import math
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from habitat.bench import nation
from habitat.bench.frame import Bench, Median, Row, Taken, race, timed
from habitat.lib.drf.tables import columns_of
from polygons import services as territory
from polygons import tiles
from polygons.models import Block
from polygons.serializers import BlockSerializer
from reports.universe.census import MASKED

# Small answers are asked for so often in one turn.
TIMES = 20
FEATURES = 1_000
# The largest city's first municipality, and its middle.
TOWN, MIDDLE = "09801", (-99.13, 19.40)


def rows(bench: Bench) -> Iterator[Row]:
    nation.stand_up(bench)
    yield live_tile(bench)
    territory.store_tiles(now=True)
    yield cached_tile(bench)
    yield features(bench)
    yield table(bench)
    yield from sums(bench)


def live_tile(bench: Bench) -> Row:
    """Through the whole portal, nothing stored or cached, against the same SQL by itself."""
    z, x, y = 12, *tile_at(12)
    kind, address = tiles.LAYERS["blocks"], f"/polygons/tiles/blocks/{z}/{x}/{y}.mvt"
    version = tiles.version_of(kind)
    client, spot = Client(), _captured(lambda: tiles.draw(kind, "blocks", AnonymousUser(), z, x, y, version=version))

    def live() -> Taken:
        cache.clear()
        # Asked once for each state of the data, not once a tile.
        tiles.latest_vintage()
        return timed(lambda: _ask(client, address))

    ways = {"live": live, "bare": lambda: timed(lambda: _run(*spot))}
    taken = race(ways, bench.runs)
    size = len(_run(*spot)[0][0])
    return row_of(("live tile", f"blocks at zoom 12, {size / 1000:.0f} kB", "bare ST_AsMVT"), taken, at_most=2)


def cached_tile(bench: Bench) -> Row:
    x, y = tile_at(13)
    client = Client()

    def asked(address: str) -> Callable[[], Taken]:
        return lambda: timed(lambda: _ask(client, address, TIMES))

    ways = {"tile": asked(f"/polygons/tiles/blocks/13/{x}/{y}.mvt"), "bare": asked("/healthz")}
    taken = race(ways, bench.runs)
    return row_of(("stored tile", f"rate of blocks at zoom 13, {TIMES} times", "rate of /healthz"), taken, at_least=0.6)


def features(bench: Bench) -> Row:
    """The first page of a municipality's blocks with count and link, against SQL of the same scope, count and order."""
    client = Client()
    address = f"/api/v1/blocks/?format=geojson&limit={FEATURES}&municipality={TOWN}&vintage={MASKED}"
    _ask(client, address)
    columns = plain_columns()
    pairs = ", ".join(f"'{name}', {name}" for name in columns)
    page = (
        'SELECT concat(\'{"type":"Feature","geometry":\', ST_AsGeoJSON(geometry, 7), \',"properties":\','
        f" json_build_object({pairs}), '}}') FROM polygons_block"
        f" WHERE municipality_id = %s AND vintage = %s ORDER BY code, id LIMIT {FEATURES + 1}"
    )
    whole = "SELECT count(*) FROM polygons_block WHERE municipality_id = %s AND vintage = %s"

    def raw() -> str:
        parameters = (TOWN, MASKED)
        return str(_run(whole, parameters)) + ",".join(row[0] for row in _run(page, parameters))

    def live() -> Taken:
        cache.clear()
        return timed(lambda: _ask(client, address))

    taken = race({"api": live, "raw": lambda: timed(raw)}, bench.runs)
    about = ("features", f"rate of {FEATURES} blocks as GeoJSON, nothing kept", "rate of raw SQL")
    return row_of(about, taken, at_least=0.7)


def table(bench: Bench) -> Row:
    """Against the same columns in the same order, without the API's guard of cells that would run as formulas."""
    client, at = Client(), connection.settings_dict
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    address = f"/api/v1/blocks/?format=csv&vintage={MASKED}"
    held = {field.name: field.attname for field in Block._meta.concrete_fields}
    columns = [held[path] for path in columns_of(BlockSerializer).values() if path != "key"]
    query = f"SELECT code || '-' || vintage, {', '.join(columns)} FROM polygons_block WHERE vintage = {MASKED}"

    def psql() -> None:
        with tempfile.NamedTemporaryFile(dir=bench.folder) as file:
            copy = f"\\copy ({query} ORDER BY id) TO '{file.name}' CSV HEADER"
            where = ["-h", host, "-p", str(at["PORT"] or 5432), "-U", at["USER"], "-d", at["NAME"]]
            environment = os.environ | {"PGPASSWORD": at["PASSWORD"]}
            subprocess.run(["psql", "-qX", *where, "-c", copy], check=True, env=environment)  # noqa: S603, S607

    def export() -> int:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"answered {answer.status_code}")
        return len(b"".join(answer))

    taken = race({"csv": lambda: timed(export), "psql": lambda: timed(psql)}, bench.runs)
    return row_of(("table", "all blocks of a census as CSV", "psql \\copy"), taken, at_most=1.5)


def sums(bench: Bench) -> Iterator[Row]:
    """Sums kept by place, as the database itself times them."""
    for level in ("state", "municipality"):
        query = f"SELECT * FROM polygons_areatotal WHERE level = '{level}' AND vintage = {MASKED} ORDER BY code"
        took = median(_planned(query) for _time in range(TIMES * bench.runs))
        places = len(_run(query))
        yield Row(
            f"roll-up/{level}", f"deprivation of all {places} of this level", "5 ms", took / 5, at_most=1,
            value=f"{took:.2f} ms", baseline_value="5 ms", runs=TIMES * bench.runs,
        )  # fmt: skip


def _planned(query: str) -> float:
    """Milliseconds of planning and running."""
    plan = _run(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}")[0][0][0]
    return float(plan["Planning Time"] + plan["Execution Time"])


def plain_columns() -> list[str]:
    geometries = ("geometry", "mercator")
    return [field.attname for field in Block._meta.concrete_fields if field.attname not in geometries]


def row_of(
    names: tuple[str, str, str], taken: dict[str, Median], at_most: float | None = None, at_least: float | None = None
) -> Row:
    """Ours first, then the bare way. `at_most` is of the time taken, `at_least` of the rate."""
    ours, bare = taken.values()
    ratio = ours.seconds / bare.seconds if at_least is None else bare.seconds / ours.seconds
    return Row(*names, ratio, at_most, at_least, value=ours.text, baseline_value=bare.text, runs=len(ours.turns))


def tile_at(z: int) -> tuple[int, int]:
    size = 2**z
    north = math.asinh(math.tan(math.radians(MIDDLE[1]))) / math.pi
    return int((MIDDLE[0] + 180) / 360 * size), int((1 - north) / 2 * size)


def _captured(work: Callable[[], Any]) -> tuple[str, tuple]:
    """The last statement that `work` runs, to be run by itself."""
    with CaptureQueriesContext(connection) as queries:
        work()
    return queries.captured_queries[-1]["sql"], ()


def _run(sql: str, parameters: tuple = ()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall()


def _ask(client: Client, address: str, times: int = 1) -> None:
    for _time in range(times):
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
