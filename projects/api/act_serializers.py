"""Contracts, releases, estimates, payments, proofs, refunds and amendments as the API shows them.

The public reads them, too: no person's RFC, no note, nobody's name but the contractor's, which the law publishes.
"""

from rest_framework import serializers

from projects.api.serializers import PublicIdField
from projects.models import Amendment, Contract, Estimate, Payment, Proof, Refund, Release

HEAD = ["id", "project", "status"]
TAIL = ["on", "amount", "registered_at", "decided_at", "updated_at"]


class OfProjectSerializer(serializers.ModelSerializer):
    id = PublicIdField()
    project = PublicIdField("project")


class ContractSerializer(OfProjectSerializer):
    class Meta:
        model = Contract
        fields = [
            *HEAD, "kind", "law", "number", "contractor", "starts_on", "ends_on", "before_tax", "advance_percent",
            *TAIL,
        ]  # fmt: skip


class ReleaseSerializer(OfProjectSerializer):
    class Meta:
        model = Release
        fields = [*HEAD, "source", "reference", "planned_on", "late_reason", *TAIL]


class EstimateSerializer(OfProjectSerializer):
    contract = PublicIdField("contract")

    class Meta:
        model = Estimate
        fields = [
            *HEAD, "contract", "number", "period_from", "period_to", "amortised", "withheld", "net", *TAIL,
        ]  # fmt: skip


class PaymentSerializer(OfProjectSerializer):
    contract = PublicIdField("contract")
    estimate = PublicIdField("estimate", allow_null=True, default=None)

    class Meta:
        model = Payment
        fields = [*HEAD, "contract", "estimate", "source", "method", "reference", *TAIL]


class ProofSerializer(OfProjectSerializer):
    class Meta:
        model = Proof
        fields = [*HEAD, "source", "reference", *TAIL]


class RefundSerializer(OfProjectSerializer):
    class Meta:
        model = Refund
        fields = [*HEAD, "source", "motive", "reference", "due_on", "interest", *TAIL]


class AmendmentSerializer(OfProjectSerializer):
    class Meta:
        model = Amendment
        fields = [*HEAD, "number", "kind", "decider", "registered_at", "decided_at", "updated_at"]
