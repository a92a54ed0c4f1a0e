"""CSV and GeoJSON: the database's own text, handed on without a Python object for each feature or cell."""

import datetime as dt
import json
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from habitat.lib.drf.tables import columns_of, properties_of
from habitat.lib.spreadsheets import csv_response

ROWS_AT_ONCE = 2000
# About a centimetre.
PRECISION = 7


class CsvRenderer(BaseRenderer):
    """Makes `?format=csv` known; the view streams the answer itself."""

    media_type = "text/csv"
    format = "csv"


class GeoJsonRenderer(BaseRenderer):
    """Makes `?format=geojson` known; the view answers with the database's text."""

    media_type = "application/geo+json"
    format = "geojson"


def as_cell(value: Any) -> Any:
    """Moments in ISO 8601, lists and dicts as JSON."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def csv_of(queryset: QuerySet, serializer: type[serializers.Serializer], name: str) -> StreamingHttpResponse:
    """All rows of the list, not a page of it, in memory of a fixed size."""
    columns = columns_of(serializer)
    rows = queryset.order_by("pk").values_list(*columns.values()).iterator(ROWS_AT_ONCE)
    return csv_response(name, list(columns), (map(as_cell, row) for row in rows))


def with_feature(queryset: QuerySet, serializer: type[serializers.Serializer], geometry: str) -> QuerySet:
    """Adds `feature`, a GeoJSON feature as text: `geometry` is a path to EPSG:4326, properties are flat."""
    properties = properties_of(serializer)
    parts = [
        Value('{"type":"Feature","geometry":'),
        Coalesce(AsGeoJSON(geometry, precision=PRECISION), Value("null"), output_field=TextField()),
        Value(',"properties":'),
        JSONObject(**properties),
        Value("}"),
    ]
    return queryset.annotate(feature=Func(*parts, function="concat", output_field=TextField()))


def geojson_response(text: str) -> HttpResponse:
    return HttpResponse(text, content_type=GeoJsonRenderer.media_type)


def feature_collection(features: list[str], *, count: int, next_page: str | None, more: dict[str, Any]) -> str:
    """`features` as the database wrote them; `more` are further members of the collection."""
    head = {
        "type": "FeatureCollection",
        "numberMatched": count,
        "numberReturned": len(features),
        "links": [{"rel": "next", "href": next_page}] if next_page else [],
        **more,
    }
    return f'{json.dumps(head)[:-1]}, "features": [{",".join(features)}]}}'
