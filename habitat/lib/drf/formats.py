"""CSV and GeoJSON: the database's own text, handed on without a Python object for each feature or cell."""

import json
import tempfile
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, F, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Concat, JSONObject, Left
from django.db.models.lookups import In
from django.http import FileResponse, HttpResponse
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from habitat.lib.drf.tables import columns_of, properties_of
from habitat.lib.spreadsheets import FORMULA_STARTS

KEPT_IN_MEMORY = 4 * 1024 * 1024
TEXT = TextField()
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


def csv_of(queryset: QuerySet, serializer: type[serializers.Serializer], name: str) -> FileResponse:
    """All rows of the list, not a page of it, as the database writes them; what is large waits on disk for its reader.

    Moments in ISO 8601, lists and dicts as JSON, text that would run as a formula behind an apostrophe.
    """
    columns = columns_of(serializer)
    cells = {f"cell_{place}": _cell(queryset, path) for place, path in enumerate(columns.values())}
    table = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 - the response closes it
    table.write(f"\ufeff{','.join(columns)}\n".encode())
    copy_out(queryset.order_by("pk").annotate(**cells).values_list(*cells), table)
    table.seek(0)
    return FileResponse(table, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8")


def copy_out(rows: QuerySet, target: Any) -> None:
    """COPY what the query selects to a binary file, as CSV: some ten times faster than by way of Python."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", target)


def _cell(queryset: QuerySet, path: str) -> Any:
    field = _field(queryset, path)
    if isinstance(field, models.DateTimeField):
        return Func(path, function="to_json", template="%(function)s(%(expressions)s) #>> '{}'", output_field=TEXT)
    if isinstance(field, models.JSONField | ArrayField):
        return Func(path, function="to_json", template="%(function)s(%(expressions)s)::text", output_field=TEXT)
    if isinstance(field, models.CharField | models.TextField):
        runs = When(In(Left(path, 1), list(FORMULA_STARTS)), then=Concat(Value("'"), path, output_field=TEXT))
        return Case(runs, default=F(path), output_field=TEXT)
    if isinstance(field, models.BooleanField):
        return Case(When(**{path: True}, then=Value("True")), When(**{path: False}, then=Value("False")))
    return F(path)


def _field(queryset: QuerySet, path: str) -> Any:
    """The field a path leads to; what a foreign key points at, what a generated or annotated column holds."""
    if path in queryset.query.annotations:
        return queryset.query.annotations[path].output_field
    model: Any = queryset.model
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model
    if field.is_relation:
        field = field.target_field
    return getattr(field, "output_field", field)


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
