"""Census files in INEGI's format, invented: RESAGEBURB 2020 with its five levels and masks, and block polygons."""

import csv
import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from reports.demo.columns import COUNTS, INDICATORS, KEYS
from reports.demo.places import PLACES, STATES, Place

VINTAGE = 2020
LOCALITY = "0001"
BLOCK_M = (92.0, 64.0)
STREET_M = 13.0
DEGREE_M = 111_320.0
# An urban AGEB takes this many blocks each way.
AGEB_SIDE = 5
# How deep a service lacks where a spot's depth is 1: share of the dwellings.
DEEPEST = {"VPH_AGUAFV": 0.85, "VPH_NODREN": 0.5, "VPH_S_ELEC": 0.14, "VPH_PISOTI": 0.38}
SERVED = {
    "VPH_AGUAFV": "VPH_AGUADV", "VPH_NODREN": "VPH_DRENAJ", "VPH_S_ELEC": "VPH_C_ELEC", "VPH_PISOTI": "VPH_PISODT",
}  # fmt: skip
# INEGI prints these also for units of one or two dwellings.
ALWAYS_PRINTED = {"POBTOT", "VIVTOT", "TVIVHAB"}
CONFIDENTIAL, NOT_AVAILABLE = "*", "N/D"
# Whoever lives outside the cities: the state's row counts them too.
RURAL_SHARE = 0.28
HIDDEN_SHARE = 0.08


@dataclass(frozen=True)
class Block:
    code: str
    counts: Counter[str]
    ring: list[list[float]]
    # What the census keeps to itself besides ones and twos.
    hidden: frozenset[str]


@dataclass(frozen=True)
class Files:
    census: Path
    geometry: Path


def write_catalogues(folder: Path) -> dict[str, Path]:
    """States and municipalities as INEGI's JSON, the cities of the urban system as CSV; all states, our places only."""
    states = [{"cve_ent": f"{number:02}", "nom_ent": name} for number, name in enumerate(STATES, start=1)]
    municipalities = [
        {
            "cve_completa": place.municipality,
            "nom_municipio": place.name,
            "nom_abr_entidad": place.abbreviation,
            "poblacion_total": sum(block.counts["POBTOT"] for block in blocks_of(place)),
        }
        for place in PLACES
    ]
    cities = [
        {
            "CVE_SUN": place.city,
            "TIPO_SUN": place.city_kind,
            "NOM_SUN": place.city_name,
            "CVE_MUN": place.municipality,
            "NOM_MUN": place.name,
            "CVE_LOC": "" if place.city_kind == "1" else place.municipality + LOCALITY,
            "NOM_LOC": "" if place.city_kind == "1" else place.locality,
        }
        for place in PLACES
    ]
    paths = {name: folder / file for name, file in (("states", "estados.json"), ("municipalities", "municipios.json"))}
    paths["states"].write_text(json.dumps(states, ensure_ascii=False), encoding="utf-8")
    paths["municipalities"].write_text(json.dumps(municipalities, ensure_ascii=False), encoding="utf-8")
    paths["cities"] = folder / "sun2012.csv"
    with paths["cities"].open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(cities[0]))
        writer.writeheader()
        writer.writerows(cities)
    return paths


def write_blocks(place: Place, folder: Path) -> Files:
    """The place's RESAGEBURB (BOM, CRLF) and its blocks as GeoJSON; some blocks stand in only one of the two."""
    blocks = list(blocks_of(place))
    # The last one was built after the census.
    census = write_table(folder / f"RESAGEBURB_{place.state}CSV20.csv", place, blocks[:-1], INDICATORS)
    drawn = [block for number, block in enumerate(blocks, start=1) if number % 37]
    return Files(census, write_shapes(folder / f"manzanas_{place.municipality}.geojson", drawn))


def write_table(path: Path, place: Place, blocks: list[Block], columns: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([*KEYS, *columns])
        writer.writerows(_cells(place, row, columns) for row in rows_of(place, blocks))
    return path


def write_shapes(path: Path, blocks: list[Block]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"CVEGEO": block.code, "fechaact": "12/2019"},
            "geometry": {"type": "Polygon", "coordinates": [block.ring]},
        }
        for block in blocks
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


