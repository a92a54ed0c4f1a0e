from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from projects.models import (
    Action,
    ActionBlock,
    Ceiling,
    Contribution,
    Document,
    LedgerEntry,
    Observation,
    ProgressLine,
    ProgressReport,
    ProgressSpending,
    Project,
    Source,
    Status,
    StatusChange,
)


def money() -> serializers.DecimalField:
    """Pesos as text: a JSON number would become a float."""
    return serializers.DecimalField(16, 2, read_only=True)


class PublicIdField(serializers.UUIDField):
    """The stable id of this record, or of the one a key points to."""

    def __init__(self, of: str = "", **kwargs: Any) -> None:
        source = f"{of}.public_id" if of else "public_id"
        super().__init__(source=source, read_only=True, **kwargs)


PROJECT = {
    "id": "5e0c2b1e-6c0f-4f0e-9d59-0f9c3f1f6a11",
    "folio": "04-ME-0144",
    "file_number": "2026-0031",
    "fiscal_year": 2026,
    "strand": "G",
    "modality": "ME",
    "state": "04",
    "municipality": "04002",
    "polygon": "04-0017",
    "polygon_version": 1,
    "name": "Introducción de red de agua potable",
    "status": "approved",
    "cost": "1000000.00",
    "federal": "500000.00",
    "updated_at": "2026-11-22T18:00:00Z",
}


@extend_schema_serializer(examples=[OpenApiExample("approved", value=PROJECT)])
class ProjectSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    rules = PublicIdField("rules")
    state = serializers.CharField(source="municipality.state_id", read_only=True)
    polygon = serializers.CharField(
        source="polygon_version.polygon.code", read_only=True, allow_null=True, default=None
    )
    polygon_version = serializers.IntegerField(
        source="polygon_version.number", read_only=True, allow_null=True, default=None
    )
    cost = money()
    federal = money()

    class Meta:
        model = Project
        fields = [
            "id",
            "folio",
            "file_number",
            "fiscal_year",
            "rules",
            "strand",
            "modality",
            "state",
            "municipality",
            "polygon",
            "polygon_version",
            "name",
            "description",
            "neighbourhood",
            "execution_form",
            "starts_on",
            "ends_on",
            "status",
            "status_since",
            "due_on",
            "cost",
            "federal",
            "created_at",
            "updated_at",
        ]


class TouchedBlockSerializer(serializers.ModelSerializer):
    block = serializers.CharField(source="block.code", read_only=True)

    class Meta:
        model = ActionBlock
        fields = ["block", "share"]


class ActionSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    project = PublicIdField("project")
    unit = serializers.CharField(source="action_type.unit", read_only=True)
    blocks = TouchedBlockSerializer(source="touched", many=True, read_only=True)

    class Meta:
        model = Action
        fields = [
            "id",
            "project",
            "action_type",
            "description",
            "quantity",
            "unit",
            "women",
            "men",
            "households",
            "blocks",
            "updated_at",
        ]


class ContributionSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    project = PublicIdField("action.project")
    action = PublicIdField("action")
    year = serializers.SerializerMethodField()

    def get_year(self, row: Contribution) -> int:
        return row.action.project.fiscal_year_id + row.years_later

    class Meta:
        model = Contribution
        fields = ["id", "project", "action", "source", "year", "amount", "updated_at"]


class CofundingSerializer(serializers.Serializer):
    """A cell of the co-funding matrix, in pesos."""

    action = serializers.UUIDField()
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    year = serializers.IntegerField()
    amount = money()


class DocumentSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    project = PublicIdField("project")
    file = serializers.HyperlinkedIdentityField(
        view_name="api-v1:documents-file", lookup_field="public_id", lookup_url_kwarg="id"
    )

    class Meta:
        model = Document
        fields = [
            "id",
            "project",
            "kind",
            "original_name",
            "content_type",
            "size",
            "sha256",
            "uploaded_at",
            "file",
            "updated_at",
        ]


class ProgressLineSerializer(serializers.ModelSerializer):
    action = PublicIdField("action")

    class Meta:
        model = ProgressLine
        fields = ["action", "quantity"]


class ProgressSpendingSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProgressSpending
        fields = ["source", "amount"]


class ProgressSerializer(serializers.ModelSerializer):
    """A month of one project: quantities and pesos are the month's own, not running totals."""

    id = PublicIdField()
    project = PublicIdField("project")
    spent = money()
    lines = ProgressLineSerializer(many=True, read_only=True)
    spending = ProgressSpendingSerializer(many=True, read_only=True)

    class Meta:
        model = ProgressReport
        fields = [
            "id",
            "project",
            "year",
            "month",
            "status",
            "note",
            "reason",
            "submitted_at",
            "decided_at",
            "spent",
            "lines",
            "spending",
            "updated_at",
        ]


class LedgerSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    project = PublicIdField("project", allow_null=True, default=None)
    reversal_of = PublicIdField("reversal_of", allow_null=True, default=None)

    class Meta:
        model = LedgerEntry
        fields = [
            "id",
            "moment",
            "source",
            "amount",
            "fiscal_year",
            "strand",
            "state",
            "municipality",
            "modality",
            "project",
            "reversal_of",
            "on",
            "recorded_at",
            "note",
            "updated_at",
        ]


class CeilingSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    parent = PublicIdField("parent", allow_null=True, default=None)  # type: ignore[assignment]
    agreement = serializers.CharField(source="agreement.name", read_only=True)
    agreed_on = serializers.DateField(source="agreement.signed_on", read_only=True, allow_null=True)

    class Meta:
        model = Ceiling
        fields = [
            "id",
            "fiscal_year",
            "strand",
            "parent",
            "state",
            "municipality",
            "modality",
            "amount",
            "agreement",
            "agreed_on",
            "updated_at",
        ]


class RemarkSerializer(serializers.Serializer):
    """One observation on one section of the form."""

    section = serializers.ChoiceField(Observation.Section.choices)
    text = serializers.CharField(max_length=4000)


class TakeStepSerializer(serializers.Serializer):
    """What a step is taken with; which steps need a reason stands in the list of steps."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    remarks = RemarkSerializer(many=True, required=False, default=list, max_length=50)  # type: ignore[call-arg]


class StatusChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = StatusChange
        fields = ["step", "from_status", "to_status", "at", "reason", "sections"]


class VerdictSerializer(serializers.Serializer):
    """What one rule says, with the clause it comes from."""

    kind = serializers.CharField()
    code = serializers.CharField()
    outcome = serializers.CharField()
    sentence = serializers.CharField()
    clause = serializers.CharField()
    is_verified = serializers.BooleanField()
    required_at = serializers.CharField()


class OfferSerializer(serializers.Serializer):
    """A step that leads on from here, whose it is, and what stands in its way."""

    step = serializers.CharField(source="step.name")
    label = serializers.CharField(source="step.label")  # type: ignore[assignment]
    to_status = serializers.ChoiceField(Status.choices, source="move.target")
    role = serializers.CharField(source="move.role")
    needs_reason = serializers.BooleanField(source="step.needs_reason")
    is_mine = serializers.BooleanField()
    is_allowed = serializers.BooleanField()
    why_not = serializers.ListField(child=serializers.CharField())
