"""Bulk writing: COPY from any iterable, and merging a staging table into its target without touching what is equal."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
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

    def row(table: str) -> str:
        return "ROW(" + ", ".join(f"{table}.{name}" for name in columns) + ")"

    changes = [f"{name} = source.{name}" for name in columns]
    changes += [f"{name} = {expression}" for name, expression in derived.items()]
    changes += ["updated_at = clock_timestamp()"] if dated else []
    cursor.execute(
        f"UPDATE {target} AS target SET {', '.join(changes)} FROM {source} AS source"
        f" WHERE {same} AND {row('target')} IS DISTINCT FROM {row('source')}"
    )
    updated = cursor.rowcount
    plain = [*key, *columns]
    cursor.execute(
        f"INSERT INTO {target} ({', '.join([*plain, *derived])})"
        f" SELECT {', '.join([*(f'source.{name}' for name in plain), *derived.values()])} FROM {source} AS source"
        f" WHERE NOT EXISTS (SELECT 1 FROM {target} AS target WHERE {same})"
    )
    return Written(inserted=cursor.rowcount, updated=updated)