# ---- Blocks ---------------------------------------------------------------------------------------------------------
def blocks_of(place: Place) -> Iterator[Block]:
    """From south-west to north-east, the same ones every time."""
    dice = random.Random(place.municipality)  # noqa: S311 - invented figures, not secrets
    numbers: Counter[str] = Counter()
    for row in range(place.rows):
        for column in range(place.columns):
            ageb = ageb_key(place.municipality, 101 + (row // AGEB_SIDE) * 10 + column // AGEB_SIDE)
            numbers[ageb] += 1
            code = f"{place.municipality}{LOCALITY}{ageb}{numbers[ageb]:03}"
            counts, ring = _people(place, column, row, dice), _ring(place, column, row, dice)
            yield Block(code, counts, ring, frozenset(name for name in DEEPEST if dice.random() < HIDDEN_SHARE))


def ageb_key(municipality: str, number: int) -> str:
    """Three digits and INEGI's check digit: weights over state, municipality and AGEB, mod 11, ten is A."""
    digits = [int(digit) for digit in f"{municipality}{number:03}"]
    rest = sum(weight * digit for weight, digit in zip((4, 5, 6, 7, 8, 9, 4, 5), digits, strict=True)) % 11
    return f"{number:03}{'A' if rest == 10 else rest}"


def _people(place: Place, column: int, row: int, dice: random.Random) -> Counter[str]:
    if dice.random() < 0.03:
        return Counter(dict.fromkeys(COUNTS, 0))
    dwellings = dice.choice((1, 2)) if dice.random() < 0.05 else dice.randint(18, 46)
    inhabited = max(dwellings - round(dwellings * dice.uniform(0.04, 0.2)), 1)
    known = inhabited if inhabited < 3 else inhabited - (dice.random() < 0.3)
    people = round(inhabited * dice.uniform(3.4, 4.1))
    counts = Counter({name: _typical(name, people, known) for name in COUNTS})
    women = round(people * dice.uniform(0.49, 0.53))
    counts.update(POBFEM=women - counts["POBFEM"], POBMAS=people - women - counts["POBMAS"])
    for name, value in {
        "POBTOT": people, "VIVTOT": dwellings, "TVIVHAB": inhabited, "TVIVPAR": dwellings, "VIVPAR_HAB": inhabited,
        "VIVPARH_CV": known, "TVIVPARHAB": inhabited, "VIVPAR_DES": dwellings - inhabited, "VIVPAR_UT": 0,
        "OCUPVIVPAR": people, "TOTHOG": inhabited, "POBHOG": people,
    }.items():  # fmt: skip
        counts[name] = value
    for lacking, deepest in DEEPEST.items():
        share = min(_depth(place, column, row) * deepest * dice.uniform(0.8, 1.2) + dice.uniform(0, 0.03), 0.95)
        counts[lacking] = round(known * share)
        counts[SERVED[lacking]] = known - counts[lacking]
    counts["VPH_C_SERV"] = known - max(counts[name] for name in ("VPH_AGUAFV", "VPH_NODREN", "VPH_S_ELEC"))
    return counts


def _typical(name: str, people: int, dwellings: int) -> int:
    """A column nobody reads: some share of the whole it is a part of, the same share everywhere."""
    share = (crc32(name.encode()) % 80 + 5) / 100
    return round((dwellings if name.startswith(("V", "TV")) else people) * share)


def _depth(place: Place, column: int, row: int) -> float:
    """0 where nothing lacks, up to a spot's own depth at its centre."""
    return max(
        spot.depth * math.exp(-((((column - spot.column) ** 2 + (row - spot.row) ** 2) / (2 * spot.reach**2)) ** 2))
        for spot in place.spots
    )


def _ring(place: Place, column: int, row: int, dice: random.Random) -> list[list[float]]:
    """A closed ring in degrees: a block of the turned grid, its corners a metre or two off."""
    west, south = column * (BLOCK_M[0] + STREET_M), row * (BLOCK_M[1] + STREET_M)
    corners = [(west, south), (west + BLOCK_M[0], south), (west + BLOCK_M[0], south + BLOCK_M[1])]
    corners.append((west, south + BLOCK_M[1]))
    shaken = [(x + dice.uniform(-1.5, 1.5), y + dice.uniform(-1.5, 1.5)) for x, y in corners]
    ring = [degrees(place, x, y) for x, y in shaken]
    return [*ring, ring[0]]


def degrees(place: Place, x: float, y: float) -> list[float]:
    """Longitude and latitude of a point so many metres along the place's own axes."""
    turn = math.radians(place.turn)
    east, north = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    lon = place.lon + east / (DEGREE_M * math.cos(math.radians(place.lat)))
    return [round(lon, 6), round(place.lat + north / DEGREE_M, 6)]


# ---- Rows -----------------------------------------------------------------------------------------------------------
class Row(NamedTuple):
    """`key` is of municipality, locality, AGEB and block, zeros where it is of something larger."""

    key: tuple[str, str, str, str]
    name: str
    counts: Counter[str]
    hidden: frozenset[str] = frozenset()


def rows_of(place: Place, blocks: list[Block]) -> Iterator[Row]:
    """State, municipality, locality, then each AGEB before its blocks, as INEGI orders them."""
    everybody = _sum(blocks)
    state = Counter({name: round(value * (1 + RURAL_SHARE)) for name, value in everybody.items()})
    municipality = place.municipality[2:]
    yield Row(("000", "0000", "0000", "000"), "Total de la entidad", state)
    yield Row((municipality, "0000", "0000", "000"), "Total del municipio", everybody)
    yield Row((municipality, LOCALITY, "0000", "000"), "Total de la localidad urbana", everybody)
    by_ageb: dict[str, list[Block]] = {}
    for block in blocks:
        by_ageb.setdefault(block.code[9:13], []).append(block)
    for ageb, members in sorted(by_ageb.items()):
        yield Row((municipality, LOCALITY, ageb, "000"), "Total AGEB urbana", _sum(members))
        for block in members:
            key = (municipality, LOCALITY, ageb, block.code[13:])
            yield Row(key, place.locality, block.counts, block.hidden)


def _sum(blocks: list[Block]) -> Counter[str]:
    total: Counter[str] = Counter()
    for block in blocks:
        total.update(block.counts)
    return total


def _cells(place: Place, row: Row, columns: tuple[str, ...]) -> list[Any]:
    mun, loc, ageb, mza = row.key
    mun_name = f"Total de la entidad {place.state_name}" if mun == "000" else place.name
    names = [place.state, place.state_name, mun, mun_name, loc, row.name, ageb, mza]
    return names + [CONFIDENTIAL if name in row.hidden else _printed(name, row.counts) for name in columns]


def _printed(name: str, counts: Counter[str]) -> int | float | str:
    """As INEGI prints it: nothing but three counts of tiny units, no ones and twos, no averages of nobody."""
    if name in ALWAYS_PRINTED:
        return counts[name]
    if 0 < counts["TVIVHAB"] < 3:
        return CONFIDENTIAL
    if name not in counts:
        return round(counts["POBTOT"] / counts["TVIVHAB"], 2) if counts["TVIVHAB"] else NOT_AVAILABLE
    return CONFIDENTIAL if counts[name] in (1, 2) else counts[name]
