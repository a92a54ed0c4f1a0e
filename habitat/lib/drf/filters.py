"""Filters every resource has, and the rule that an unknown parameter is an error, never silently ignored."""

import math
from datetime import UTC

from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import CharField
from django.utils.translation import gettext_lazy as _
from django_filters import Filter, FilterSet, IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions
from rest_framework.request import Request

from habitat.lib.drf.pagination import PARAMETERS

FORMAT = "format"


class BBoxField(CharField):
    """ "west,south,east,north" in degrees (EPSG:4326) as a polygon."""

    def clean(self, value: object) -> Polygon | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            raise ValidationError(_("Four numbers: west,south,east,north in degrees.")) from None
        if not all(math.isfinite(side) for side in (west, south, east, north)):
            raise ValidationError(_("Four numbers: west,south,east,north in degrees."))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValidationError(_("West before east and south before north, within 180 and 90 degrees."))
        return Polygon.from_bbox((west, south, east, north))


@extend_schema_field({"type": "string", "example": "-90.60,19.80,-90.40,19.90"})
class BBoxFilter(Filter):
    """Rows whose envelope touches the box."""

    field_class = BBoxField

    def __init__(self, field_name: str = "geometry") -> None:
        label = _("west,south,east,north in degrees (EPSG:4326)")
        super().__init__(field_name, lookup_expr="bboverlaps", label=label, max_length=200)

    def filter(self, queryset: QuerySet, box: Polygon | None) -> QuerySet:
        if box is None:
            return queryset
        box.srid = 4326
        return super().filter(queryset, box)


def _is_of_our_time(moment) -> None:
    if not 1900 <= moment.year <= 2200:
        raise ValidationError(_("Not a moment of our time."))


class MomentField(IsoDateTimeField):
    def clean(self, value):
        """In UTC: Python knows offsets of up to a day, PostgreSQL refuses those of 16 hours and more."""
        moment = super().clean(value)
        return moment and moment.astimezone(UTC)


class UpdatedSinceFilter(IsoDateTimeFilter):
    field_class = MomentField

    def __init__(self, field_name: str = "updated_at") -> None:
        label = _("Changed at or after this moment (ISO 8601); the first page then also lists what was deleted.")
        super().__init__(field_name, lookup_expr="gte", label=label, validators=[_is_of_our_time])


class ResourceFilters(FilterSet):
    """Filters of a resource whose rows say when they changed."""

    updated_since = UpdatedSinceFilter()


class StrictFilterBackend(DjangoFilterBackend):
    def get_filterset_kwargs(self, request: Request, queryset: QuerySet, view) -> dict:
        known = set(view.filterset_class.base_filters) | PARAMETERS | {FORMAT}
        if unknown := sorted(set(request.query_params) - known):
            raise exceptions.ValidationError({name: [_("Unknown parameter.")] for name in unknown})
        return super().get_filterset_kwargs(request, queryset, view)
