"""The invented nation written into the database: COPY from columns, places first.

The importers are not asked: no file of 2020 can say what 2005 counted, and they would check what is true by making.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from habitat.lib.postgis import copy_rows, make_staging
from habitat.lib.progress import Progress
from polygons.models import CensusTotal
from polygons.services.cities import refresh_cities
from polygons.time_zones import time_zone_of
from reports.demo.places import STATES
from reports.universe.blocks import mercator
from reports.universe.census import COLUMNS, CONFIDENTIAL, LEVELS, VINTAGES, WHOLE, Counts, Nation, printed, total_rows

KINDS = {"1": "metropolitan_zone", "2": "conurbation", "3": "urban_centre"}
METHOD, SOURCE = "Inventada", "build_universe"
BATCH_ROWS = 2_000
BLOCK_COLUMNS = (
    "code", "vintage", "geometry_vintage", "ageb_code", "municipality_id", "locality_id", "city_id", *COLUMNS,
    "missing", "geometry", "mercator",
)  # fmt: skip


def write_places(cursor: Any, nation: Nation) -> None:
    """States where they lack; municipalities, localities, cities and who belongs to which."""
    make_staging(cursor, "state_row", "code text, name text")
    copy_rows(cursor, "state_row", ("code", "name"), ((f"{n:02}", name) for n, name in enumerate(STATES, start=1)))
    cursor.execute("INSERT INTO polygons_state (code, name) SELECT code, name FROM state_row ON CONFLICT DO NOTHING")
    parts = [(city, part) for city in nation.cities for part in city.parts]
    codes, counts = total_rows(nation, WHOLE, "municipality")
    people = dict(zip(codes, counts["population"].tolist(), strict=True))
    municipalities = {
        part.municipality: (
            part.municipality, part.municipality_name, part.municipality[:2], time_zone_of(part.municipality),
            people[part.municipality], VINTAGES[-1],
        )
        for _city, part in parts
    }  # fmt: skip
    columns = ("code", "name", "state_id", "time_zone", "population", "population_year")
    copy_rows(cursor, "polygons_municipality", columns, municipalities.values())
    localities = ((part.locality, part.name, part.municipality) for _city, part in parts)
    copy_rows(cursor, "polygons_locality", ("code", "name", "municipality_id"), localities)
    cities = ((city.code, city.name, KINDS[city.kind]) for city in nation.cities)
    copy_rows(cursor, "polygons_city", ("code", "name", "kind"), cities)
    members = [(city.code, part.municipality) for city, part in parts if city.kind == "1"]
    copy_rows(cursor, "polygons_city_municipalities", ("city_id", "municipality_id"), members)
    members = [(city.code, part.locality) for city, part in parts if city.kind != "1"]
    copy_rows(cursor, "polygons_city_localities", ("city_id", "locality_id"), members)


def write_blocks(cursor: Any, nation: Nation, progress: Progress) -> None:
    """The blocks of every census, with the outlines they share."""
    shapes = [_shape(ring) for ring in nation.rings]
    places = [[key[:length] for key in nation.keys] for length in (13, 5, 9)]
    cities = [nation.cities[place].code for place in nation.city.tolist()]
    for vintage in progress.over(VINTAGES, "census", len(VINTAGES)):
        year = [str(vintage)] * len(shapes)
        columns = [
            nation.keys, year, year, *places, cities, *_texts(printed(nation, vintage)),
            [shape[0] for shape in shapes], [shape[1] for shape in shapes],
        ]  # fmt: skip
        _copy(cursor, "polygons_block", BLOCK_COLUMNS, columns)


def write_totals(cursor: Any, nation: Nation, vintage: int) -> None:
    """The census's own total rows; of a state that a file has told of before (the demo's), that row stands."""
    names = _names(nation)
    for level in LEVELS:
        codes, counts = total_rows(nation, vintage, level)
        named = [names[code] if level != "ageb" else code[9:] for code in codes]
        columns = [[level] * len(codes), codes, [str(vintage)] * len(codes), named, *_texts(counts)]
        told = set(CensusTotal.objects.filter(level=level, vintage=vintage).values_list("code", flat=True))
        rows = (row for row in zip(*columns, strict=True) if row[1] not in told)
        _copy_rows(cursor, "polygons_censustotal", ("level", "code", "vintage", "name", *COLUMNS, "missing"), rows)


def write_poverty(cursor: Any, nation: Nation, vintage: int) -> None:
    """Poor households of every block with homes."""
    lived_in = np.flatnonzero(nation.counts["households"])
    keys = [nation.keys[place] for place in lived_in.tolist()]
    fixed = [[text] * len(keys) for text in (str(vintage), METHOD, SOURCE)]
    households, poor = (
        numbers[lived_in].astype(str).tolist() for numbers in (nation.counts["households"], nation.poor)
    )
    columns = ("code", "vintage", "method", "source", "municipality_id", "households", "poor_households")
    _copy(cursor, "polygons_householdpoverty", columns, [keys, *fixed, [key[:5] for key in keys], households, poor])


def settle(cursor: Any) -> None:
    """What the importers do at the end: the cities' people and points, and statistics for the planner."""
    refresh_cities(cursor)
    for table in ("polygons_block", "polygons_censustotal", "polygons_householdpoverty", "polygons_municipality"):
        cursor.execute(f"ANALYZE {table}")


def _names(nation: Nation) -> dict[str, str]:
    names = {f"{number:02}": name for number, name in enumerate(STATES, start=1)}
    for city in nation.cities:
        for part in city.parts:
            names[part.municipality] = part.municipality_name
            names[part.locality] = part.name
    return names


# ---- COPY from columns ----------------------------------------------------------------------------------------------
def _texts(counts: Counts) -> list[Sequence[str]]:
    """The counts as COPY reads them, and `missing` after them; what was not asked is NULL without a reason."""
    columns: list[Sequence[str]] = []
    marks = np.zeros(len(counts["population"]), dtype=np.int64)
    for place, name in enumerate(COLUMNS):
        values = counts[name]
        columns.append(np.where(values < 0, "\\N", values.astype(str)).tolist())
        marks |= (values == CONFIDENTIAL).astype(np.int64) << place
    reasons = {mark: _reason(mark) for mark in np.unique(marks).tolist()}
    return [*columns, [reasons[mark] for mark in marks.tolist()]]


def _reason(mark: int) -> str:
    return json.dumps({name: "*" for place, name in enumerate(COLUMNS) if mark >> place & 1})


def _shape(ring: np.ndarray) -> tuple[str, str]:
    """A one-ring MultiPolygon as hexadecimal EWKB, in degrees and in mercator."""
    return _ewkb(ring, 4326), _ewkb(mercator(ring), 3857)


def _ewkb(ring: np.ndarray, srid: int) -> str:
    head = struct.pack("<BIIIBIII", 1, 0x20000006, srid, 1, 1, 3, 1, len(ring))
    return (head + np.ascontiguousarray(ring).tobytes()).hex()


class _Text:
    """What COPY reads from: a batch of rows of tab-separated text at a time."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self._rows = iter(rows)
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (batch := list(islice(self._rows, BATCH_ROWS))):
            self._rest += "".join("\t".join(row) + "\n" for row in batch).encode()
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def _copy(cursor: Any, table: str, names: Sequence[str], columns: Iterable[Sequence[str]]) -> None:
    _copy_rows(cursor, table, names, zip(*columns, strict=True))


def _copy_rows(cursor: Any, table: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", _Text(rows), 1 << 18)
