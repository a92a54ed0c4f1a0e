"""Dated figures of places that no census gives: importing them, each with its source and who may see it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as, merge
from habitat.lib.progress import SILENT, Progress
from polygons.models import ContextIndicator, Level
from polygons.services.equivalences import LENGTHS, SPANISH, day_of, offered, stage_offers, take_offers
from polygons.services.imports import Run, import_run
from polygons.services.spreadsheets import read_table

COLUMNS = {
    "level": ("LEVEL", "NIVEL"),
    "code": ("KEY", "CODE", "CLAVE"),
    "concept": ("CONCEPT", "CONCEPTO"),
    "name": ("NAME", "NOMBRE"),
    "unit": ("UNIT", "UNIDAD"),
    "day": ("DATE", "FECHA"),
    "value": ("VALUE", "VALOR"),
    "source": ("SOURCE", "FUENTE"),
    "audience": ("AUDIENCE", "AUDIENCIA", "PUBLICO", "PÚBLICO"),
}
WORDS = SPANISH | {
    "poligono": "polygon", "polígono": "polygon", "violencia": "violence", "inversión": "investment",
    "inversion": "investment", "precio del suelo": "land_price", "resultado": "outcome",
    "todos": "public", "personal": "staff", "federal": "federal",
}  # fmt: skip
NUMBER = re.compile(r"-?\d{1,14}(\.\d{1,4})?")
LONGEST = {"name": 200, "unit": 60, "source": 300}

CHECKED = """
    SELECT line.*, municipality.code AS municipality_id, state.code AS state_id,
           coalesce(line.fault, CASE
               WHEN line.level = 'polygon' AND polygon.code IS NULL THEN 'unknown_polygon'
               WHEN state.code IS NULL THEN 'unknown_state'
               WHEN line.level <> 'state' AND municipality.code IS NULL THEN 'unknown_municipality'
               WHEN count(*) OVER (PARTITION BY line.level, line.code, line.concept, line.name, line.day) > 1
               THEN 'duplicate'
           END) AS reason
    FROM context_line AS line
    LEFT JOIN polygons_polygon AS polygon ON line.level = 'polygon' AND polygon.code = line.code
    LEFT JOIN polygons_municipality AS municipality ON line.level <> 'state'
         AND municipality.code = coalesce(polygon.municipality_id, left(line.code, 5))
    LEFT JOIN polygons_state AS state ON state.code = left(
        CASE line.level WHEN 'polygon' THEN polygon.municipality_id ELSE line.code END, 2)
"""
# A key that begins with its municipality's, and what it is known as.
OF_PLACES = "CASE WHEN context_line.level NOT IN ('state', 'polygon') THEN left(context_line.code, 5) END"
TAKEN = "code = offer.known || substr(context_line.code, 6)"
ROWS = """
    SELECT level, code, state_id, municipality_id, concept, name, unit, day::date AS "on", value::numeric(18, 4),
           source, audience
    FROM context_checked WHERE reason IS NULL
"""


def import_context(
    path: Path,
    *,
    apply_equivalences: bool = False,
    by: Any = None,
    dry_run: bool = False,
    errors: Path | None = None,
    progress: Progress = SILENT,
) -> Run:
    """Figures from CSV or XLSX; what is equal is not written, what the file lacks stays.

    A row that does not say who may see it is refused, never shown to all. With `apply_equivalences`, a municipality's
    key that is unknown but known under another one alone takes that. Raises ImportRefused where the file cannot
    be read.
    """
    with import_run("import_context", path, by=by, dry_run=dry_run, errors=errors) as run:
        texts = ", ".join(f"{name} text" for name in (*COLUMNS, "fault"))
        make_staging(run.cursor, "context_line", f"line integer, {texts}")
        rows = progress.over(_judged(read_table(path, COLUMNS)), path.name)
        copy_rows(run.cursor, "context_line", ("line", *COLUMNS, "fault"), rows)
        stage_offers(run, "municipality")
        if apply_equivalences:
            take_offers(run, "municipality", "context_line", TAKEN, OF_PLACES)
        make_staging_as(run.cursor, "context_checked", CHECKED)
        run.cursor.execute("SELECT count(*) FROM context_checked")
        run.counts["rows"] = run.cursor.fetchone()[0]
        run.reject(
            "SELECT %s, line, code, reason, CASE reason WHEN 'unknown_municipality' THEN"
            f" coalesce({offered('municipality', 'left(code, 5)')}, left(code, 5))"
            " ELSE concat_ws(', ', level, concept, name, day, value, audience) END"
            " FROM context_checked WHERE reason IS NOT NULL",
            (path.name,),
        )
        make_staging_as(run.cursor, "context_row", ROWS)
        key = ("level", "code", "concept", "name", '"on"')
        columns = ("state_id", "municipality_id", "unit", "value", "source", "audience")
        written = merge(run.cursor, "context_row", "polygons_contextindicator", key=key, columns=columns)
        run.counts |= {f"figures_{kind}": count for kind, count in written._asdict().items()}
    return run


def _judged(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    for line, *cells in rows:
        row = dict(zip(COLUMNS, cells, strict=True))
        for name in ("level", "concept", "audience"):
            row[name] = WORDS.get(row[name].lower(), row[name].lower())
        if row["code"] and row["level"] in LENGTHS:
            row["code"] = row["code"].upper().zfill(LENGTHS[row["level"]])
        row["value"] = row["value"].replace(",", "")
        day = day_of(row["day"])
        row["day"] = day or row["day"]
        yield [line, *row.values(), _fault(row, is_dated=day is not None)]


def _fault(row: dict[str, Any], *, is_dated: bool) -> str:
    if row["level"] not in Level.values:
        return "bad_level"
    length = LENGTHS.get(row["level"])
    if not row["code"] or (length and (len(row["code"]) != length or not row["code"].isalnum())):
        return "bad_key"
    if row["concept"] not in ContextIndicator.Concept.values:
        return "bad_kind"
    if row["audience"] not in ContextIndicator.Audience.values:
        return "bad_audience"
    if not is_dated:
        return "bad_date"
    if not NUMBER.fullmatch(row["value"]):
        return "bad_value"
    if any(not row[name] or len(row[name]) > longest for name, longest in LONGEST.items()):
        return "bad_words"
    return ""
