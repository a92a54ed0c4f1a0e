"""The half of the API that writes proposals: the services that the pages call, told in HTTP.

Every writer of a proposal locks the project's row first; an ETag is compared under that lock.
"""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from habitat.accounts.idempotency import idempotent
from habitat.accounts.permissions import MayWrite
from habitat.accounts.requests import ApiRequest
from habitat.lib.drf.viewsets import Resource
from habitat.lib.drf.writing import check_etag, check_match, etag_of, etag_of_text, refusals_as_problems
from habitat.lib.models import PublicRecord
from projects import services
from projects.api import serializers
from projects.api.bodies import (
    ActionBody,
    ActionChangeBody,
    AgesBody,
    ContributionsBody,
    DocumentBody,
    ProposalBody,
    ProposalChangeBody,
    ScheduleBody,
    SiteBody,
)
from projects.models import Action, Contribution, Document, Project


class Written(Resource):
    """Reads as any resource, with an ETag; who writes is logged in."""

    def get_permissions(self) -> list[Any]:
        if self.request and self.request.method not in SAFE_METHODS:
            return [IsAuthenticated(), MayWrite()]
        return list(super().get_permissions())

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if request.accepted_renderer.format != "json":
            return super().retrieve(request, *args, **kwargs)
        return self.told(self.get_object())

    def told(self, row: PublicRecord, status: int = 200) -> Response:
        headers = {"ETag": etag_of(row)}
        if status == 201:
            name = f"api-v1:{self.basename}-detail"
            headers["Location"] = reverse(name, kwargs={"id": row.public_id}, request=self.request)
        return Response(self.get_serializer(row).data, status=status, headers=headers)

    def again(self, row: PublicRecord, status: int = 200) -> Response:
        """The row as it reads now."""
        return self.told(self.get_queryset().get(pk=row.pk), status)

    def asked(self, body: type[Any], **options: Any) -> Any:
        said = body(data=self.request.data, context=self.get_serializer_context(), **options)
        said.is_valid(raise_exception=True)
        return said


def lock(project: Project) -> Project:
    return Project.objects.select_for_update(of=("self",)).get(pk=project.pk)


