"""The rows of a sheet, computed once into a table of this session that every file of the report reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from django.db import connection

from reports.catalog.base import Question, Sheet
from reports.catalog.columns import Column

ROWS_AT_ONCE = 2_000
# A cell that begins with one of these would run as a formula (OWASP, CSV injection): it gets an apostrophe.
GUARDED = "CASE WHEN {0} ~ '^[=+@\\t\\r-]' THEN '''' || {0} ELSE {0} END"


@dataclass(frozen=True)
class Computed:
    """`totals`: of the summed columns, 0.00 where there are no rows."""

    sheet: Sheet
    table: str
    rows: int
    totals: dict[str, Decimal]

    def pages(self) -> Iterator[list[tuple[Any, ...]]]:
        """All rows in order, in the columns' order."""
        names = ", ".join(column.name for column in self.sheet.columns)
        for begin in range(0, self.rows, ROWS_AT_ONCE):
            yield _fetch(
                f"SELECT {names} FROM {self.table} WHERE n > %s AND n <= %s ORDER BY n", [begin, begin + ROWS_AT_ONCE]
            )

    def first(self, count: int) -> list[tuple[Any, ...]]:
        names = ", ".join(column.name for column in self.sheet.columns)
        return _fetch(f"SELECT {names} FROM {self.table} WHERE n <= %s ORDER BY n", [count])

    def copy_csv(self, file: IO[bytes]) -> None:
        """The rows as CSV without a heading, straight from the database."""
        cells = ", ".join(_guarded(column) for column in self.sheet.columns)
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY (SELECT {cells} FROM {self.table} ORDER BY n) TO STDOUT (FORMAT csv)", file)

    def grouped(self, by: str, sums: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """(group, rows, each sum), the largest first sum on top."""
        parts = "".join(f", coalesce(sum({name}), 0)" for name in sums)
        order = "3 DESC, 1" if sums else "2 DESC, 1"
        return _fetch(f"SELECT coalesce({by}::text, ''), count(*){parts} FROM {self.table} GROUP BY 1 ORDER BY {order}")

    @property
    def total_row(self) -> tuple[Decimal | None, ...]:
        """Sums under their columns."""
        return tuple(self.totals.get(column.name) for column in self.sheet.columns)


def _guarded(column: Column) -> str:
    return GUARDED.format(column.name) if column.kind == "text" else column.name


@contextmanager
def computed(sheet: Sheet, question: Question, table: str = "report_rows") -> Iterator[Computed]:
    """One statement over all rows. The table goes with the block; after a failure, with the next report or session."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} AS {sheet.sql()}", question.parameters)
        cursor.execute(f"CREATE INDEX ON {table} (n)")
        cursor.execute(f"ANALYZE {table}")
    yield Computed(sheet, table, *_sums(sheet, table))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")


def _sums(sheet: Sheet, table: str) -> tuple[int, dict[str, Decimal]]:
    sums = "".join(f", coalesce(sum({column.name}), 0)" for column in sheet.summed)
    rows, *totals = _fetch(f"SELECT count(*){sums} FROM {table}")[0]
    return rows, {
        column.name: total if column.kind == "count" else Decimal(total).quantize(Decimal("0.01"))
        for column, total in zip(sheet.summed, totals, strict=True)
    }


def _fetch(query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
