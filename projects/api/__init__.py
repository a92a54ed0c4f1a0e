import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from habitat.accounts.idempotency import idempotent
from habitat.accounts.permissions import MayWrite
from habitat.accounts.second_factor import may_sign
from habitat.lib.documents import download
from habitat.lib.drf.problems import Conflict
from habitat.lib.drf.viewsets import Resource
from habitat.lib.drf.writing import check_match
from habitat.lib.models import AbstractTombstone
from projects import services
from projects.api import filters as api_filters
from projects.api import serializers
from projects.api.writers import WritesActions, WritesDocuments, WritesProjects, lock
from projects.cofunding import matrix_of
from projects.models import (
    Action,
    Ceiling,
    Contribution,
    Document,
    LedgerEntry,
    ProgressReport,
    Project,
    Status,
    Tombstone,
)
from projects.records import actions_of
from projects.refusals import StepRefused
from projects.workflow import steps_of

STEPS = [
    OpenApiExample(
        "observe",
        value={"reason": "Falta el plano.", "remarks": [{"section": "place", "text": "Adjunte el plano del sitio."}]},
        request_only=True,
    ),
    OpenApiExample(
        "taken",
        value={
            "step": "observe",
            "from_status": "in_review",
            "to_status": "observed",
            "at": "2026-11-22T12:00:00-06:00",
            "reason": "Falta el plano.",
            "sections": ["place"],
        },
        response_only=True,
    ),
]


class ById(Resource):
    """Rows named by their stable id."""

    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"


class OfPublicProject(ById):
    """Rows the public sees while their project is public; a cancelled one takes its rows back."""

    # ORM path from a row to its project.
    project_path = "project"
    tombstones: type[AbstractTombstone] | None = Tombstone

    def gone_since(self, since: dt.datetime) -> Iterable[tuple[Any, dt.datetime]]:
        if self.request.user.is_authenticated:
            return super().gone_since(since)
        prefix = f"{self.project_path}__" if self.project_path else ""
        at = f"{prefix}status_since"
        cancelled = self.queryset.model.objects.filter(**{f"{prefix}status": Status.CANCELLED, f"{at}__gte": since})
        return cancelled.order_by(at, "pk").values_list("public_id", at)


class Projects(WritesProjects, OfPublicProject):
    about = _("Works and actions: the public sees them from approval on, officers those of their territory.")
    project_path = ""
    tombstones = None
    queryset = (
        Project.objects.select_related("rules", "municipality", "polygon_version__polygon")
        .defer("polygon_version__geometry", "polygon_version__mercator")
        .with_totals()
    )
    serializer_class = serializers.ProjectSerializer
    filterset_class = api_filters.ProjectFilters
    orderings = ("-updated_at", "folio", "status_since")

    @extend_schema(responses=serializers.OfferSerializer(many=True), filters=False)
    @action(detail=True, permission_classes=[IsAuthenticated, MayWrite], pagination_class=None)
    def steps(self, request: Request, id: UUID) -> Response:
        """The steps that lead on from here, with what stands in their way."""
        offers = services.offers(self.get_object(), request.user)
        return Response(serializers.OfferSerializer(offers, many=True).data)

    @extend_schema(responses=serializers.CofundingSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def cofunding(self, request: Request, id: UUID) -> Response:
        """Who pays what of which action in which year; adds up to the project's `cost` to the cent."""
        project = self.get_object()
        matrix = matrix_of(project.fiscal_year_id, actions_of(project))
        cells = [
            {"action": found.public_id, "source": source, "year": year, "amount": amount}
            for found in matrix.actions
            for (source, year), amount in matrix.cells[found.pk].items()
        ]
        return Response(serializers.CofundingSerializer(cells, many=True).data)

    @extend_schema(
        request=serializers.TakeStepSerializer, responses={200: serializers.StatusChangeSerializer}, examples=STEPS
    )
    @action(
        detail=True,
        methods=["post"],
        url_path=r"steps/(?P<step>[a-z_]{1,20})",
        permission_classes=[IsAuthenticated, MayWrite],
    )
    @idempotent
    def take_step(self, request: Request, id: UUID, step: str) -> Response:
        """Take one step. 403: it is another role's; 409: something stands in its way, `verdicts` say which rules."""
        project = self.get_object()
        chosen = steps_of(project.rules.workflow).get(step)
        if chosen is None:
            raise Http404
        if chosen.is_signed and not may_sign(request):
            raise PermissionDenied(_("This step is signed: confirm in the portal who you are; a key is not enough."))
        asked = serializers.TakeStepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        remarks = [(remark["section"], remark["text"]) for remark in asked.validated_data["remarks"]]
        try:
            with transaction.atomic():
                check_match(request, lock(project), required=False)
                change = services.take_step(
                    project, step, by=request.user, reason=asked.validated_data["reason"], remarks=remarks
                )
        except StepRefused as refused:
            verdicts = serializers.VerdictSerializer(refused.verdicts, many=True).data
            raise Conflict(str(refused), errors={"step": refused.messages}, verdicts=verdicts) from refused
        return Response(serializers.StatusChangeSerializer(change).data)


class Actions(WritesActions, OfPublicProject):
    about = _("Funded items of projects: type, quantity, site, who benefits, and the city blocks they touch.")
    queryset = (
        Action.objects.select_related("project", "action_type").prefetch_related("touched__block").defer("geometry")
    )
    serializer_class = serializers.ActionSerializer
    filterset_class = api_filters.ActionFilters
    geometry = "geometry"


class Contributions(OfPublicProject):
    about = _("What each source pays of each action, in pesos.")
    project_path = "action__project"
    queryset = Contribution.objects.select_related("action__project")
    serializer_class = serializers.ContributionSerializer
    filterset_class = api_filters.ContributionFilters


class Progress(OfPublicProject):
    about = _("Measured progress by month and project; the public sees what the delegation accepted.")
    tombstones = None
    queryset = (
        ProgressReport.objects.select_related("project")
        .prefetch_related("lines__action", "spending")
        .annotate(spent=Sum("spending__amount", default=0))
    )
    serializer_class = serializers.ProgressSerializer
    filterset_class = api_filters.ProgressFilters


class Documents(WritesDocuments, ById):
    about = _("Papers of the technical files of one's territory.")
    permission_classes = [IsAuthenticated, MayWrite]
    tombstones = Tombstone
    queryset = Document.objects.select_related("project")
    serializer_class = serializers.DocumentSerializer
    filterset_class = api_filters.DocumentFilters

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, id: UUID) -> FileResponse:
        return download(self.get_object())


class Ledger(ById):
    about = _("Ledger entries of one's territory. They are never changed: a mistake is mended by a reversal.")
    permission_classes = [IsAuthenticated, MayWrite]
    queryset = LedgerEntry.objects.select_related("project", "reversal_of")
    serializer_class = serializers.LedgerSerializer
    filterset_class = api_filters.LedgerFilters
    orderings = ("-recorded_at", "updated_at")


class Ceilings(ById):
    about = _("Budget ceilings of one's territory and the nodes above it, in federal pesos.")
    permission_classes = [IsAuthenticated, MayWrite]
    queryset = Ceiling.objects.select_related("parent", "agreement")
    serializer_class = serializers.CeilingSerializer
    filterset_class = api_filters.CeilingFilters
