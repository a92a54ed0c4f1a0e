from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat, Greatest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from habitat.lib.drf.viewsets import Resource
from polygons import api_filters, serializers
from polygons.models import Block, City, ContextIndicator, Locality, Municipality, PolygonVersion, State, Tombstone
from polygons.tiles import LAYERS, scope_key, state_of


class OfTheMap(Resource):
    """Blocks and polygons: hundreds of thousands, counted once for each filter and state of the data."""

    @cached_property
    def data_version(self) -> str:
        return state_of("blocks", "polygons", "drafts")

    def scope(self) -> str:
        # Of the two, polygons are the layer of which callers see different things also where their territory is alike.
        return scope_key(LAYERS["polygons"], self.request.user)


class States(Resource):
    about = _("States, by INEGI's two-digit key.")
    queryset = State.objects.all()
    serializer_class = serializers.StateSerializer
    filterset_class = api_filters.StateFilters
    orderings = ("code", "updated_at")
    lookup_value_regex = r"\d{2}"


class Municipalities(Resource):
    about = _("Municipalities, by INEGI's five-digit key.")
    queryset = Municipality.objects.all()
    serializer_class = serializers.MunicipalitySerializer
    filterset_class = api_filters.MunicipalityFilters
    orderings = ("code", "updated_at")
    lookup_value_regex = r"\d{5}"


class Localities(Resource):
    about = _("Localities, by INEGI's nine-digit key.")
    queryset = Locality.objects.all()
    serializer_class = serializers.LocalitySerializer
    filterset_class = api_filters.LocalityFilters
    orderings = ("code", "updated_at")
    lookup_value_regex = r"\d{9}"


class Cities(Resource):
    about = _("Cities of the National Urban System, with the municipalities or localities they are made of.")
    queryset = City.objects.prefetch_related("municipalities", "localities")
    serializer_class = serializers.CitySerializer
    filterset_class = api_filters.CityFilters
    orderings = ("code", "updated_at")
    lookup_value_regex = r"\d{3}"
    geometry = "point"


class Polygons(OfTheMap):
    about = _(
        "Habitat Polygons as published, with their deprivation as ranges; `version` asks for an earlier drawing,"
        " which projects proposed under it go on naming."
    )
    queryset = (
        PolygonVersion.objects.annotate(
            code=F("polygon__code"), changed_at=Greatest("updated_at", "polygon__updated_at")
        )
        .select_related("polygon__municipality")
        .defer("geometry", "mercator")
    )
    serializer_class = serializers.PolygonSerializer
    filterset_class = api_filters.PolygonFilters
    orderings = ("code", "changed_at")
    lookup_field = "code"
    lookup_value_regex = r"[\w.-]{1,20}"
    geometry = "geometry"
    tombstones = Tombstone


class ContextIndicators(Resource):
    about = _(
        "Dated figures of places that no census gives: violence, other public investment, prices of land, outcomes;"
        " each for those it is meant for."
    )
    queryset = ContextIndicator.objects.all()
    serializer_class = serializers.ContextIndicatorSerializer
    filterset_class = api_filters.ContextIndicatorFilters
    lookup_value_regex = r"\d{1,9}"


class Blocks(OfTheMap):
    about = _(
        "City blocks with their census counts. A masked count is null and `missing` says why;"
        " deficits are ranges. `id` is the block's key and the census year."
    )
    queryset = Block.objects.annotate(
        key=Concat("code", Value("-"), Cast("vintage", CharField()), output_field=CharField())
    ).defer("geometry", "mercator")
    serializer_class = serializers.BlockSerializer
    filterset_class = api_filters.BlockFilters
    orderings = ("code", "updated_at")
    lookup_field = "key"
    lookup_url_kwarg = "id"
    lookup_value_regex = r"[0-9A-Z]{16}-\d{4}"
    geometry = "geometry"

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if key := self.kwargs.get("id"):
            # `key` alone would read the whole table.
            code, vintage = key.split("-")
            rows = rows.filter(code=code, vintage=vintage)
        return rows
