"""The explorer's set for geographic programs: GeoPackage, shapefile, KML. Built in a folder that is gone afterwards.

Features are written in batches, so that memory stays flat; a KML file, which its driver writes whole, is bounded by the
set itself (blocks come for one city or municipality).
"""

import csv
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
from django.contrib.gis.geos import GEOSGeometry
from django.http import FileResponse, HttpResponseBase

from reports.explorer.sheet import Sheet

AT_ONCE = 500
# A shapefile's field names have at most ten characters.
SHORT = 10
GEOPACKAGE, KML = "application/geopackage+sqlite3", "application/vnd.google-earth.kml+xml"


def short_names(keys: Sequence[str]) -> list[str]:
    """Ten characters each, unlike each other: the first and last words of a key, numbered where two meet.

    `without_water_low` → `withou_low`; the same keys give the same names. The zip says them in `campos.csv`.
    """
    names: list[str] = []
    for key in keys:
        head, _underscore, tail = key.rpartition("_")
        name = key if len(key) <= SHORT else f"{head[: SHORT - 1 - len(tail)]}_{tail}" if len(tail) < 6 else key[:SHORT]
        number = 1
        while name in names:
            number += 1
            name = f"{name[: SHORT - len(str(number))]}{number}"
        names.append(name)
    return names


def geopackage(sheet: Sheet) -> HttpResponseBase:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{sheet.name}.gpkg"
        _write(sheet, path, "GPKG", sheet.keys)
        return _answer(path, GEOPACKAGE)


def shapefile(sheet: Sheet) -> HttpResponseBase:
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "shp"
        inside.mkdir()
        names = short_names(sheet.keys)
        _write(sheet, inside / f"{sheet.name}.shp", "ESRI Shapefile", names)
        with (inside / "campos.csv").open("w", newline="", encoding="utf-8-sig") as target:
            csv.writer(target).writerows(
                [("campo", "clave", "nombre"), *zip(names, sheet.keys, sheet.titles, strict=True)]
            )
        path = Path(folder) / f"{sheet.name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(inside.iterdir()):
                archive.write(part, part.name)
        return _answer(path, "application/zip")


def kml(sheet: Sheet) -> HttpResponseBase:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{sheet.name}.kml"
        _write(sheet, path, "KML", sheet.keys, at_once=max(len(sheet.columns[0].values), 1))
        return _answer(path, KML)


def _answer(path: Path, content_type: str) -> FileResponse:
    # The open file outlives its folder until it is sent.
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type=content_type)


def _write(sheet: Sheet, path: Path, driver: str, names: Sequence[str], at_once: int = AT_ONCE) -> None:
    kinds = [_kind(column.values) for column in sheet.columns]
    options: dict[str, Any] = {"ENCODING": "UTF-8"} if driver == "ESRI Shapefile" else {}
    is_begun = False
    for shapes, rows in _batches(sheet, at_once):
        fields = [
            np.array([_cell(row[key], kind) for row in rows], dtype=kind)
            for key, kind in zip(sheet.keys, kinds, strict=True)
        ]
        pyogrio.raw.write(
            path,
            geometry=np.array(shapes, dtype=object),
            field_data=fields,
            fields=np.array(names, dtype=object),
            geometry_type="MultiPolygon",
            crs="EPSG:4326",
            driver=driver,
            layer=sheet.name,
            append=is_begun,
            **options,
        )
        is_begun = True


def _batches(sheet: Sheet, at_once: int) -> Iterator[tuple[list[bytes | None], list[dict[str, Any]]]]:
    """At least one batch, so that an empty set is an empty file with its fields."""
    features = sheet.features()
    is_first = True
    while (batch := list(islice(features, at_once))) or is_first:
        shapes = [bytes(GEOSGeometry(shape).wkb) if shape else None for shape, _row in batch]
        yield shapes, [row for _shape, row in batch]
        is_first = False


def _kind(values: Sequence[Any]) -> Any:
    """Numbers stay numbers: whole ones where no value is missing or broken, text otherwise."""
    known = [value for value in values if value is not None]
    if not known or not all(isinstance(value, int | float | Decimal) for value in known):
        return object
    is_whole = len(known) == len(values) and all(isinstance(value, int) for value in known)
    return np.int64 if is_whole else np.float64


def _cell(value: Any, kind: Any) -> Any:
    if kind is object:
        return None if value is None else str(value)
    return np.nan if value is None else value
