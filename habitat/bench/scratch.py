"""A database of the benchmark's own on the server of DATABASE_URL: made, migrated, dropped. Never the portal's."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

PREFIX = "habitat_bench_"


@contextmanager
def database() -> Iterator[str]:
    """DATABASE_URL names the scratch database for as long as the block lasts. To be entered before django.setup()."""
    portal = os.environ["DATABASE_URL"]
    url = urlsplit(portal)
    name = f"{PREFIX}{os.getpid()}"
    # libpq knows no `postgis://`, and everything else in the address as it is.
    server = psycopg2.connect(urlunsplit(url._replace(scheme="postgresql")))
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            _sweep(cursor)
            cursor.execute(f"CREATE DATABASE {name}")
            os.environ["DATABASE_URL"] = urlunsplit(url._replace(path=f"/{name}"))
            try:
                yield name
            finally:
                os.environ["DATABASE_URL"] = portal
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        server.close()


def _sweep(cursor: Any) -> None:
    """Drop what a killed run left behind; a process that lives keeps its own."""
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
    for (name,) in cursor.fetchall():
        number = re.fullmatch(rf"{PREFIX}(\d+)", name)
        if number and not Path("/proc", number[1]).exists():
            with suppress(psycopg2.Error):
                cursor.execute(f"DROP DATABASE {name}")
