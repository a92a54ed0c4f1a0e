"""A serializer's flat columns, for the formats that are tables: CSV and the properties of GeoJSON features."""

from functools import cache

from django.db.models import F, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from rest_framework import serializers

from habitat.lib.drf.fields import RangeField

NESTED = (serializers.BaseSerializer, serializers.SerializerMethodField, serializers.ManyRelatedField)


@cache
def columns_of(serializer: type[serializers.Serializer]) -> dict[str, str]:
    """Column name -> ORM path. A range becomes two columns; lists and links of the JSON have no place in a table."""
    columns: dict[str, str] = {}
    for name, field in serializer().fields.items():
        if isinstance(field, RangeField):
            columns |= {f"{name}_low": f"{name}_low", f"{name}_high": f"{name}_high"}
        elif not isinstance(field, NESTED) and field.source != "*":
            columns[name] = str(field.source).replace(".", "__")
    return columns


@cache
def properties_of(serializer: type[serializers.Serializer]) -> dict[str, Combinable]:
    """The same columns as expressions; decimals as text, since a JSON number would become a float."""
    fields = serializer().fields
    return {
        name: Cast(path, TextField()) if isinstance(fields.get(name), serializers.DecimalField) else F(path)
        for name, path in columns_of(serializer).items()
    }
