"""The files of a list: CSV, XLSX and, where its rows have a place, GeoPackage."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import django_tables2 as tables
import pyarrow as pa
import pyogrio
from django.contrib.gis.db.models.functions import AsWKB
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django_tables2.columns import BoundColumn

from habitat.lib.legend import LEGEND
from habitat.lib.lists.cells import AT_ONCE, kind_of, reader, records_of
from habitat.lib.spreadsheets import XLSX, csv_lines
from habitat.lib.workbook import Workbook

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "gpkg": "application/geopackage+sqlite3"}
LABELS = {"csv": "CSV", "xlsx": "XLSX", "gpkg": "GeoPackage"}
ARROW = {
    "text": pa.string(),
    "year": pa.int64(),
    "count": pa.int64(),
    "number": pa.float64(),
    "degrees": pa.float64(),
    "money": pa.float64(),
    "percent": pa.float64(),
    "date": pa.date32(),
    "moment": pa.timestamp("ms"),
}
SHAPE = "geometry"
# What the format keeps for itself.
TAKEN = ("fid", "geom", SHAPE)


@dataclass(frozen=True)
class Sheet:
    """The rows of a table as data: chosen columns, typed cells. `about`: what the file says of itself, in pairs."""

    name: str
    title: str
    table: tables.Table
    columns: Sequence[BoundColumn]
    about: Sequence[tuple[str, str]]
    by: str
    at: dt.datetime

    @property
    def titles(self) -> list[str]:
        return [str(column.header) for column in self.columns]

    @property
    def kinds(self) -> list[str]:
        return [kind_of(self.table, column) for column in self.columns]

    def rows(self) -> Iterator[list[Any]]:
        readers = [reader(self.table, column) for column in self.columns]
        for record in records_of(self.table, self.columns):
            yield [read(record) for read in readers]

    def places(self) -> Iterator[tuple[list[Any], bytes | None]]:
        """Each row with its place as WKB in EPSG:4326."""
        readers = [reader(self.table, column) for column in self.columns]
        for record, shape in _placed(self.table, self.columns):
            yield [read(record) for read in readers], bytes(shape) if shape else None


def _placed(table: tables.Table, columns: Sequence[BoundColumn]) -> Iterator[tuple[Any, Any]]:
    """By the table's `geometry`, an expression of its query; else by its `shapes`, asked for many rows at once."""
    if getattr(table, "geometry", None) is not None:
        for record in records_of(table, columns, AsWKB(table.geometry)):
            yield record, record.list_shape
        return
    records = records_of(table, columns)
    while batch := list(islice(records, AT_ONCE)):
        yield from zip(batch, table.shapes(batch), strict=True)


Told = Callable[[int], None]
T = TypeVar("T")


def formats_of(table: tables.Table) -> list[str]:
    has_place = any(getattr(table, name, None) is not None for name in ("geometry", "shapes"))
    return ["csv", "xlsx", "gpkg"] if has_place else ["csv", "xlsx"]


def csv_pieces(sheet: Sheet) -> Iterator[str]:
    return csv_lines(sheet.titles, sheet.rows())


def write(sheet: Sheet, form: str, path: Path, told: Told = lambda rows: None) -> int:
    """Answers the number of rows; `told` is called with it as they are written."""
    count = Count(told)
    WRITERS[form](sheet, path, count)
    return count.rows


class Count:
    """Rows as they pass."""

    def __init__(self, told: Told) -> None:
        self.rows, self.told = 0, told

    def through(self, rows: Iterator[T]) -> Iterator[T]:
        for row in rows:
            yield row
            self.rows += 1
            if self.rows % AT_ONCE == 0:
                self.told(self.rows)


def _write_csv(sheet: Sheet, path: Path, count: Count) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        target.writelines(csv_lines(sheet.titles, count.through(sheet.rows())))


def _write_xlsx(sheet: Sheet, path: Path, count: Count) -> None:
    # Neither years nor degrees are grouped or rounded: they are numbers in the style of text.
    kinds = ["text" if kind in ("year", "degrees") else kind for kind in sheet.kinds]
    with Workbook(path, title=sheet.title, author=sheet.by, at=sheet.at) as book:
        page = book.sheet(sheet.title, kinds)
        page.head(sheet.titles)
        page.add(count.through(sheet.rows()))
        about = book.sheet(_("About this file"), ["text", "text"], [28, 100])
        about.head([sheet.title, ""])
        about.add([*sheet.about, (_("Rows"), str(count.rows)), (_("Legend of the law"), LEGEND)])


def _write_gpkg(sheet: Sheet, path: Path, count: Count) -> None:
    fields = field_names(sheet.titles)
    types = [ARROW[kind] for kind in sheet.kinds]
    rows = count.through(sheet.places())
    is_begun = False
    # At least one batch, so that an empty list is an empty layer with its fields.
    while (batch := list(islice(rows, AT_ONCE))) or not is_begun:
        cells = list(zip(*(row for row, _shape in batch), strict=True)) or [()] * len(fields)
        arrays = [pa.array(_floats(column, kind), kind) for column, kind in zip(cells, types, strict=True)]
        shapes = pa.array([shape for _row, shape in batch], pa.binary())
        pyogrio.write_arrow(
            pa.table([*arrays, shapes], [*fields, SHAPE]),
            path,
            layer=sheet.name,
            driver="GPKG",
            geometry_name=SHAPE,
            geometry_type="Unknown",
            crs="EPSG:4326",
            append=is_begun,
        )
        is_begun = True


WRITERS = {"csv": _write_csv, "xlsx": _write_xlsx, "gpkg": _write_gpkg}


def _floats(column: Sequence[Any], kind: pa.DataType) -> list[Any]:
    return [None if cell is None else float(cell) for cell in column] if kind == pa.float64() else list(column)


def field_names(titles: Sequence[str]) -> list[str]:
    """The headings as names for a database: small letters and underscores, none twice."""
    names: list[str] = []
    for title in titles:
        stem = slugify(title).replace("-", "_") or "campo"
        name, number = stem, 1
        while name in names or name in TAKEN:
            number += 1
            name = f"{stem}_{number}"
        names.append(name)
    return names
