"""Loaded by pytest.ini before the settings are: the ground under the tests of every app."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from habitat.tests import environment

# An app's conftest imports it before it is loaded as a plugin, and its asserts should explain themselves all the same.
pytest.register_assert_rewrite("habitat.tests.fixtures")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    environment.prepare()
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    # Now and not as `pytest_plugins`: what comes later wins over pytest-django's fixture of the same name.
    for name in ("databases", "fixtures", "kept", "browser", "worker", "lost_redis"):
        config.pluginmanager.import_plugin(f"habitat.tests.{name}")
    # An example may wait for the other test processes; how long it takes shows nothing.
    patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.register_profile("habitat", patient)
    hypothesis.settings.load_profile("habitat")
    # Hundreds of people are made and logged in.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Begun first, so that at the end no process waits for one of them.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    data = data_dir()
    for item in items:
        if item.get_closest_marker("real_data") and not data.is_dir():
            item.add_marker(pytest.mark.skipif(True, reason=f"INEGI's files are not in {data} (HABITAT_DATA_DIR)"))


def data_dir() -> Path:
    """Where INEGI's own files lie, on machines that have them."""
    return Path(os.environ.get("HABITAT_DATA_DIR", environment.BASE_DIR.parent / "shared" / "data")).resolve()


@pytest.fixture(scope="session", name="data_dir")
def data_dir_fixture() -> Path:
    return data_dir()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits and cached tiles of one test must not reach the next."""
    cache.clear()
