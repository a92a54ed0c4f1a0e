"""A Redis that refuses, and one that accepts and never answers."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from habitat.celery import app


@pytest.fixture
def refusing_redis() -> str:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{closed.getsockname()[1]}/0"


@pytest.fixture
def hung_redis() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture(params=["refusing_redis", "hung_redis"])
def lost_redis(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's cache and queue are away, in both ways."""
    address = request.getfixturevalue(request.param)
    settings.REDIS_URL = address
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": address}}
    monkeypatch.setattr(app.conf, "broker_url", address)
    # Celery keeps the connections it has.
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