class WritesProjects(Written):
    @extend_schema(request=ProposalBody, responses={201: serializers.ProjectSerializer})
    @idempotent
    def create(self, request: ApiRequest) -> Response:
        """Begin a draft. 403: not yours to begin there."""
        said = self.asked(ProposalBody).validated_data
        with refusals_as_problems():
            project = services.create_draft(by=request.user, **said)
        return self.again(project, 201)

    @extend_schema(request=ProposalChangeBody, responses=serializers.ProjectSerializer)
    def partial_update(self, request: ApiRequest, id: Any) -> Response:
        """Change fields of a draft, or of the sections a review opened again."""
        project = self.get_object()
        with transaction.atomic(), refusals_as_problems():
            check_match(request, lock(project))
            said = self.asked(ProposalChangeBody, partial=True).validated_data
            services.update_draft(project, by=request.user, **said)
        return self.again(project)

    @extend_schema(request=None, responses=serializers.ProjectSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def ready(self, request: ApiRequest, id: Any) -> Response:
        """Mark the draft ready, so that the certifier may submit it."""
        project = self.get_object()
        with transaction.atomic(), refusals_as_problems():
            check_match(request, lock(project), required=False)
            services.mark_ready(project, by=request.user)
        return self.again(project)


class WritesActions(Written):
    @extend_schema(request=ActionBody, responses={201: serializers.ActionSerializer})
    @idempotent
    def create(self, request: ApiRequest) -> Response:
        """Add a funded item to a draft."""
        said = self.asked(ActionBody).validated_data
        with refusals_as_problems():
            row = services.add_action(said.pop("project"), by=request.user, **said)
        return self.again(row, 201)

    def _mine(self, request: ApiRequest) -> Action:
        """Read under the project's lock, its ETag compared."""
        seen = self.get_object()
        lock(seen.project)
        row = Action.objects.select_related("project__polygon_version", "action_type").get(pk=seen.pk)
        check_match(request, row)
        return row

    @extend_schema(request=ActionChangeBody, responses=serializers.ActionSerializer)
    def partial_update(self, request: ApiRequest, id: Any) -> Response:
        """Change fields of an action."""
        with transaction.atomic(), refusals_as_problems():
            row = self._mine(request)
            services.change_action(row, by=request.user, **self.asked(ActionChangeBody, partial=True).validated_data)
        return self.again(row)

    @extend_schema(responses={204: None})
    def destroy(self, request: ApiRequest, id: Any) -> Response:
        """Take an action out of a draft; the last one stays."""
        with transaction.atomic(), refusals_as_problems():
            services.remove_action(self._mine(request), by=request.user)
        return Response(status=204)

    @extend_schema(request=SiteBody, responses=serializers.ActionSerializer)
    @action(detail=True, methods=["put"])
    def site(self, request: ApiRequest, id: Any) -> Response:
        """Where the action lies; the blocks it touches are measured and answered."""
        with transaction.atomic(), refusals_as_problems():
            row = self._mine(request)
            said = self.asked(SiteBody)
            blocks = said.blocks_of(row.project)
            services.set_site(row, by=request.user, geometry=said.validated_data["geometry"], blocks=blocks)
        return self.again(row)

    @extend_schema(request=ContributionsBody, responses=serializers.ContributionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get", "put"], pagination_class=None)
    def contributions(self, request: ApiRequest, id: Any) -> Response:
        """Who pays the action and when; PUT writes all four sources at once, under the ETag of this list."""
        seen = self.get_object()
        if request.method == "PUT":
            with transaction.atomic(), refusals_as_problems():
                lock(seen.project)
                row = Action.objects.select_related("project").get(pk=seen.pk)
                check_match(request, row, *paid(row))
                said = self.asked(ContributionsBody)
                price = said.validated_data.get("unit_price", row.unit_price)
                services.set_contributions(row, by=request.user, amounts=said.said(), unit_price=price)
                later = said.years(row.project.fiscal_year_id)
                if later is not None:
                    services.spread_contributions(row, by=request.user, later=later)
        rows = paid(seen)
        data = serializers.ContributionSerializer(rows, many=True).data
        # The price per unit is the action's.
        return Response(data, headers={"ETag": etag_of(Action.objects.get(pk=seen.pk), *rows)})

    @extend_schema(request=AgesBody, responses=AgesBody, filters=False)
    @action(detail=True, methods=["get", "put"], pagination_class=None)
    def ages(self, request: ApiRequest, id: Any) -> Response:
        """Who benefits by age group and sex; PUT writes the whole table, under the ETag of this one."""
        return self._table(request, AgesBody, services.set_ages, "counts")

    @extend_schema(request=ScheduleBody, responses=ScheduleBody, filters=False)
    @action(detail=True, methods=["get", "put"], pagination_class=None)
    def schedule(self, request: ApiRequest, id: Any) -> Response:
        """What each month builds and pays; PUT writes the whole table, under the ETag of this one."""
        return self._table(request, ScheduleBody, services.set_schedule, "months")

    def _table(self, request: ApiRequest, body: type[Any], write: Callable[..., None], name: str) -> Response:
        """A table of the action's, read or written whole; its ETag is drawn from what it says."""
        row = self.get_object()
        if request.method == "PUT":
            with transaction.atomic(), refusals_as_problems():
                lock(row.project)
                check_etag(request, etag_of_table(row, body(row).data))
                write(row, by=request.user, **{name: self.asked(body).said()})
        data = body(Action.objects.get(pk=row.pk)).data
        return Response(data, headers={"ETag": etag_of_table(row, data)})


def etag_of_table(row: Action, data: Any) -> str:
    return etag_of_text(f"{row.public_id}:{json.dumps(data)}")


def paid(row: Action) -> list[Contribution]:
    return list(
        Contribution.objects.filter(action=row).select_related("action__project").order_by("source", "years_later")
    )


class WritesDocuments(Written):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": DocumentBody}, responses={201: serializers.DocumentSerializer})
    @idempotent
    def create(self, request: ApiRequest) -> Response:
        """Add a paper. A newer one of a kind stands beside the older; `sha256` is of what is kept."""
        said = self.asked(DocumentBody).validated_data
        with refusals_as_problems():
            row = services.attach_document(said["project"], said["kind"], said["file"], by=request.user)
        return self.again(row, 201)

    @extend_schema(responses={204: None})
    def destroy(self, request: ApiRequest, id: Any) -> Response:
        """Take a paper out of a draft; what was submitted stays."""
        row = self.get_object()
        with transaction.atomic(), refusals_as_problems():
            lock(row.project)
            check_match(request, Document.objects.get(pk=row.pk))
            services.remove_document(row, by=request.user)
        return Response(status=204)
