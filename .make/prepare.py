"""Run by the environment's Python before the portal starts: brings the database up to date, loads the demo once."""

import os
import sys
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habitat.settings")
# A person watches.
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402

django.setup()

from django.core.management import call_command, get_commands  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

# Kept as the database's comment, so that it goes when the database goes.
LOADED = "The demo is loaded."


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Bringing the database up to date", flush=True)
        call_command("migrate", verbosity=0)


def load_demo() -> None:
    """An interrupted load leaves no comment, so the next start completes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        if cursor.fetchone()[0] == LOADED:
            return
        print("Loading the demo, once", flush=True)
        # Its own list of accounts is kept back: it stands in the file, shown at every start.
        call_command("load_demo", accounts=ROOT / ".local" / "accounts.txt", stdout=StringIO())
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"COMMENT ON DATABASE {name} IS %s", [LOADED])


migrate()
if "--demo" in sys.argv and "load_demo" in get_commands():
    load_demo()
