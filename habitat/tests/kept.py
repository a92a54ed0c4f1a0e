"""The catalogue and the year's whole rules: made once in each test process by the real commands, then copied back."""

from io import BytesIO, StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from habitat.tests.fixtures import YEAR

# By table: its rows as COPY writes them. Their numbers came from the sequences of this process's own database, which
# go on after a rollback, so that no later row has the same.
_kept: dict[str, bytes] = {}


def tables() -> list[str]:
    """Of modalities, with those between two models and those of history, and who wrote that history."""
    from pghistory.models import Context

    models = apps.get_app_config("modalities").get_models(include_auto_created=True)
    ours = {model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy}
    return sorted(ours | {Context._meta.db_table})


def make() -> None:
    call_command("import_catalogue", stdout=StringIO())
    call_command("import_rules", year=YEAR, stdout=StringIO())


def read() -> dict[str, bytes]:
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            rows = BytesIO()
            cursor.copy_expert(f"COPY {connection.ops.quote_name(table)} TO STDOUT", rows)
            found[table] = rows.getvalue()
    return found


def put_back(kept: dict[str, bytes]) -> None:
    """Without triggers: what they would check and write was checked and written when the rows were made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, rows in kept.items():
            if rows:
                cursor.copy_expert(f"COPY {connection.ops.quote_name(table)} FROM STDIN", BytesIO(rows))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def load_rules() -> None:
    """As `make` leaves them; a test that has rules already gets what the commands add to those."""
    has_some = any(read().values())
    if _kept and not has_some:
        put_back(_kept)
        return
    make()
    if not has_some:
        _kept.update(read())


@pytest.fixture
def whole_rules(db: None) -> None:
    """The whole catalogue; the rules of 2012 and their copies for the year before this one and this one."""
    load_rules()
