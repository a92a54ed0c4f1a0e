"""A made-up country on disk: block polygons with census counts as GeoPackage, and the same counts as a census CSV.

A jittered grid of ~115 m pitch, 4 to 8 corners, an eighth with a hole; 640 municipalities of equal size in 32 states.
A fifth of the small counts is masked, as INEGI does it. The file also holds six bad features, one of each kind.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyogrio.raw

from polygons.concepts import VINTAGE_BY_YEAR
from polygons.services.census_file import KEY_COLUMNS, NAME_COLUMNS

BLOCKS = 296_043
STATES, MUNICIPALITIES, PER_AGEB = 32, 20, 40
CITIES = 384
PITCH = 115 / 111_000
# INEGI's file is 230 columns wide; the portal reads 24 of them.
WIDTH = 230
BAD = 6
# Two of one key; and a strange key, a strange letter, a crossed ring, a far place, a ring that is not closed.
BAD_ROWS = 7
COUNT_COLUMNS = tuple(names[0] for names in VINTAGE_BY_YEAR[2020].columns.values())


@dataclass(frozen=True)
class Country:
    """`keys` has one 16-character key a block; `counts` the printed cells by INEGI's column."""

    keys: np.ndarray
    counts: dict[str, np.ndarray]
    shapes: np.ndarray


def make(scale: float, seed: int = 1, changed: float = 0) -> Country:
    """`changed` is the share of blocks that differ, in a count and in their outline, from those of changed=0."""
    blocks = max(int(BLOCKS * scale), 64)
    random = np.random.default_rng(seed)
    place = np.arange(blocks) * (STATES * MUNICIPALITIES) // blocks
    number = np.arange(blocks) - np.searchsorted(place, place)
    shapes = _shapes(place, number, random)
    counts = _counts(blocks, random)
    if changed:
        every = max(int(1 / changed), 1)
        shapes[::every] = _shapes(place, number, np.random.default_rng(seed + 1))[::every]
        counts["POBTOT"][::every] = "777"
    return Country(_keys(place, number), counts, shapes)


