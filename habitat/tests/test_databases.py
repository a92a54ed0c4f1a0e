"""When a kept test database may be brought up to date instead of made anew."""

import json

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from habitat.tests import kept
from habitat.tests.databases import empty_tables, migrations, only_grew
from projects.models import LedgerEntry

MADE_FROM = {"polygons/migrations/0001_initial.py": "aa", "requirements.txt": "bb"}


@pytest.mark.parametrize(
    ("now", "is_enough"),
    [
        (MADE_FROM, True),
        (MADE_FROM | {"polygons/migrations/0002_more.py": "cc"}, True),
        (MADE_FROM | {"polygons/migrations/0001_initial.py": "edited"}, False),
        (MADE_FROM | {"requirements.txt": "another Django"}, False),
        ({"requirements.txt": "bb"}, False),
    ],
)
def test_a_template_grows_only_by_migrations_that_are_new(now, is_enough):
    assert only_grew(json.dumps(MADE_FROM), now) is is_enough


def test_a_template_that_does_not_say_what_it_was_made_from_is_thrown_away():
    assert not only_grew(None, MADE_FROM)


def test_every_app_and_the_locks_are_looked_at():
    assert {"polygons/migrations/0001_initial.py", "requirements.txt", "settings"} <= migrations().keys()


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_after_it_also_from_tables_that_refuse_deletes(country):
    assert LedgerEntry.objects.exists()
    empty_tables(TransactionTestCase())
    left = {model for model in apps.get_models() if model._meta.managed and model.objects.exists()}
    assert left == {ContentType, Permission}


def counts() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            (found[table],) = cursor.fetchone()
    return found


@pytest.mark.django_db
def test_the_kept_rules_are_all_that_the_commands_write():
    with transaction.atomic():
        kept.make()
        written, rows = counts(), kept.read()
        transaction.set_rollback(True)
    assert not any(kept.read().values())
    kept.put_back(rows)
    assert counts() == written
    assert {table: sorted(found.split(b"\n")) for table, found in kept.read().items()} == {
        table: sorted(found.split(b"\n")) for table, found in rows.items()
    }


@pytest.mark.django_db
def test_rules_that_a_test_has_are_not_written_over(rules, whole_rules):
    rules.refresh_from_db()
    assert (rules.source, rules.fiscal_year.rules.count()) == ("Prueba", 1)
