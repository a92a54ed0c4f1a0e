"""The database's part of a backup: a frozen moment, its dump, and a checksum of each table."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from psycopg2.extensions import make_dsn

# Of what the driver connected with, what programs of an older PostgreSQL understand too.
ADDRESS = ("host", "port", "dbname", "user", "sslmode", "sslcert", "sslkey", "sslrootcert")
# Tables of extensions (PostGIS's list of frames) are theirs, not ours.
OURS = """
    SELECT quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname
"""


class ProgramFailedError(RuntimeError):
    """pg_dump or pg_restore ended with an error; the text is its own."""


@contextmanager
def frozen() -> Iterator[str]:
    """A moment of the database that stands still within; gives the snapshot's name for other programs."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def dump(to: Path, snapshot: str) -> None:
    run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}")


def load(dumped: Path) -> None:
    """All or nothing, into the empty database of the settings."""
    contents = dumped.with_suffix(".list")
    # Whoever restores need not own the extensions, and only their owner may comment on them.
    lines = output("pg_restore", "--list", str(dumped)).splitlines(keepends=True)
    contents.write_text("".join(line for line in lines if " COMMENT - EXTENSION " not in line))
    all_or_nothing = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    run("pg_restore", *all_or_nothing, f"--use-list={contents}", str(dumped))


def run(program: str, *arguments: str) -> None:
    """Against the database of the settings."""
    connection.ensure_connection()
    known = connection.connection.get_dsn_parameters()
    address = make_dsn(**{name: known[name] for name in ADDRESS if name in known})
    output(program, f"--dbname={address}", *arguments)


def output(*command: str) -> str:
    """What the program printed. Raises ProgramFailedError; the password never stands in the list of processes."""
    environment = os.environ | {"PGPASSWORD": str(connection.settings_dict["PASSWORD"])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        raise ProgramFailedError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


def tables() -> list[str]:
    """Quoted names; empty where nothing was ever migrated."""
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        return [name for (name,) in cursor.fetchall()]


def checksum(table: str) -> list[int | str]:
    """[rows, sum of the rows' 64-bit hashes]: the same wherever the same rows are, in whichever order they lie."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {table} t")
        return list(cursor.fetchone())
