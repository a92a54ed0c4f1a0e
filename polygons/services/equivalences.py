"""Keys drift: which old key is which new one, since when; importing that table, offering it for unknown keys."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as, merge
from habitat.lib.progress import SILENT, Progress
from polygons.models import KeyChange
from polygons.services.imports import Run, import_run
from polygons.services.spreadsheets import read_table

COLUMNS = {
    "level": ("LEVEL", "NIVEL"),
    "old_code": ("OLD_CODE", "CLAVE_ANTERIOR"),
    "new_code": ("NEW_CODE", "CLAVE_NUEVA"),
    "kind": ("KIND", "TIPO"),
    "valid_from": ("VALID_FROM", "VIGENTE_DESDE"),
    "source": ("SOURCE", "FUENTE"),
}
LENGTHS = {"state": 2, "municipality": 5, "locality": 9, "ageb": 13, "block": 16}
SPANISH = {
    "estado": "state", "entidad": "state", "municipio": "municipality", "localidad": "locality", "manzana": "block",
    "renombrada": "renamed", "trasladada": "moved", "dividida": "split", "fusionada": "merged", "eliminada": "dropped",
}  # fmt: skip
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S")
TABLES = {
    "state": "polygons_state", "municipality": "polygons_municipality", "locality": "polygons_locality",
    # Of one census, where alone a block's key means something: staged by stage_block_offers().
    "block": "known_block",
}  # fmt: skip

# A key that the portal does not know -> the one it does: the newer name of an old key, or what a new key was before.
OFFERS = """
    SELECT key, min(known) AS known, count(DISTINCT known) AS ways,
           string_agg(format(%s, key, known, valid_from, {kinds}), '; ' ORDER BY known) AS words
    FROM (
        SELECT old_code AS key, new_code AS known, kind, valid_from FROM polygons_keychange
        WHERE level = %s AND kind <> 'split' AND new_code IN (SELECT code FROM {table})
        UNION
        SELECT new_code, old_code, kind, valid_from FROM polygons_keychange
        WHERE level = %s AND kind <> 'merged' AND new_code <> '' AND old_code IN (SELECT code FROM {table})
    ) AS way
    WHERE key NOT IN (SELECT code FROM {table})
    GROUP BY key
"""


def import_key_changes(
    path: Path,
    *,
    by: Any = None,
    dry_run: bool = False,
    errors: Path | None = None,
    progress: Progress = SILENT,
) -> Run:
    """Equivalences from CSV or XLSX; what is equal is not written, what the file lacks stays.

    Raises ImportRefused where the file cannot be read.
    """
    with import_run("import_key_changes", path, by=by, dry_run=dry_run, errors=errors) as run:
        columns = ("line", *COLUMNS)
        make_staging(run.cursor, "change_line", "line integer, reason text, " + ", ".join(f"{c} text" for c in COLUMNS))
        rows = progress.over(_judged(read_table(path, COLUMNS)), path.name)
        copy_rows(run.cursor, "change_line", (*columns, "reason"), rows)
        run.cursor.execute("SELECT count(*) FROM change_line")
        run.counts["rows"] = run.cursor.fetchone()[0]
        run.cursor.execute(
            "UPDATE change_line SET reason = 'duplicate' WHERE reason IS NULL AND line IN (SELECT line FROM"
            " (SELECT line, count(*) OVER (PARTITION BY level, old_code, new_code, valid_from) AS times"
            "  FROM change_line) AS counted WHERE times > 1)"
        )
        run.reject(
            "SELECT %s, line, old_code, reason, concat_ws(', ', level, old_code, new_code, kind, valid_from)"
            " FROM change_line WHERE reason IS NOT NULL",
            (path.name,),
        )
        make_staging_as(
            run.cursor,
            "change_row",
            "SELECT level, old_code, coalesce(new_code, '') AS new_code, kind, valid_from::date, source"
            " FROM change_line WHERE reason IS NULL",
        )
        key = ("level", "old_code", "new_code", "valid_from")
        written = merge(
            run.cursor, "change_row", "polygons_keychange", key=key, columns=("kind", "source"), dated=False
        )
        run.counts |= {f"equivalences_{kind}": rows for kind, rows in written._asdict().items()}
    return run


def _judged(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The row in our words, and at its end what is wrong with it."""
    for line, level, old, new, kind, day, source in rows:
        level, kind = (SPANISH.get(word.lower(), word.lower()) for word in (level, kind))
        length = LENGTHS.get(level, 0)
        old, new = (code.upper().zfill(length) if code else "" for code in (old, new))
        valid_from = day_of(day)
        yield [
            line,
            level,
            old,
            new,
            kind,
            valid_from or day,
            source,
            _fault(level, old, new, kind, valid_from, source),
        ]


