"""Safe unless told otherwise, and every variable explained."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import get_commands

# Only the three variables without default, and no file of this machine.
PRINT_DEFAULTS = """
import environ, json
environ.Env.read_env = lambda *args, **kwargs: None
from habitat import settings
print(json.dumps({name: getattr(settings, name, None) for name in NAMES}, default=str))
"""
NAMES = [
    *("DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"),
    *("SECURE_PROXY_SSL_HEADER", "CONTENT_SECURITY_POLICY", "CACHES", "CELERY_BROKER_URL", "DATABASES"),
]
BARE = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "long",
    "DATABASE_URL": "postgres://habitat@db.example/habitat",
    "REDIS_URL": "unix:///run/redis.sock?db=3",
}


@pytest.fixture(scope="module")
def defaults() -> dict:
    code = f"NAMES = {NAMES!r}\n{PRINT_DEFAULTS}"
    outcome = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=BARE, capture_output=True, text=True, check=True
    )
    return json.loads(outcome.stdout)


def test_a_server_that_says_nothing_is_safe(defaults):
    assert defaults["DEBUG"] is False
    assert defaults["SESSION_COOKIE_SECURE"] is defaults["CSRF_COOKIE_SECURE"] is True
    assert defaults["SECURE_SSL_REDIRECT"] is True
    assert defaults["SECURE_HSTS_SECONDS"] >= 3600
    assert defaults["SECURE_PROXY_SSL_HEADER"] is None


def test_policy_allows_neither_inline_nor_outside(defaults):
    directives = defaults["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    sources = {source for listed in directives.values() for source in listed}
    assert sources == {"'none'", "'self'", "data:", "blob:"}
    assert directives["script-src"] == ["'self'"]


def test_one_address_serves_cache_and_queue_in_their_own_spelling(defaults):
    assert defaults["CACHES"]["default"]["LOCATION"] == "unix:///run/redis.sock?db=3"
    assert defaults["CELERY_BROKER_URL"] == "redis+socket:///run/redis.sock?virtual_host=3"


def test_any_postgresql_address_gets_the_engine_with_geometry(defaults):
    assert defaults["DATABASES"]["default"]["ENGINE"] == "django.contrib.gis.db.backends.postgis"


def test_every_variable_is_explained_and_none_is_invented():
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (settings.BASE_DIR / "habitat" / "settings.py").read_text()))
    example = (settings.BASE_DIR / ".env.example").read_text()
    explained = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    # The last one is read by the tests, not by the portal.
    assert explained == read | {"HABITAT_DATA_DIR"}


def test_what_the_clock_runs_is_a_command_and_stands_in_the_guide():
    guide = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    ran = {entry["args"][0] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert ran == set(re.findall(r"\| `manage\.py (\w+)` \|", guide))
    assert ran <= set(get_commands())
