from uuid import UUID

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from habitat.accounts.permissions import MayWrite
from habitat.lib.documents import download
from habitat.lib.drf.viewsets import Resource
from reports import api_filters, serializers
from reports.models import Report


class Reports(Resource):
    about = _("Periodic reports of one's territory and their files.")
    permission_classes = [IsAuthenticated, MayWrite]
    queryset = Report.objects.prefetch_related("files")
    serializer_class = serializers.ReportSerializer
    filterset_class = api_filters.ReportFilters
    orderings = ("-asked_at", "updated_at")
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, url_path=r"files/(?P<file_format>pdf|xlsx|csv)")
    def file(self, request: Request, id: UUID, file_format: str) -> FileResponse:
        """Of a report of several sheets, the CSV is of the first."""
        return download(get_object_or_404(self.get_object().files, format=file_format, part=""))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, url_path=r"files/csv/(?P<part>[a-z-]{1,20})")
    def part(self, request: Request, id: UUID, part: str) -> FileResponse:
        """The CSV of a further sheet."""
        return download(get_object_or_404(self.get_object().files, format="csv", part=part))
