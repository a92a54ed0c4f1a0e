"""The masked copy as files, in the forms INEGI publishes: what the real importers, and other programs, can read."""

import json
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyogrio.raw

from polygons.services.census_file import KEY_COLUMNS, NAME_COLUMNS
from reports.demo.places import STATES
from reports.universe.census import COLUMNS, LEVELS, MASKED, Counts, Nation, printed, total_rows

CENSUS, OUTLINES = f"censo-{MASKED}.csv", "manzanas.gpkg"
STATES_FILE, MUNICIPALITIES, CITIES = "estados.json", "municipios.json", "ciudades.csv"
CUTS = dict(zip(KEY_COLUMNS.values(), ((0, 2), (2, 5), (5, 9), (9, 13), (13, 16)), strict=True))
# Column with a place's name -> how many characters of the key are the place's.
NAMED = {NAME_COLUMNS["nom_ent"]: 2, NAME_COLUMNS["nom_mun"]: 5, NAME_COLUMNS["nom_loc"]: 9}
ASKED = {name: column for name, column in COLUMNS.items() if column}


def write_files(nation: Nation, folder: Path) -> list[Path]:
    """Census and outlines for import_blocks, and the three catalogues to be imported before them, in that order."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogues = [_states(folder / STATES_FILE), _municipalities(nation, folder / MUNICIPALITIES)]
    return [
        *catalogues, _cities(nation, folder / CITIES), _census(nation, folder / CENSUS),
        _outlines(nation, folder / OUTLINES),
    ]  # fmt: skip


def _states(path: Path) -> Path:
    rows = [{"cve_ent": f"{number:02}", "nom_ent": name} for number, name in enumerate(STATES, start=1)]
    path.write_text(json.dumps(rows, ensure_ascii=False))
    return path


def _municipalities(nation: Nation, path: Path) -> Path:
    codes, counts = total_rows(nation, MASKED, "municipality")
    people = dict(zip(codes, counts["population"].tolist(), strict=True))
    names = {part.municipality: part.municipality_name for city in nation.cities for part in city.parts}
    rows = [
        {"cve_completa": code, "nom_municipio": name, "nom_abr_entidad": code[:2], "poblacion_total": people[code]}
        for code, name in sorted(names.items())
    ]
    path.write_text(json.dumps(rows, ensure_ascii=False))
    return path


def _cities(nation: Nation, path: Path) -> Path:
    header = ["CVE_SUN", "CVE_ENT", "CVE_MUN", "NOM_MUN", "CVE_LOC", "NOM_LOC", "NOM_SUN", "TIPO_SUN"]
    rows = []
    for city in nation.cities:
        for part in city.parts:
            place = ("", "") if city.kind == "1" else (part.locality, part.name)
            code = part.municipality
            rows.append([city.code, code[:2], code, part.municipality_name, *place, city.name, city.kind])
    columns = {name: pa.array(column) for name, column in zip(header, zip(*rows, strict=True), strict=True)}
    return _written(columns, path)


def _census(nation: Nation, path: Path) -> Path:
    """A RESAGEBURB: each level's total rows, then the blocks; masks as stars."""
    parts: list[tuple[list[str], Counts]] = [total_rows(nation, MASKED, level) for level in LEVELS]
    parts.append((nation.keys, printed(nation, MASKED)))
    keys = np.array([code.ljust(16, "0") for codes, _counts in parts for code in codes])
    columns = {name: pa.array([key[slice(*cut)] for key in keys]) for name, cut in CUTS.items()}
    columns |= {column: pa.array(_names(nation, keys, length)) for column, length in NAMED.items()}
    for name, column in ASKED.items():
        values = np.concatenate([counts[name] for _codes, counts in parts])
        columns[column] = pa.array(np.where(values < 0, "*", values.astype(str)))
    return _written(columns, path)


def _names(nation: Nation, keys: np.ndarray, length: int) -> list[str]:
    names = {f"{number:02}": name for number, name in enumerate(STATES, start=1)}
    for city in nation.cities:
        for part in city.parts:
            names |= {part.municipality: part.municipality_name, part.locality: part.name}
    return [names.get(key[:length], "Total") for key in keys]


def _written(columns: dict[str, pa.Array], path: Path) -> Path:
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")
        pa.csv.write_csv(pa.table(columns), stream)
    return path


def _outlines(nation: Nation, path: Path) -> Path:
    shapes = np.empty(len(nation.rings), dtype=object)
    shapes[:] = [
        struct.pack("<BIII", 1, 3, 1, len(ring)) + np.ascontiguousarray(ring, "<f8").tobytes() for ring in nation.rings
    ]
    pyogrio.raw.write(
        path, shapes, [np.array(nation.keys, dtype=object)], ["CVEGEO"], crs="EPSG:4326", geometry_type="Polygon",
        driver="GPKG", layer="manzanas", SPATIAL_INDEX="NO",
    )  # fmt: skip
    return path
