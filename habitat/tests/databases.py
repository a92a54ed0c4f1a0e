"""Databases for tests: one is migrated and kept as a template, every test process works on a clone (about 0.1 s)."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from habitat.tests.environment import named

PREFIX = "habitat_template_"
# The same in every database of these migrations, and remembered by processes.
STAYS = ("django_migrations", "django_content_type", "auth_permission")
# TRUNCATE makes new files for each of our tables and indexes, a thousand in all, and waits for the disk; the rows of a
# test are few and lie in some tables. Like TRUNCATE it fires no triggers and waits for those who still write.
EMPTY = """
    DO $$
    DECLARE name regclass;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT oid FROM pg_class WHERE relname = ANY (%s) AND pg_relation_size(oid) > 0 ORDER BY oid LOOP
            EXECUTE format('LOCK TABLE %%s IN EXCLUSIVE MODE', name);
            EXECUTE format('DELETE FROM %%s', name);
        END LOOP;
    END $$
"""


def migrations() -> dict[str, str]:
    """What a template is made from -> its digest: our migrations, and the locks for those of the libraries."""
    made_from = [*settings.BASE_DIR.glob("[!.]*/**/migrations/*.py"), *settings.BASE_DIR.glob("require*.txt")]
    files = {str(path.relative_to(settings.BASE_DIR)): digest(path.read_bytes()) for path in sorted(made_from)}
    return files | {"settings": digest(repr((settings.INSTALLED_APPS, settings.MIGRATION_MODULES)).encode())}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def only_grew(old: str | None, now: dict[str, str]) -> bool:
    """Whether a template with this comment needs but the migrations that came since."""
    return json.loads(old).items() <= now.items() if old else False


def run(cursor: CursorWrapper, statement: str, *names: str) -> None:
    cursor.execute(statement.format(*map(connection.ops.quote_name, names)))


def migrate(name: str) -> None:
    """In a process of its own, so that no connection to the template stays open."""
    outcome = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": named(os.environ["DATABASE_URL"], name)},
        capture_output=True,
        text=True,
    )
    if outcome.returncode:
        raise RuntimeError(f"The test database cannot be migrated.\n{outcome.stderr}")


def template(cursor: CursorWrapper) -> str:
    """The name of a migrated database, made now if no test run on these migrations left one."""
    made_from = migrations()
    comment = json.dumps(made_from)
    name, draft = PREFIX + digest(comment.encode()), f"{PREFIX}draft"
    # Test processes start together: the first one migrates, the others wait for it.
    cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
    cursor.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE starts_with(datname, %s)",
        [PREFIX],
    )
    known = dict(cursor.fetchall())
    if name not in known:
        run(cursor, "DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
        grown = next((old for old, its_comment in known.items() if only_grew(its_comment, made_from)), None)
        # Renamed when complete: an interrupted run must not leave half a template.
        if grown:
            run(cursor, "ALTER DATABASE {} RENAME TO {}", grown, draft)
        else:
            run(cursor, "CREATE DATABASE {}", draft)
        run(cursor, "COMMENT ON DATABASE {} IS NULL", draft)
        migrate(draft)
        cursor.execute(f"COMMENT ON DATABASE {connection.ops.quote_name(draft)} IS %s", [comment])
        for old in known.keys() - {grown, draft}:
            run(cursor, "DROP DATABASE IF EXISTS {} WITH (FORCE)", old)
        run(cursor, "ALTER DATABASE {} RENAME TO {}", draft, name)
    cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [PREFIX])
    return name


def empty_tables(test_case: TransactionTestCase) -> None:
    """In place of the command `flush`, after a test that really committed."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.django_table_names()) - set(STAYS)
        cursor.execute(EMPTY, [sorted(tables)])


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of pytest-django's: a clone of the template, dropped afterwards whoever is still connected."""
    name = connection.settings_dict["NAME"]
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        # Made from beside, over the server's own `postgres` database: CREATE DATABASE wants nobody in the template.
        with connection._nodb_cursor() as cursor:
            source = template(cursor)
            run(cursor, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            run(cursor, "CREATE DATABASE {} TEMPLATE {}", name, source)
        yield
        connection.close()
        with connection._nodb_cursor() as cursor:
            run(cursor, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
