from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from habitat.lib.drf.fields import RangeField
from polygons.deficits import DEFICITS
from polygons.models import Block, City, ContextIndicator, Locality, Municipality, PolygonVersion, State
from polygons.models.blocks import CensusCounts

COUNTS = [field.name for field in CensusCounts._meta.get_fields() if field.name != "missing"]
RANGES = [deficit.name for deficit in DEFICITS]


class StateSerializer(serializers.ModelSerializer):
    class Meta:
        model = State
        fields = ["code", "name", "abbreviation", "updated_at"]


class MunicipalitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Municipality
        fields = ["code", "name", "state", "time_zone", "population", "population_year", "updated_at"]


class LocalitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Locality
        fields = ["code", "name", "municipality", "updated_at"]


class CitySerializer(serializers.ModelSerializer):
    class Meta:
        model = City
        fields = ["code", "name", "kind", "population", "municipalities", "localities", "updated_at"]


class WithRanges(serializers.ModelSerializer):
    """Deficits as ranges: a masked block is never zero."""

    water = RangeField()
    water_house = RangeField()
    drainage = RangeField()
    electricity = RangeField()
    floor = RangeField()


class PolygonSerializer(WithRanges):
    """One version of a Habitat Polygon; `id` and `code` are the polygon's and stay when it is drawn anew."""

    id = serializers.UUIDField(source="polygon.public_id", read_only=True)
    code = serializers.CharField(read_only=True)
    name = serializers.CharField(source="polygon.name", read_only=True)
    state = serializers.CharField(source="polygon.municipality.state_id", read_only=True)
    municipality = serializers.CharField(source="polygon.municipality_id", read_only=True)
    city = serializers.CharField(source="polygon.city_id", read_only=True, allow_null=True)
    version = serializers.IntegerField(source="number", read_only=True)
    updated_at = serializers.DateTimeField(source="changed_at", read_only=True)

    class Meta:
        model = PolygonVersion
        fields = [
            "id",
            "code",
            "name",
            "state",
            "municipality",
            "city",
            "version",
            "status",
            "source",
            "valid_from",
            "valid_to",
            "vintage",
            "method",
            "area",
            "block_count",
            "population",
            "households",
            "dwellings",
            "base",
            *RANGES,
            "updated_at",
        ]


class ContextIndicatorSerializer(serializers.ModelSerializer):
    """A dated figure of a place that no census gives; `level` says of what `code` is the key."""

    date = serializers.DateField(source="on", read_only=True)

    class Meta:
        model = ContextIndicator
        fields = [
            "id",
            "level",
            "code",
            "state",
            "municipality",
            "concept",
            "name",
            "unit",
            "date",
            "value",
            "source",
            "audience",
            "updated_at",
        ]


BLOCK = {
    "id": "0400200010017001-2020",
    "code": "0400200010017001",
    "vintage": 2020,
    "geometry_vintage": 2010,
    "ageb_code": "0400200010017",
    "municipality": "04002",
    "locality": "040020001",
    "city": "063",
    "population": 140,
    "known_dwellings": 36,
    "without_water": None,
    "with_water": 30,
    "missing": {"without_water": "*"},
    "base": 36,
    "water": {"low": 0, "high": 6, "base": 36},
    "water_house": None,
    "updated_at": "2026-11-22T18:00:00Z",
}


@extend_schema_serializer(examples=[OpenApiExample("masked", value=BLOCK)])
class BlockSerializer(WithRanges):
    """A city block of one census; `missing` says why a count is null: "*" confidential, "N/D" not available."""

    id = serializers.CharField(source="key", read_only=True)

    class Meta:
        model = Block
        fields = [
            "id",
            "code",
            "vintage",
            "geometry_vintage",
            "ageb_code",
            "municipality",
            "locality",
            "city",
            *COUNTS,
            "missing",
            "base",
            *RANGES,
            "updated_at",
        ]
