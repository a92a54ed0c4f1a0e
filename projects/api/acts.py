"""The money life of works through the API, to read: the public sees what was validated of public projects."""

from django.utils.translation import gettext_lazy as _

from projects.api import OfPublicProject, act_serializers
from projects.api import filters as api_filters
from projects.models import Amendment, Contract, Estimate, Payment, Proof, Refund, Release


class Contracts(OfPublicProject):
    about = _("Contracts and agreements of own administration.")
    tombstones = None
    queryset = Contract.objects.select_related("project")
    serializer_class = act_serializers.ContractSerializer
    filterset_class = api_filters.ActFilters


class Releases(OfPublicProject):
    about = _("Releases: money of each source that reached the executor.")
    tombstones = None
    queryset = Release.objects.select_related("project")
    serializer_class = act_serializers.ReleaseSerializer
    filterset_class = api_filters.SourceFilters


class Estimates(OfPublicProject):
    about = _("Estimates of what was built, in pesos: gross, amortised, withheld and net.")
    tombstones = None
    queryset = Estimate.objects.select_related("project", "contract")
    serializer_class = act_serializers.EstimateSerializer
    filterset_class = api_filters.ActFilters


class Payments(OfPublicProject):
    about = _("Payments of advances and estimates, by source.")
    tombstones = None
    queryset = Payment.objects.select_related("project", "contract", "estimate")
    serializer_class = act_serializers.PaymentSerializer
    filterset_class = api_filters.SourceFilters


class Proofs(OfPublicProject):
    about = _("Proofs of spending, by source.")
    tombstones = None
    queryset = Proof.objects.select_related("project")
    serializer_class = act_serializers.ProofSerializer
    filterset_class = api_filters.SourceFilters


class Refunds(OfPublicProject):
    about = _("Refunds to the Treasury and to the other sources.")
    tombstones = None
    queryset = Refund.objects.select_related("project")
    serializer_class = act_serializers.RefundSerializer
    filterset_class = api_filters.SourceFilters


class Amendments(OfPublicProject):
    about = _("Amendments of approved projects.")
    tombstones = None
    queryset = Amendment.objects.select_related("project")
    serializer_class = act_serializers.AmendmentSerializer
    filterset_class = api_filters.ActFilters