def day_of(text: str) -> dt.date | None:
    for form in DATES:
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _fault(level: str, old: str, new: str, kind: str, valid_from: dt.date | None, source: str) -> str:
    length = LENGTHS.get(level)
    if length is None:
        return "bad_level"
    if kind not in KeyChange.Kind.values:
        return "bad_kind"
    if valid_from is None:
        return "bad_date"
    if not source:
        return "blank_source"
    needed = [old] if not new else [old, new]
    if any(len(code) != length or not code.isalnum() for code in needed):
        return "bad_key"
    if not new and kind != KeyChange.Kind.DROPPED:
        return "blank_new_key"
    # A block may keep its key from one census to the next; only INEGI can say so.
    if old == new and level != KeyChange.Level.BLOCK:
        return "same_key"
    return ""


def stage_offers(run: Run, level: str) -> None:
    """Fill `{level}_offer`: key that is unknown, known, ways (how many it could be), words."""
    words = _("%1$s is known as %2$s since %3$s (%4$s); accept it with --apply-equivalences")
    kinds = f"CASE kind {' '.join('WHEN %s THEN %s' for _kind in KeyChange.Kind)} END"
    labels = [str(word) for kind in KeyChange.Kind for word in (kind.value, kind.label)]
    query = OFFERS.format(table=TABLES[level], kinds=kinds)
    make_staging_as(run.cursor, f"{level}_offer", query, [words, *labels, level, level])


def stage_block_offers(run: Run, known: str, rows: str = "shape") -> None:
    """As stage_offers() for the keys in the table `rows`; `known` is a query for those of the blocks they may be of.

    A block that has a row under its own key, or two to choose from, is taken for none.
    """
    drifted = "(SELECT old_code FROM polygons_keychange WHERE level = 'block'"
    drifted += " UNION SELECT new_code FROM polygons_keychange WHERE level = 'block')"
    make_staging_as(run.cursor, "known_block", f"SELECT code FROM ({known}) AS block WHERE code IN {drifted}")
    stage_offers(run, "block")
    run.cursor.execute(
        f"UPDATE block_offer SET ways = 2 WHERE known IN (SELECT code FROM {rows}) OR known IN"
        f" (SELECT known FROM block_offer JOIN {rows} AS row ON row.code = key GROUP BY known HAVING count(*) > 1)"
    )


def offered(level: str, key: str) -> str:
    """SQL: the words of what is offered for a key, NULL where nothing is."""
    return f"(SELECT words FROM {level}_offer AS offer WHERE offer.key = {key})"


def take_offers(run: Run, level: str, table: str, changes: str, key: str) -> None:
    """Write the known key into a staging table; only where it could be one alone. `key` and `changes` are SQL."""
    run.cursor.execute(
        f"UPDATE {table} SET {changes} FROM {level}_offer AS offer WHERE offer.key = {key} AND offer.ways = 1"
    )
    run.counts["equivalences_applied"] = run.counts.get("equivalences_applied", 0) + run.cursor.rowcount
