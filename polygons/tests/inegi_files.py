"""Small files in INEGI's own format, made for the tests: the twins of the real ones."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from polygons.concepts import VINTAGE_BY_YEAR
from polygons.services.census_file import KEY_COLUMNS, NAME_COLUMNS

# One block's counts, by INEGI's names.
COUNTS = {
    "POBTOT": 140, "POBFEM": 70, "POBMAS": 70, "TOTHOG": 36, "VIVTOT": 40, "TVIVHAB": 36, "VIVPARH_CV": 36,
    "VPH_PISOTI": 6, "VPH_PISODT": 30, "VPH_C_ELEC": 36, "VPH_S_ELEC": 0, "VPH_AGUADV": 16, "VPH_AGUAFV": 20,
    "VPH_DRENAJ": 30, "VPH_NODREN": "*", "VPH_C_SERV": 16,
}  # fmt: skip
LON, LAT = -90.53, 19.83
SIDE = 0.001


def row(loc: str = "0001", ageb: str = "0022", mza: str = "001", *, mun: str = "002", **counts: Any) -> dict[str, Any]:
    names = {"NOM_ENT": "Campeche", "NOM_MUN": "Campeche", "NOM_LOC": "San Francisco de Campeche"}
    return {"ENTIDAD": "04", "MUN": mun, "LOC": loc, "AGEB": ageb, "MZA": mza} | names | COUNTS | counts


def totals(blocks: int, **counts: Any) -> list[dict[str, Any]]:
    """State, municipality, locality and AGEB rows of so many equal blocks."""
    summed = {name: value * blocks for name, value in COUNTS.items() if isinstance(value, int)} | counts
    return [
        row("0000", "0000", "000", mun="000", NOM_LOC="Total de la entidad", **(summed | {"POBTOT": 928363})),
        row("0000", "0000", "000", NOM_LOC="Total del municipio", **summed),
        row("0001", "0000", "000", NOM_LOC="Total de la localidad urbana", **summed),
        row("0001", "0022", "000", NOM_LOC="Total AGEB urbana", **summed),
    ]


def census_text(rows: list[dict[str, Any]], vintage: int = 2020) -> str:
    """The rows, given by their names of 2020, as that vintage's file would call them; what it has not is left out."""
    old = VINTAGE_BY_YEAR[vintage].columns
    renamed = {VINTAGE_BY_YEAR[2020].columns.get(count, names)[0]: names[0] for count, names in old.items()}
    names = {name: name for name in (*KEY_COLUMNS.values(), *NAME_COLUMNS.values())} | renamed
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names.values())
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return stream.getvalue()


def write_census(path: Path, rows: list[dict[str, Any]], vintage: int = 2020) -> Path:
    """With BOM and CRLF, as INEGI publishes; zipped beside a dictionary where the name says so."""
    text = census_text(rows, vintage)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("diccionario.csv", "a,b\r\n")
            archive.writestr("conjunto/RESAGEBURB_04CSV20.csv", text.encode("utf-8-sig"))
    else:
        path.write_bytes(text.encode("utf-8-sig"))
    return path


def key(mza: int, ageb: str = "0022") -> str:
    return f"040020001{ageb}{mza:03d}"


def ring(place: int) -> list[list[float]]:
    west = LON + place * 0.0012
    return [[west, LAT], [west + SIDE, LAT], [west + SIDE, LAT + SIDE], [west, LAT + SIDE], [west, LAT]]


def feature(code: str, ring: list[list[float]]) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"CVEGEO": code}, "geometry": geometry}


def write_shapes(path: Path, features: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def neighbourhood(folder: Path, blocks: int = 3) -> tuple[Path, Path]:
    """Census and polygons of one AGEB with so many blocks in a row, 20 of 36 dwellings without water in each."""
    rows = totals(blocks) + [row(mza=f"{number:03d}") for number in range(1, blocks + 1)]
    shapes = [feature(key(number), ring(number)) for number in range(1, blocks + 1)]
    return write_census(folder / "censo.csv", rows), write_shapes(folder / "manzanas.geojson", shapes)