def _keys(place: np.ndarray, number: np.ndarray) -> np.ndarray:
    state, town = place // MUNICIPALITIES + 1, place % MUNICIPALITIES + 1
    # From 1: AGEB 0000 with block 000 would be a locality's own row.
    ageb = number // PER_AGEB + 1
    weighted = 4 * (state // 10) + 5 * (state % 10) + 7 * (town // 10) + 8 * (town % 10)
    weighted += 9 * (ageb // 100) + 4 * (ageb // 10 % 10) + 5 * (ageb % 10)
    digit = np.array(list("0123456789A"))[weighted % 11]
    columns = zip(state, town, ageb, digit, number % PER_AGEB + 1, strict=True)
    return np.array([f"{s:02d}{t:03d}0001{a:03d}{d}{m:03d}" for s, t, a, d, m in columns])


def _counts(blocks: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    homes = random.integers(3, 42, blocks)
    people = homes * 4
    lacking = {name: random.binomial(homes, share) for name, share in LACKING.items()}
    plain = {
        "POBTOT": people, "POBFEM": people // 2, "POBMAS": people - people // 2, "TOTHOG": homes,
        "VIVTOT": homes + 3, "TVIVHAB": homes, "VIVPARH_CV": homes, "VPH_PISOTI": lacking["floor"],
        "VPH_PISODT": homes - lacking["floor"], "VPH_C_ELEC": homes - lacking["electricity"],
        "VPH_S_ELEC": lacking["electricity"], "VPH_AGUADV": homes - lacking["water"], "VPH_AGUAFV": lacking["water"],
        "VPH_DRENAJ": homes - lacking["drainage"], "VPH_NODREN": lacking["drainage"],
        "VPH_C_SERV": homes - lacking["water"],
    }  # fmt: skip
    return {name: _masked(values) for name, values in plain.items()}


LACKING = {"floor": 0.05, "electricity": 0.02, "water": 0.08, "drainage": 0.12}


def _masked(values: np.ndarray) -> np.ndarray:
    text = values.astype("U6").astype(object)
    text[(values == 1) | (values == 2)] = "*"
    return text


def _shapes(place: np.ndarray, number: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """WKB polygons, EPSG:4326, one per block."""
    side = int(np.ceil(np.sqrt(number.max() + 1)))
    lon = -116 + (place // MUNICIPALITIES) * 0.85 + (number % side) * PITCH
    lat = 15.6 + (place % MUNICIPALITIES) * 0.8 + (number // side) * PITCH
    corners, holed = random.integers(4, 9, len(place)), random.random(len(place)) < 0.12
    shapes = np.empty(len(place), dtype=object)
    for count in range(4, 9):
        for hole in (False, True):
            chosen = np.flatnonzero((corners == count) & (holed == hole))
            rings = [_ring(lon[chosen], lat[chosen], count, 0.42 * PITCH, random)]
            rings += [_ring(lon[chosen], lat[chosen], 4, 0.04 * PITCH, random)] if hole else []
            shapes[chosen] = _polygons(rings)
    return shapes


def _ring(lon: np.ndarray, lat: np.ndarray, corners: int, radius: float, random: np.random.Generator) -> np.ndarray:
    """Closed rings as (n, corners + 1, 2)."""
    turn = (np.arange(corners) + random.random((len(lon), corners)) * 0.6) * (2 * np.pi / corners)
    reach = radius * (0.8 + 0.2 * random.random((len(lon), corners)))
    points = np.stack([lon[:, None] + reach * np.cos(turn), lat[:, None] + reach * np.sin(turn)], axis=-1)
    return np.concatenate([points, points[:, :1]], axis=1)


def _polygons(rings: list[np.ndarray]) -> np.ndarray:
    head = b"\x01" + np.array([3, len(rings)], "<u4").tobytes()
    parts = [np.broadcast_to(np.frombuffer(head, np.uint8), (len(rings[0]), len(head)))]
    for ring in rings:
        size = np.frombuffer(np.array([ring.shape[1]], "<u4").tobytes(), np.uint8)
        parts.append(np.broadcast_to(size, (len(ring), 4)))
        parts.append(np.ascontiguousarray(ring, "<f8").view(np.uint8).reshape(len(ring), -1))
    whole = np.ascontiguousarray(np.concatenate(parts, axis=1))
    wkb = np.empty(len(whole), dtype=object)
    wkb[:] = [line.tobytes() for line in whole]
    return wkb


def write_package(country: Country, path: Path) -> Path:
    """CVEGEO, the counts as printed, the outline; and six features that no import may take."""
    keys, shapes = country.keys.astype(object), country.shapes.copy()
    spots = np.arange(BAD) * (len(keys) // BAD)
    keys[spots[0]] = keys[spots[0] + 1]
    keys[spots[1]] = "99" + keys[spots[1]][2:]
    keys[spots[2]] = keys[spots[2]][:12] + "ñ" + keys[spots[2]][13:]
    bow, far = np.array([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), np.array([[0, 0], [1, 0], [1, 1], [0, 0]])
    shapes[spots[3]] = _polygons([(bow * PITCH + [-100, 20])[None]])[0]
    shapes[spots[4]] = _polygons([(far * PITCH + [10, 50])[None]])[0]
    cut = shapes[spots[5]]
    shapes[spots[5]] = cut[:-16] + bytes(8) + cut[-8:]
    pyogrio.raw.write(
        path, shapes, [keys, *country.counts.values()], ["CVEGEO", *country.counts],
        crs="EPSG:4326", geometry_type="Polygon", driver="GPKG", layer="blocks", SPATIAL_INDEX="NO",
    )  # fmt: skip
    return path


def write_census(country: Country, path: Path) -> Path:
    """As wide as INEGI's file and with its total rows; UTF-8 with byte-order mark."""
    codes = pa.array(country.keys)
    levels = [_total_rows(country.keys, length) for length in (2, 5, 9, 13)]
    key = pa.concat_arrays([pa.array(level, pa.string()) for level in levels] + [codes])
    totals = sum(map(len, levels))
    cuts = zip(KEY_COLUMNS.values(), ((0, 2), (2, 5), (5, 9), (9, 13), (13, 16)), strict=True)
    columns = {name: pc.utf8_slice_codeunits(key, *cut) for name, cut in cuts}
    columns |= {name: pa.repeat("Villa de Ñ", len(key)) for name in NAME_COLUMNS.values()}
    for name in COUNT_COLUMNS:
        of_totals = pa.repeat("1000", totals)
        columns[name] = pa.concat_arrays([of_totals, pa.array(country.counts[name], pa.string())])
    filler = pa.array(np.arange(len(key)) % 97)
    columns |= {f"VAR{number:03d}": filler for number in range(WIDTH - len(columns))}
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")
        pa.csv.write_csv(pa.table(columns), stream, pa.csv.WriteOptions(quoting_style="none"))
    return path


def _total_rows(keys: np.ndarray, length: int) -> list[str]:
    return [code.ljust(16, "0") for code in np.unique(keys.astype(f"U{length}"))]


def write_catalogues(folder: Path) -> tuple[Path, Path, Path]:
    """States, municipalities and 384 cities, as INEGI's catalogue and the urban system have them."""
    states, towns, cities = folder / "states.json", folder / "municipalities.json", folder / "cities.csv"
    every = [f"{number:02d}" for number in range(1, STATES + 1)]
    states.write_text(json.dumps([{"cve_ent": code, "nom_ent": f"Estado {code}"} for code in every]))
    rows = [
        {"cve_completa": f"{code}{town:03d}", "nom_municipio": f"Villa {town}", "nom_abr_entidad": f"E{code}",
         "poblacion_total": 1000}
        for code in every for town in range(1, MUNICIPALITIES + 1)
    ]  # fmt: skip
    towns.write_text(json.dumps(rows))
    header = "CVE_SUN,CVE_ENT,CVE_MUN,NOM_MUN,CVE_LOC,NOM_LOC,NOM_SUN,TIPO_SUN"
    codes = [str(row["cve_completa"]) for row in rows[:CITIES]]
    zones = [f"{number:03d},{code[:2]},{code},Villa,,,Zona {number},1" for number, code in enumerate(codes, start=1)]
    cities.write_text("\n".join([header, *zones, ""]))
    return states, towns, cities
