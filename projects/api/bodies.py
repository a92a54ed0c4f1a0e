"""What is sent to write a proposal; the services judge it, these only say its shape."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from modalities.models import ActionType, DocumentKind, Modality, Strand
from polygons.models import Block, Municipality, PolygonVersion
from projects.models import AgeCount, AgeGroup, Project, SchedulePart, Source

K = TypeVar("K")
V = TypeVar("V")
LARGEST_COUNT = 2_147_483_647


class VisibleProject(serializers.SlugRelatedField):
    """A project of one's own territory, by its id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="public_id", queryset=Project.objects.all(), **kwargs)

    def get_queryset(self):
        return Project.objects.visible_to(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Project:
        return super().to_internal_value(serializers.UUIDField().run_validation(data))


PROPOSAL = {
    "municipality": "04002",
    "modality": "ME",
    "strand": "G",
    "name": "Red de agua potable, calle 12",
    "polygon": "04-0017",
    "starts_on": "2026-06-01",
    "ends_on": "2026-09-30",
}


class DescribedBody(serializers.ModelSerializer):
    # Of a published polygon; its version in force is taken. Null: none.
    polygon = serializers.CharField(max_length=20, required=False, allow_null=True)
    strand = serializers.PrimaryKeyRelatedField(queryset=Strand.objects.all())

    class Meta:
        model = Project
        fields = ["name", "description", "strand", "execution_form", "starts_on", "ends_on", "neighbourhood", "polygon"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "polygon" in attrs:
            attrs["polygon_version"] = self._version(attrs.pop("polygon"))
        return attrs

    def _version(self, code: str | None) -> PolygonVersion | None:
        if code is None:
            return None
        versions = PolygonVersion.objects.visible_to(self.context["request"].user).published()
        found = versions.select_related("polygon").filter(polygon__code=code).first()
        if found is None:
            raise serializers.ValidationError({"polygon": [_("There is no published polygon of this code.")]})
        return found


@extend_schema_serializer(examples=[OpenApiExample("proposal", value=PROPOSAL, request_only=True)])
class ProposalBody(DescribedBody):
    """A draft to begin, under the rules in force of the open fiscal year."""

    municipality = serializers.PrimaryKeyRelatedField(queryset=Municipality.objects.all())
    modality = serializers.PrimaryKeyRelatedField(queryset=Modality.objects.all())

    class Meta(DescribedBody.Meta):
        fields = ["municipality", "modality", *DescribedBody.Meta.fields]


@extend_schema_serializer(
    examples=[OpenApiExample("change", value={"name": "Red de agua potable, calles 12 y 14"}, request_only=True)]
)
class ProposalChangeBody(DescribedBody):
    """Fields to change; which sections may be written now is the proposal's state."""


class ActionFields(serializers.Serializer):
    action_type = serializers.PrimaryKeyRelatedField(queryset=ActionType.objects.all())
    quantity = serializers.DecimalField(14, 2, min_value=Decimal("0.01"))
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    women = serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT, required=False)
    men = serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT, required=False)
    households = serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT, required=False)


class ActionBody(ActionFields):
    """A funded item of a proposal, of the year's catalogue and the proposal's modality."""

    project = VisibleProject()


class ActionChangeBody(ActionFields):
    """Fields to change; a site that the new type cannot have is dropped."""


class LaterPart(serializers.Serializer):
    """What a source pays in a later year, out of what it pays in all."""

    source = serializers.ChoiceField([source for source in Source.choices if source[0] != Source.FEDERAL])  # type: ignore[assignment]
    year = serializers.IntegerField(min_value=2000, max_value=2999)
    amount = serializers.DecimalField(16, 2, min_value=0)


class ContributionsBody(serializers.Serializer):
    """What each source pays of one action in all, in pesos; one left out pays nothing. Their sum is quantity × price.

    `later`: what of it is paid in later years; left out, those stay as they are; empty, all is of the fiscal year.
    """

    federal = serializers.DecimalField(16, 2, min_value=0, default=Decimal(0))
    state = serializers.DecimalField(16, 2, min_value=0, default=Decimal(0))
    municipal = serializers.DecimalField(16, 2, min_value=0, default=Decimal(0))
    beneficiaries = serializers.DecimalField(16, 2, min_value=0, default=Decimal(0))
    unit_price = serializers.DecimalField(16, 2, min_value=0, required=False, allow_null=True)

    later = LaterPart(many=True, required=False, max_length=9)  # type: ignore[call-arg]

    def said(self) -> dict[str, Any]:
        return {source: self.validated_data[source] for source in Source.values}

    def years(self, first_year: int) -> dict[str, dict[int, Decimal]] | None:
        """As `services.spread_contributions` takes it; None: they stay. Raises ValidationError for one said twice."""
        if "later" not in self.validated_data:
            return None
        parts = self.validated_data["later"]
        years: dict[str, dict[int, Decimal]] = {source: {} for source in Source.values if source != Source.FEDERAL}
        for part in parts:
            years[part["source"]][part["year"] - first_year] = part["amount"]
        if sum(len(amounts) for amounts in years.values()) < len(parts):
            raise serializers.ValidationError({"later": [_("Each source and year once.")]})
        return years


