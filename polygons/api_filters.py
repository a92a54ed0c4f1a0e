from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, NumberFilter

from habitat.lib.drf.filters import BBoxFilter, ResourceFilters, UpdatedSinceFilter
from polygons.models import City, ContextIndicator, Level


class CodeFilter(CharFilter):
    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, max_length=20)


class StateFilters(ResourceFilters):
    pass


class MunicipalityFilters(ResourceFilters):
    state = CodeFilter("state")


class LocalityFilters(ResourceFilters):
    state = CodeFilter("municipality__state")
    municipality = CodeFilter("municipality")


class CityFilters(ResourceFilters):
    kind = ChoiceFilter(choices=City.Kind.choices)
    bbox = BBoxFilter("point")


class ContextIndicatorFilters(ResourceFilters):
    state = CodeFilter("state")
    municipality = CodeFilter("municipality")
    level = ChoiceFilter(choices=Level.choices)
    code = CodeFilter("code")
    concept = ChoiceFilter(choices=ContextIndicator.Concept.choices)


class PolygonFilters(ResourceFilters):
    state = CodeFilter("polygon__municipality__state")
    municipality = CodeFilter("polygon__municipality")
    city = CodeFilter("polygon__city")
    version = NumberFilter("number", min_value=1, max_value=32767, decimal_places=0, label="")
    bbox = BBoxFilter()
    updated_since = UpdatedSinceFilter("changed_at")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """The published version of each polygon, unless a version is asked for."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("version") else rows.published()


class BlockFilters(ResourceFilters):
    state = CodeFilter("municipality__state")
    municipality = CodeFilter("municipality")
    locality = CodeFilter("locality")
    city = CodeFilter("city")
    ageb = CodeFilter("ageb_code")
    polygon = CharFilter(method="in_polygon", max_length=20, label="")
    vintage = NumberFilter(min_value=1990, max_value=2200, decimal_places=0)
    bbox = BBoxFilter()

    def in_polygon(self, queryset: QuerySet, name: str, code: str) -> QuerySet:
        """Members of the polygon's published version."""
        return queryset.filter(polygon_versions__status="published", polygon_versions__polygon__code=code)
