"""Bulk writing: COPY from any iterable, and merging a staging table into its target without touching what is equal."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

BATCH_ROWS = 5_000


class Written(NamedTuple):
    inserted: int
    updated: int


class _RowStream:
    """What COPY reads from: rows written as CSV a batch at a time, so that memory does not grow with the file."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._chunks = self._encode(iter(rows))
        self._rest = b""
        self.error: Exception | None = None

    @staticmethod
    def _encode(rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
        while batch := list(islice(rows, BATCH_ROWS)):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows(batch)
            yield text.getvalue().encode()

    def read(self, size: int) -> bytes:
        try:
            while len(self._rest) < size and (chunk := next(self._chunks, b"")):
                self._rest += chunk
        except Exception as error:
            self.error = error
            raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into `table`; None and "" both arrive as NULL. What making the rows raises is raised here."""
    stream = _RowStream(rows)
    try:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv)", stream, 1 << 20)
    except Exception:
        if stream.error:
            # The driver reports its own error instead.
            raise stream.error from None
        raise


def make_staging(cursor: Any, table: str, columns: str) -> None:
    """A temporary table that lives as long as the transaction; a second import of the same one starts afresh."""
    cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE TEMP TABLE {table} ({columns}) ON COMMIT DROP")


def make_staging_as(cursor: Any, table: str, query: str, params: Sequence[Any] = ()) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {query}", params)
    cursor.execute(f"ANALYZE {table}")


def merge(
    cursor: Any,
    source: str,
    target: str,
    *,
    key: Sequence[str],
    columns: Sequence[str],
    derived: dict[str, str] | None = None,
    dated: bool = True,
) -> Written:
    """Write the rows of `source` that `target` lacks or has otherwise; equal rows are neither written nor locked.

    `key` and `columns` are named alike in both tables. `derived` maps a column to SQL over `source`, computed only
    for rows that are written. `dated` targets get a new `updated_at` on change.
    """
    derived = derived or {}
    same = " AND ".join(f"target.{name} = source.{name}" for name in key)

    changes = [f"{name} = source.{name}" for name in columns]
    changes += [f"{name} = {expression}" for name, expression in derived.items()]
    changes += ["updated_at = clock_timestamp()"] if dated else []
    cursor.execute(
        f"UPDATE {target} AS target SET {', '.join(changes)} FROM {source} AS source"
        f" WHERE {same} AND {row_of('target', columns)} IS DISTINCT FROM {row_of('source', columns)}"
    )
    updated = cursor.rowcount
    plain = [*key, *columns]
    cursor.execute(
        f"INSERT INTO {target} ({', '.join([*plain, *derived])})"
        f" SELECT {', '.join([*(f'source.{name}' for name in plain), *derived.values()])} FROM {source} AS source"
        f" WHERE NOT EXISTS (SELECT 1 FROM {target} AS target WHERE {same})"
    )
    return Written(inserted=cursor.rowcount, updated=updated)


def row_of(table: str, columns: Sequence[str]) -> str:
    return "ROW(" + ", ".join(f"{table}.{name}" for name in columns) + ")"


def insert(
    cursor: Any, source: str, target: str, *, columns: Sequence[str], derived: dict[str, str] | None = None
) -> Written:
    """Write all rows of `source`, of which `target` has none yet; `derived` as in merge()."""
    derived = derived or {}
    cursor.execute(
        f"INSERT INTO {target} ({', '.join([*columns, *derived])})"
        f" SELECT {', '.join([*(f'source.{name}' for name in columns), *derived.values()])} FROM {source} AS source"
    )
    return Written(inserted=cursor.rowcount, updated=0)


@contextmanager
def indexes_afterwards(cursor: Any, table: str, *, also_filled: bool = False) -> Iterator[None]:
    """Where `table` is empty, its indexes are built and its keys checked once, at the end, not row by row.

    Until the transaction ends, readers of the table and of those it points to wait: dropping a foreign key locks both.
    A table with rows stays as it is, unless `also_filled`. The primary key stays, since other tables point to it.
    """
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
    is_left = cursor.fetchone()[0] and not also_filled
    drops, builds = ([], []) if is_left else _secondary(cursor, table)
    if drops:
        # Rows just written to the tables it points to would wait for the end of the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    for statement in drops:
        cursor.execute(statement)
    yield
    for statement in builds:
        cursor.execute(statement)


def _secondary(cursor: Any, table: str) -> tuple[list[str], list[str]]:
    cursor.execute(
        "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('u', 'f') ORDER BY contype DESC, conname",
        [table],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary"
        "  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)"
        " ORDER BY 1",
        [table],
    )
    indexes = cursor.fetchall()
    drops = [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name, _definition in constraints]
    drops += [f"DROP INDEX {name}" for name, _definition in indexes]
    builds = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for name, definition in constraints]
    return drops, builds + [definition for _name, definition in indexes]
