"""Importing states, municipalities and cities from INEGI's and CONAPO's catalogues."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from habitat.lib.postgis import Written, copy_rows, make_staging, make_staging_as, merge
from polygons.models import City
from polygons.services.cities import assign_cities, refresh_cities
from polygons.services.equivalences import TABLES, offered, stage_offers, take_offers
from polygons.services.imports import ImportRefused, Run, import_run
from polygons.time_zones import time_zone_of

CITY_KINDS = {
    "1": City.Kind.METROPOLITAN_ZONE,
    "2": City.Kind.CONURBATION,
    "3": City.Kind.URBAN_CENTRE,
}


def import_states(path: Path, **options: Any) -> Run:
    """States from JSON: a list of {cve_ent, nom_ent}. Options as of `import_run`."""

    def fill(run: Run) -> None:
        rows = [(line, row["cve_ent"].zfill(2), row["nom_ent"]) for line, row in _read_json(path)]
        _stage(run, path, rows, "code text, name text", r"^(0[1-9]|[12]\d|3[0-2])$")
        _count(run, "states", merge(run.cursor, "good", "polygons_state", key=("code",), columns=("name",)))

    return _import("import_states", path, fill, **options)


def import_municipalities(
    path: Path, *, population_year: int = 2020, apply_equivalences: bool = False, **options: Any
) -> Run:
    """Municipalities from JSON: a list of {cve_completa, nom_municipio, nom_abr_entidad, poblacion_total}.

    Fills the states' abbreviations too. Time zones follow `polygons/time_zones.py`.
    """

    def fill(run: Run) -> None:
        rows = [
            (
                line,
                code := row["cve_completa"].zfill(5),
                row["nom_municipio"],
                code[:2],
                time_zone_of(code),
                row["poblacion_total"],
                population_year,
                row["nom_abr_entidad"],
            )
            for line, row in _read_json(path)
        ]
        columns = (
            "code text, name text, state_id text, time_zone text, population integer, population_year integer,"
            " abbreviation text"
        )
        changes = "state_id = offer.known, code = offer.known || right(raw.code, 3)" if apply_equivalences else ""
        place = Place("state", "state_id", "unknown_state", changes)
        _stage(run, path, rows, columns, r"^\d{5}$", place)
        fields = ("name", "state_id", "time_zone", "population", "population_year")
        _count(run, "municipalities", merge(run.cursor, "good", "polygons_municipality", key=("code",), columns=fields))
        run.cursor.execute(
            "UPDATE polygons_state AS state SET abbreviation = good.abbreviation, updated_at = clock_timestamp()"
            " FROM (SELECT DISTINCT state_id, abbreviation FROM good) AS good"
            " WHERE good.state_id = state.code AND state.abbreviation <> good.abbreviation"
        )

    return _import("import_municipalities", path, fill, **options)


def import_cities(path: Path, *, apply_equivalences: bool = False, **options: Any) -> Run:
    """The National Urban System from CSV (CVE_SUN, TIPO_SUN, NOM_SUN, CVE_MUN, NOM_MUN, CVE_LOC, NOM_LOC).

    A row names a member: a municipality for metropolitan zones, a locality for conurbations and urban centres.
    Localities nobody knows yet are made from the row. Blocks follow their locality into its city.
    """

    def fill(run: Run) -> None:
        rows = [
            (
                line,
                row["CVE_SUN"].zfill(3),
                row["NOM_SUN"],
                CITY_KINDS.get(row["TIPO_SUN"], ""),
                row["CVE_MUN"].zfill(5),
                row["CVE_LOC"].zfill(9) if row["CVE_LOC"] else "",
                row["NOM_LOC"],
            )
            for line, row in _read_csv(path)
        ]
        columns = "code text, name text, kind text, municipality_id text, locality_id text, locality_name text"
        changes = "municipality_id = offer.known, locality_id = offer.known || right(raw.locality_id, 4)"
        place = Place("municipality", "municipality_id", "unknown_municipality", changes if apply_equivalences else "")
        _stage(run, path, rows, columns, r"^\d{3}$", place, unique="code, municipality_id, locality_id")
        _merge_cities(run)

    return _import("import_cities", path, fill, **options)


def _merge_cities(run: Run) -> None:
    run.cursor.execute(
        "INSERT INTO polygons_locality (code, name, municipality_id)"
        " SELECT locality_id, locality_name, municipality_id FROM good WHERE locality_id IS NOT NULL"
        " ON CONFLICT (code) DO NOTHING"
    )
    run.counts["localities_inserted"] = run.cursor.rowcount
    make_staging_as(run.cursor, "city_row", "SELECT DISTINCT code, name, kind FROM good")
    _count(run, "cities", merge(run.cursor, "city_row", "polygons_city", key=("code",), columns=("name", "kind")))
    _merge_members(run, "municipality", "locality_id IS NULL")
    _merge_members(run, "locality", "locality_id IS NOT NULL")
    run.counts["blocks_updated"] = assign_cities(run.cursor)
    refresh_cities(run.cursor)


def _merge_members(run: Run, member: str, condition: str) -> None:
    """The member table of the cities in the file becomes what the file says."""
    table = {"municipality": "polygons_city_municipalities", "locality": "polygons_city_localities"}[member]
    wanted = f"SELECT code AS city_id, {member}_id FROM good WHERE {condition}"
    run.cursor.execute(
        f"DELETE FROM {table} AS held WHERE city_id IN (SELECT code FROM good)"
        f" AND NOT EXISTS (SELECT 1 FROM ({wanted}) AS wanted WHERE wanted.city_id = held.city_id"
        f" AND wanted.{member}_id = held.{member}_id)"
    )
    deleted = run.cursor.rowcount
    run.cursor.execute(f"INSERT INTO {table} (city_id, {member}_id) {wanted} ON CONFLICT DO NOTHING")
    run.counts[f"member_{member}_rows_written"] = run.cursor.rowcount + deleted


def _import(command: str, path: Path, fill: Callable[[Run], None], **options: Any) -> Run:
    if not path.is_file():
        raise ImportRefused(_("There is no file %(file)s.") % {"file": path})
    with import_run(command, path, **options) as run:
        try:
            fill(run)
        except (KeyError, AttributeError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ImportRefused(
                _("%(file)s does not have the expected form: %(error)s") % {"file": path.name, "error": error}
            ) from error
    return run


class Place(NamedTuple):
    """What a row must belong to; `changes` is SQL that writes an equivalence into `raw`, empty where none is taken."""

    level: str
    column: str
    reason: str
    changes: str


def _stage(
    run: Run,
    path: Path,
    rows: list[tuple],
    columns: str,
    key_pattern: str,
    place: Place | None = None,
    unique: str = "code",
) -> None:
    """Fill `good` with the rows whose key is well formed and stands once, and whose place is known."""
    names = [column.split()[0] for column in columns.split(",")]
    make_staging(run.cursor, "raw", f"line integer, {columns}")
    copy_rows(run.cursor, "raw", ("line", *names), rows)
    known, join, detail = "", "", "NULL"
    if place:
        stage_offers(run, place.level)
        if place.changes:
            take_offers(run, place.level, "raw", place.changes, f"raw.{place.column}")
        known = f"WHEN place.code IS NULL THEN '{place.reason}'"
        join = f"LEFT JOIN {TABLES[place.level]} AS place ON place.code = raw.{place.column}"
        detail = (
            f"CASE reason WHEN '{place.reason}' THEN"
            f" coalesce({offered(place.level, f'judged.{place.column}')}, judged.{place.column}) END"
        )
    make_staging_as(
        run.cursor,
        "judged",
        f"SELECT raw.*, CASE WHEN raw.code IS NULL OR raw.code !~ %s THEN 'bad_key' {known}"
        f" WHEN count(*) OVER (PARTITION BY {', '.join(f'raw.{name}' for name in unique.split(', '))}) > 1"
        f" THEN 'duplicate' END AS reason FROM raw {join}",
        [key_pattern],
    )
    run.counts["rows"] = len(rows)
    run.reject(f"SELECT %s, line, code, reason, {detail} FROM judged WHERE reason IS NOT NULL", (path.name,))
    make_staging_as(run.cursor, "good", "SELECT * FROM judged WHERE reason IS NULL")


def _count(run: Run, name: str, written: Written) -> None:
    run.counts |= {f"{name}_{kind}": rows for kind, rows in written._asdict().items()}


def _read_json(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    yield from enumerate(json.loads(path.read_text(encoding="utf-8-sig")), start=1)


def _read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from enumerate(csv.DictReader(stream), start=2)
