"""tipg and pygeoapi for the group `http`: from PyPI into a throw-away environment, never the portal's own.

Each serves tables made for it, with the columns we send and the indexes it needs, and nothing else to look through.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from habitat.bench.servers import Server, free_port, serve

PACKAGES = ("tipg", "uvicorn", "pygeoapi", "geoalchemy2", "gunicorn", "psycopg2-binary")
FEATURES, TILES = "bench_features", "bench_tiles"


class NoPeer(Exception):  # noqa: N818 - the row says so, the benchmark goes on
    """A peer cannot be had or does not start here; the message says why."""


def install(folder: Path) -> Path:
    """Folder of the programs of a new environment with the peers in it. Raises NoPeer."""
    home = folder / "peers"
    pip = str(home / "bin" / "pip")
    steps = ([sys.executable, "-m", "venv", str(home)], [pip, "install", "--quiet", *PACKAGES])
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)  # noqa: S603 - our own interpreter and its pip
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            raise NoPeer(lines[-1] if lines else "not installed")
    return home / "bin"


def make_tables(features: str, tiles: str) -> None:
    """From two queries, of which the second has its geometry in EPSG:3857."""
    with connection.cursor() as cursor:
        for name, query in ((FEATURES, features), (TILES, tiles)):
            cursor.execute(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} AS {query}")
            cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (id); CREATE INDEX ON {name} USING gist (geometry)")
        cursor.execute(f"CREATE INDEX ON {FEATURES} (municipality_id); ANALYZE {FEATURES}; ANALYZE {TILES}")


@contextmanager
def tipg(programs: Path, folder: Path) -> Iterator[Server]:
    at, host = connection.settings_dict, _host()
    database_port = f":{at['PORT']}" if at["PORT"] else ""
    user = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")
    url = f"postgresql://{user}@{quote(host or 'localhost', safe='')}{database_port}/{at['NAME']}"
    command = [str(programs / "python"), "-m", "uvicorn", "tipg.main:app", "--log-level", "warning"]
    port = free_port()
    with _served([*command, "--port", str(port)], port, os.environ | {"DATABASE_URL": url}, folder) as peer:
        yield peer


@contextmanager
def pygeoapi(programs: Path, folder: Path) -> Iterator[Server]:
    # YAML reads JSON.
    config, openapi = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(json.dumps(_config()))
    environment = os.environ | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    generate = [*map(str, (programs / "pygeoapi", "openapi", "generate", config, "--output-file", openapi))]
    if subprocess.run(generate, env=environment, capture_output=True).returncode:  # noqa: S603 - the peer's own step
        raise NoPeer("pygeoapi takes no configuration")
    command = [
        str(programs / "gunicorn"),
        "pygeoapi.flask_app:APP",
        "--workers",
        "1",
        "--timeout",
        "0",
        "--log-level",
        "warning",
    ]
    port = free_port()
    with _served([*command, "--bind", f"127.0.0.1:{port}"], port, environment, folder) as peer:
        yield peer


@contextmanager
def _served(command: list[str], port: int, environment: dict[str, str], folder: Path) -> Iterator[Server]:
    try:
        with serve(command, port, environment, folder) as server:
            yield server
    except TimeoutError as late:
        raise NoPeer(str(late)) from late


def _host() -> str:
    at = connection.settings_dict
    return at["HOST"] or at["OPTIONS"].get("host", "")


def _config() -> dict[str, object]:
    at = connection.settings_dict
    nowhere = "http://localhost"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 0}, "url": nowhere, "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8", "language": "en-US", "limits": {"default_items": 1000, "max_items": 10_000},
            "map": {"url": nowhere, "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "bench", "description": "bench", "keywords": ["bench"], "keywords_type": "theme",
                "terms_of_service": "none", "url": nowhere,
            },
            "license": {"name": "none", "url": nowhere},
            "provider": {"name": "bench", "url": nowhere},
            "contact": {"name": "bench"},
        },
        "resources": {
            FEATURES: {
                "type": "collection", "title": "blocks", "description": "blocks", "keywords": ["bench"], "links": [],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
                "providers": [{
                    "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": FEATURES,
                    "geom_field": "geometry",
                    "data": {
                        "host": _host(), "port": int(at["PORT"] or 5432), "dbname": at["NAME"], "user": at["USER"],
                        "password": at["PASSWORD"], "search_path": ["public"],
                    },
                }],
            },
        },
    }  # fmt: skip
