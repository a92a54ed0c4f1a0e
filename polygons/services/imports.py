"""What every import shares: refusing a file, collecting rejected rows, recording the run."""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from habitat.lib.postgis import copy_rows, make_staging
from polygons.models import ImportRun

# An ImportRun keeps the first ones; the error file has them all.
KEPT_REJECTS = 1_000

REASONS = {
    "bad_key": _("not an INEGI key"),
    "same_key": _("the old key and the new one are the same"),
    "blank_new_key": _("no new key is written; only of what was dropped it stays blank"),
    "blank": _("blank where a number, * or N/D is expected"),
    "bad_number": _("neither a whole number nor * nor N/D"),
    "duplicate": _("the key stands more than once in the file"),
    "unknown_state": _("unknown state: import the states first"),
    "unknown_municipality": _("unknown municipality: import the municipalities first"),
    "no_shape": _("no polygon, or one that cannot be read"),
    "outside": _("outside Mexico"),
    "invalid_shape": _("invalid geometry"),
    "without_polygon": _("block without polygon"),
    "without_census": _("polygon without census row"),
    "bad_level": _("not one of state, municipality, locality, ageb, block"),
    "bad_kind": _("not one of the kinds that are known"),
    "bad_audience": _("it must say who may see it: public, staff or federal"),
    "bad_value": _("not a number with a point and at most four decimals"),
    "bad_words": _("what is measured, its unit or its source is missing or too long"),
    "unknown_polygon": _("unknown Habitat Polygon"),
    "bad_date": _("not a date such as 2021-01-01"),
    "blank_source": _("no source is named"),
    "bad_count": _("not a whole number"),
    "more_poor": _("more households in poverty than households"),
    "without_block": _("no block of this census has the key: kept until it comes"),
    "check_digit": _("the AGEB's check digit does not match: imported, please verify"),
}
# Told, but not refused.
NOTES = ("without_polygon", "without_census", "without_block", "check_digit")

REJECT_COLUMNS = ("file", "line", "key", "reason", "detail")
REJECTS_IN_ORDER = f"""
    SELECT file, line, key, reason, coalesce(detail, '') FROM import_reject
    ORDER BY array_position(ARRAY{list(NOTES)}, reason) NULLS FIRST, file, line, key
"""


class ImportRefused(Exception):  # noqa: N818 - it is a refusal, not a fault
    """The file as a whole cannot be imported; the message says why."""


class _DryRun(Exception):  # noqa: N818 - how a dry run leaves its transaction
    pass


@dataclass
class Run:
    """One import under way. `cursor` is inside its transaction; `counts` and the reject table are filled by it."""

    cursor: Any
    started_at: datetime
    counts: dict[str, int] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, query: str, params: tuple = ()) -> None:
        """`query` gives file, line, key, reason (of REASONS) and detail."""
        self.cursor.execute(f"INSERT INTO import_reject {query}", params)

    def reject_rows(self, rows: list[tuple]) -> None:
        copy_rows(self.cursor, "import_reject", REJECT_COLUMNS, rows)

    def _collect(self) -> None:
        self.cursor.execute("SELECT reason, count(*) FROM import_reject GROUP BY reason")
        told = dict(self.cursor.fetchall())
        self.counts |= {reason: told.get(reason, 0) for reason in NOTES}
        self.counts["rejected"] = sum(count for reason, count in told.items() if reason not in NOTES)
        self.cursor.execute(f"{REJECTS_IN_ORDER} LIMIT {KEPT_REJECTS}")
        self.rejects = [dict(zip(REJECT_COLUMNS, row, strict=True)) for row in self.cursor.fetchall()]


@contextmanager
def import_run(
    command: str, *files: Path, by: Any = None, dry_run: bool = False, errors: Path | None = None
) -> Iterator[Run]:
    """One transaction for a whole import: all of it, or after a crash or a dry run none of it."""
    started_at = timezone.now()
    run = Run(cursor=None, started_at=started_at)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            run.cursor = cursor
            _be_the_only_one(cursor)
            make_staging(cursor, "import_reject", "file text, line integer, key text, reason text, detail text")
            yield run
            run._collect()
            if errors:
                _write_errors(errors)
            if dry_run:
                raise _DryRun
            ImportRun.objects.create(
                command=command,
                started_at=started_at,
                finished_at=timezone.now(),
                by=by,
                files={path.name: _sha256(path) for path in files},
                counts=run.counts,
                rejects=run.rejects[:KEPT_REJECTS],
            )
    except _DryRun:
        pass


def _be_the_only_one(cursor: Any) -> None:
    """Two imports would compare with what the other is about to change; a killed one lets go with its connection."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('habitat'), hashtext('import'))")
    if not cursor.fetchone()[0]:
        raise ImportRefused(gettext("Another import is under way. Start this one again when it has ended."))


def _write_errors(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as stream, connection.chunked_cursor() as cursor:
        writer = csv.writer(stream)
        writer.writerow(REJECT_COLUMNS)
        cursor.execute(REJECTS_IN_ORDER)
        for file, line, key, reason, detail in cursor:
            writer.writerow([file, line, key, REASONS[reason], detail])


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
