from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from modalities.models import (
    ActionType,
    CapRule,
    ConductRule,
    Deadline,
    EligibilityCriterion,
    FiscalYear,
    Milestone,
    MixRule,
    Modality,
    Parameter,
    RequiredDocument,
    RulesVersion,
    ShareRule,
)
from modalities.parameters import Measure
from modalities.reading import working_values

NAMED = ["code", "name_es", "name_en"]
RULE = ["code", "clause", "source", "is_verified", "required_at", "note"]


# OpenAPI's own format of a time carries an offset; which one applies depends on who asks where.
@extend_schema_field({"type": "string", "pattern": r"^\d\d:\d\d:\d\d$"})
class LocalTimeField(serializers.TimeField):
    """The clock of the place: hours, minutes, seconds, without a zone."""


class MilestoneSerializer(serializers.ModelSerializer):
    opens_time = LocalTimeField(read_only=True)
    closes_time = LocalTimeField(read_only=True)

    class Meta:
        model = Milestone
        fields = [
            "kind",
            "state_code",
            "month",
            "opens_on",
            "opens_time",
            "closes_on",
            "closes_time",
            "source",
            "is_verified",
        ]


class FiscalYearSerializer(serializers.ModelSerializer):
    milestones = MilestoneSerializer(many=True, read_only=True)

    class Meta:
        model = FiscalYear
        fields = ["year", "status", "milestones", "updated_at"]


class ModalitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Modality
        fields = [*NAMED, "updated_at"]


class ActionTypeSerializer(serializers.ModelSerializer):
    class Meta:
        model = ActionType
        fields = [
            *NAMED,
            "modality",
            "line",
            "unit",
            "priority",
            "geometry_kind",
            "location_basis",
            "oc4ids_sector",
            "oc4ids_type",
            "note",
            "updated_at",
        ]


class ShareRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = ShareRule
        fields = [*RULE, "strand", "modality", "action_type", "federal_max_pct", "local_min_pct"]


class CapRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = CapRule
        fields = [*RULE, "action_type", "basis", "amount"]


class MixRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = MixRule
        fields = [*RULE, "modality", "min_pct", "max_pct"]


class EligibilityCriterionSerializer(serializers.ModelSerializer):
    class Meta:
        model = EligibilityCriterion
        fields = [*RULE, "name_es", "name_en", "indicator", "comparator", "threshold", "exempt_strands"]


class RequiredDocumentSerializer(serializers.ModelSerializer):
    class Meta:
        model = RequiredDocument
        fields = [*RULE, "modality", "action_type", "strand", "kind"]


class DeadlineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Deadline
        fields = [*RULE, "state", "business_days"]


class ConductRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = ConductRule
        fields = [*RULE, "name_es", "name_en", "threshold"]


class ParameterSerializer(serializers.ModelSerializer):
    name_es = serializers.CharField(source="entry.name_es", default="")
    name_en = serializers.CharField(source="entry.name_en", default="")
    unit = serializers.ChoiceField(source="entry.measure", choices=Measure.choices, default="")

    class Meta:
        model = Parameter
        fields = [*RULE, "name_es", "name_en", "unit", "value"]


class RulesVersionSerializer(serializers.ModelSerializer):
    """One year's rules with every row of theirs: each carries its clause and says whether it was verified."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    copied_from = serializers.UUIDField(source="copied_from.public_id", read_only=True, allow_null=True, default=None)
    shares = ShareRuleSerializer(source="sharerules", many=True, read_only=True)
    caps = CapRuleSerializer(source="caprules", many=True, read_only=True)
    mixes = MixRuleSerializer(source="mixrules", many=True, read_only=True)
    eligibility = EligibilityCriterionSerializer(source="eligibilitycriterions", many=True, read_only=True)
    documents = RequiredDocumentSerializer(source="requireddocuments", many=True, read_only=True)
    deadlines = DeadlineSerializer(many=True, read_only=True)
    conduct = ConductRuleSerializer(source="conductrules", many=True, read_only=True)
    parameters = serializers.SerializerMethodField()

    class Meta:
        model = RulesVersion
        fields = [
            "id",
            "fiscal_year",
            "version",
            "status",
            "published_on",
            "source",
            "workflow",
            "copied_from",
            "action_types",
            "shares",
            "caps",
            "mixes",
            "eligibility",
            "documents",
            "deadlines",
            "conduct",
            "parameters",
            "updated_at",
        ]

    @extend_schema_field(ParameterSerializer(many=True))
    def get_parameters(self, version: RulesVersion) -> Any:
        rows = list(version.parameters.all())
        return ParameterSerializer([*rows, *working_values(version, rows)], many=True).data
