"""What was learnt of a closed period after its closing: told beside the report, never inside its figures."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection

from reports.catalog.base import Kind, Question, Sheet
from reports.catalog.columns import Column
from reports.computed import Computed, computed


@dataclass(frozen=True)
class Correction:
    """One figure of one row. `then` or `now` is None where the row was not there."""

    sheet: Sheet
    row: str
    column: Column
    then: Decimal | None
    now: Decimal | None

    @property
    def difference(self) -> Decimal:
        return (self.now or Decimal(0)) - (self.then or Decimal(0))


def corrections(kind: Kind, closed: Question, until: dt.datetime) -> list[Correction]:
    """Every figure that is another at `until` than it was at the closing that `closed` asks for."""
    later = replace(closed, as_at=until)
    found: list[Correction] = []
    for sheet in kind.sheets:
        with computed(sheet, closed, "report_then") as then, computed(sheet, later, "report_now") as now:
            found += _differences(sheet, then, now)
    return found


def _differences(sheet: Sheet, then: Computed, now: Computed) -> Iterator[Correction]:
    figures = {column.name: column for column in sheet.columns if column.kind not in ("text", "date")}
    if not figures:
        return
    key = f"concat_ws(' · ', {', '.join(f'{name}::text' for name in sheet.key)})"
    # Rows of one key are told apart by their order.
    rows = (
        f"SELECT {key} AS key, row_number() OVER (PARTITION BY {key} ORDER BY n) AS turn, to_jsonb(rows) AS cells FROM"
    )
    query = f"""
        SELECT key, name, (past.cells ->> name)::numeric, (present.cells ->> name)::numeric
        FROM ({rows} {then.table} AS rows) AS past
        FULL JOIN ({rows} {now.table} AS rows) AS present USING (key, turn)
        CROSS JOIN unnest(%s) WITH ORDINALITY AS told (name, place)
        WHERE coalesce((past.cells ->> name)::numeric, 0) <> coalesce((present.cells ->> name)::numeric, 0)
        ORDER BY key, turn, place
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [list(figures)])
        for row, name, before, after in cursor.fetchall():
            yield Correction(sheet, row, figures[name], before, after)