class AgePart(serializers.ModelSerializer):
    group = serializers.ChoiceField(AgeGroup.choices)

    class Meta:
        model = AgeCount
        fields = ["group", "women", "men"]
        extra_kwargs = {sex: {"required": True} for sex in ("women", "men")}


class AgesBody(serializers.Serializer):
    """Women and men by age group; together they are the action's. None: nothing is said of their ages."""

    ages = AgePart(many=True, max_length=len(AgeGroup))  # type: ignore[call-arg]

    def said(self) -> dict[str, tuple[int, int]]:
        """As `services.set_ages` takes it. Raises ValidationError for a group said twice."""
        return _once(
            {part["group"]: (part["women"], part["men"]) for part in self.validated_data["ages"]}, self, "ages"
        )


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$", "example": "2026-06"})
class MonthField(serializers.DateField):
    """A month as 2026-06; inside, its first day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m", input_formats=["%Y-%m"], **kwargs)


class MonthPart(serializers.ModelSerializer):
    month = MonthField()
    quantity = serializers.DecimalField(14, 2, min_value=0)
    amount = serializers.DecimalField(16, 2, min_value=0)

    class Meta:
        model = SchedulePart
        fields = ["month", "quantity", "amount"]


class ScheduleBody(serializers.Serializer):
    """What each month builds and pays; together they are the action's quantity and its cost. None: no schedule."""

    schedule = MonthPart(many=True, max_length=60)  # type: ignore[call-arg]

    def said(self) -> dict[dt.date, tuple[Decimal, Decimal]]:
        """As `services.set_schedule` takes it. Raises ValidationError for a month said twice."""
        parts = self.validated_data["schedule"]
        return _once({part["month"]: (part["quantity"], part["amount"]) for part in parts}, self, "schedule")


def _once(said: dict[K, V], body: serializers.Serializer, name: str) -> dict[K, V]:
    if len(said) < len(body.validated_data[name]):
        raise serializers.ValidationError({name: [_("Each row once.")]})
    return said


@extend_schema_field(
    {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
        "example": {"type": "LineString", "coordinates": [[-90.53, 19.8301], [-90.5278, 19.8301]]},
    }
)
class GeometryField(serializers.JSONField):
    """A GeoJSON geometry in EPSG:4326."""

    def to_internal_value(self, data: Any) -> GEOSGeometry:  # type: ignore[override]
        try:
            geometry = GEOSGeometry(json.dumps(super().to_internal_value(data)))
        except (GDALException, GEOSException, ValueError, TypeError) as error:
            raise serializers.ValidationError(_("This is no GeoJSON geometry.")) from error
        geometry.srid = 4326
        return geometry


class SiteBody(serializers.Serializer):
    """A geometry, or the keys of city blocks that together are the site; null and none take the site away."""

    geometry = GeometryField(required=False, allow_null=True, default=None)
    blocks = serializers.ListField(
        child=serializers.RegexField(r"^\d{16}$"), required=False, max_length=500, default=list
    )

    def blocks_of(self, project: Project) -> list[Block]:
        """Of the polygon that the proposal names. Raises ValidationError for a block that is none of it."""
        codes = self.validated_data["blocks"]
        version = project.polygon_version
        found = list(version.blocks.filter(code__in=codes)) if version and codes else []
        if missing := set(codes) - {block.code for block in found}:
            said = _("Not of the proposal's polygon: %(codes)s.") % {"codes": ", ".join(sorted(missing)[:5])}
            raise serializers.ValidationError({"blocks": [said]})
        return found


class DocumentBody(serializers.Serializer):
    """A paper of the technical file, as multipart/form-data."""

    project = VisibleProject()
    kind = serializers.ChoiceField(DocumentKind.choices)
    file = serializers.FileField(max_length=200, allow_empty_file=True)
