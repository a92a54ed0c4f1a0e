"""When a kept test database may be brought up to date instead of made anew."""

import json

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import TransactionTestCase

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
