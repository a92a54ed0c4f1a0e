from django.utils.translation import gettext_lazy as _

from habitat.lib.drf.viewsets import Resource
from modalities import api_filters, serializers
from modalities.models import ActionType, FiscalYear, Modality, RulesVersion


class FiscalYears(Resource):
    about = _("Fiscal years with their calendar: capture windows, cut-offs, last days.")
    is_catalogue = True
    queryset = FiscalYear.objects.prefetch_related("milestones")
    serializer_class = serializers.FiscalYearSerializer
    filterset_class = api_filters.FiscalYearFilters
    orderings = ("-year", "updated_at")
    lookup_value_regex = r"\d{4}"


class Modalities(Resource):
    about = _("The program's modalities.")
    is_catalogue = True
    queryset = Modality.objects.all()
    serializer_class = serializers.ModalitySerializer
    filterset_class = api_filters.ModalityFilters
    orderings = ("code", "updated_at")
    lookup_value_regex = r"\w{1,12}"


class ActionTypes(Resource):
    about = _("What may be funded: types of works and actions, their unit and what binds them to a place.")
    is_catalogue = True
    queryset = ActionType.objects.all()
    serializer_class = serializers.ActionTypeSerializer
    filterset_class = api_filters.ActionTypeFilters
    orderings = ("code", "updated_at")
    lookup_value_regex = r"[\w.-]{1,12}"


class Rules(Resource):
    about = _("Operating rules by year, rule by rule, with clause and source; unverified numbers say so.")
    queryset = RulesVersion.objects.select_related("copied_from").prefetch_related(
        "action_types",
        "sharerules",
        "caprules",
        "mixrules",
        "eligibilitycriterions__exempt_strands",
        "requireddocuments",
        "deadlines",
        "conductrules",
        "parameters",
    )
    serializer_class = serializers.RulesVersionSerializer
    filterset_class = api_filters.RulesVersionFilters
    orderings = ("-fiscal_year_id", "updated_at")
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
