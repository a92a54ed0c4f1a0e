"""The explorer's set as files. `FORMATS` is the register: an entry there is an entry in the page's menu.

A writer takes a `Sheet` and answers; it need not know whether the rows are polygons or blocks.
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.spreadsheets import csv_response, xlsx_response
from reports.explorer import gis_files
from reports.explorer.found import Found
from reports.explorer.grains import POLYGONS, records
from reports.explorer.measures import MEASURES, Unit
from reports.explorer.sheet import Column, Sheet

AT_ONCE = 500


class Format(NamedTuple):
    label: str | Promise
    write: Callable[[Sheet], HttpResponseBase]


def _exact(value: float, unit: Unit) -> Any:
    if np.isnan(value):
        return None
    if unit in (Unit.PESOS, Unit.PESOS_EACH):
        return Decimal(f"{value:.2f}")
    return int(value) if value == int(value) else round(float(value), 6)


def _measured(found: Found, name: str, year: int) -> Iterator[Column]:
    """A share as its counts and what they are a share of; anything else as its value."""
    measure = MEASURES[name]
    figures = found.figures(name)
    label = str(measure.label) + (f" ({year})" if name == "approved_year" else "")
    if measure.unit is Unit.SHARE and measure.is_need:
        for end, (suffix, text) in enumerate((("low", _("at least")), ("high", _("at most")), ("base", _("of")))):
            counts = [_exact(value, Unit.NUMBER) for value in figures[:, end]]
            yield Column(f"{name}_{suffix}", f"{label}: {text}", counts)
        return
    yield Column(name, label, [_exact(value, measure.unit) for value in found.values(name)[0]])


def _texts(found: Found) -> list[Column]:
    rows, is_polygons = found.rows, found.grain is POLYGONS
    texts: list[tuple[Any, ...]] = []
    for start in range(0, len(found), AT_ONCE):
        ids = rows.ids[start : start + AT_ONCE]
        read = records(found.grain, found.user, ids)
        for record in (read[pk] for pk in ids):
            place = record.polygon if is_polygons else record
            kind = record.number if is_polygons else getattr(record, "of_polygon", ("", ""))[0]
            city = place.city.name if place.city else ""
            texts.append((place.municipality.name, city, kind, record.vintage))
    columns = [list(column) for column in zip(*texts, strict=True)] or [[], [], [], []]
    return [
        Column("code", _("Code") if is_polygons else _("Key"), rows.codes),
        Column("name", _("Name"), rows.names) if is_polygons else Column("ageb", _("AGEB"), rows.names),
        Column("municipality", _("Municipality key"), rows.municipalities),
        Column("municipality_name", _("Municipality"), columns[0]),
        Column("city", _("City"), columns[1]),
        Column("version", _("Version"), columns[2]) if is_polygons else Column("polygon", _("Polygon"), columns[2]),
        Column("vintage", _("Census"), columns[3]),
    ]


def sheet_of(asked: Any, found: Found) -> Sheet:
    columns = _texts(found)
    counts = {"block_count": _("Blocks"), "population": _("Population"), "dwellings": _("Dwellings")}
    for name, values in found.rows.sums.items():
        columns.append(Column(name, counts[name], [_exact(value, Unit.NUMBER) for value in values]))
    for name in asked.columns:
        if name in MEASURES and name != "dwellings":
            columns += _measured(found, name, asked.year)
    return Sheet("poligonos" if found.grain is POLYGONS else "manzanas", found, columns)


def _csv(sheet: Sheet) -> HttpResponseBase:
    return csv_response(sheet.name, sheet.titles, sheet.rows())


def _xlsx(sheet: Sheet) -> HttpResponseBase:
    return xlsx_response(sheet.name, sheet.titles, sheet.rows())


def _json_value(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def geojson(sheet: Sheet) -> Iterator[str]:
    """A FeatureCollection in pieces; pesos are text, so that no cent is lost."""
    yield '{"type": "FeatureCollection", "features": ['
    between = ""
    for shape, row in sheet.features():
        properties = json.dumps({key: _json_value(value) for key, value in row.items()}, ensure_ascii=False)
        yield f'{between}\n{{"type": "Feature", "geometry": {shape or "null"}, "properties": {properties}}}'
        between = ","
    yield "\n]}\n"


def _geojson(sheet: Sheet) -> HttpResponseBase:
    response = StreamingHttpResponse(geojson(sheet), content_type="application/geo+json")
    response["Content-Disposition"] = f'attachment; filename="{sheet.name}.geojson"'
    return response


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", _csv),
    "xlsx": Format("XLSX", _xlsx),
    "geojson": Format("GeoJSON", _geojson),
    "gpkg": Format("GeoPackage", gis_files.geopackage),
    "shp": Format(gettext_lazy("Shapefile"), gis_files.shapefile),
    "kml": Format("KML", gis_files.kml),
}
