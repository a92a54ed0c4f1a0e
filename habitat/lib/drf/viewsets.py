"""One resource of the API: the rows `visible_to` the caller, in every format, page by page."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.functional import cached_property
from django_filters import FilterSet
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from habitat.lib.drf.filters import StrictFilterBackend
from habitat.lib.drf.formats import (
    CsvRenderer,
    GeoJsonRenderer,
    csv_of,
    feature_collection,
    feature_form,
    geojson_response,
    with_feature,
)
from habitat.lib.drf.kept import kept_page
from habitat.lib.drf.pagination import KeysetPagination
from habitat.lib.models import AbstractTombstone


class Resource(ReadOnlyModelViewSet):
    """What an app declares: `queryset`, `serializer_class`, `filterset_class`, `lookup_field` and below."""

    queryset: QuerySet
    serializer_class: type[Serializer]
    filterset_class: type[FilterSet]
    paginator: KeysetPagination

    # What it is, in a sentence for the documentation.
    about: Any = ""
    # Read by everybody, whole.
    is_catalogue = False
    # Columns the list may be ordered by, never NULL; the first is the default.
    orderings: tuple[str, ...] = ("updated_at",)
    # ORM path of a geometry in EPSG:4326; "" where there is none.
    geometry = ""
    # Where deleted rows of this resource are remembered.
    tombstones: type[AbstractTombstone] | None = None

    pagination_class = KeysetPagination
    filter_backends = [StrictFilterBackend]

    @cached_property
    def data_version(self) -> str:
        """A name of the data's state, by which counts and pages may be kept; "" where rows are few enough to read anew.

        Read once a request, before any row.
        """
        return ""

    def scope(self) -> str:
        """Alike for two callers who see the same rows; for resources with a `data_version`."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        return rows if self.is_catalogue else rows.visible_to(self.request.user)

    def get_renderers(self) -> list[BaseRenderer]:
        if self.action not in ("list", "retrieve"):
            return [JSONRenderer()]
        renderers: list[BaseRenderer] = [JSONRenderer()]
        if self.geometry:
            renderers.append(GeoJsonRenderer())
        return [*renderers, CsvRenderer()] if self.action == "list" else renderers

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if request.accepted_renderer.format == "geojson":
            return self._feature_page(request)
        rows = self.filter_queryset(self.get_queryset())
        if request.accepted_renderer.format == "csv":
            return csv_of(rows, self.serializer_class, self.basename)
        page = self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)
        page.data |= self._deleted()
        return page

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if request.accepted_renderer.format != "geojson":
            return super().retrieve(request, *args, **kwargs)
        self.queryset = with_feature(self.queryset, self.serializer_class, self.geometry)
        return geojson_response(self.get_object().feature)

    def _feature_page(self, request: Request) -> HttpResponseBase:
        # What was deleted since a moment is told of other tables, too.
        if not self.data_version or "updated_since" in request.query_params:
            return geojson_response(self._features())
        form = f"{feature_form(self.serializer_class)} {self.scope()}"
        return kept_page(request._request, self.data_version, form, self._features, GeoJsonRenderer.media_type)

    def _features(self) -> str:
        """A page as the database's own text. Raises what a wrong parameter raises."""
        rows, pages = self.filter_queryset(self.get_queryset()), self.paginator
        rows = with_feature(rows, self.serializer_class, self.geometry)
        rows = rows.values_list("feature", "pk", pages.ordered_by(self.request, self), named=True)
        features = [row.feature for row in pages.paginate_queryset(rows, self.request, view=self)]
        return feature_collection(features, count=pages.count, next_page=pages.next, more=self._deleted())

    def _deleted(self) -> dict[str, Any]:
        """{"deleted": [{id, deleted_at}]} on the first page of a list since a moment, else nothing."""
        text = self.request.query_params.get("updated_since")
        if not text or not self.paginator.is_first:
            return {}
        since = self.filterset_class.base_filters["updated_since"].field.clean(text)
        return {"deleted": [{"id": str(id_), "deleted_at": at.isoformat()} for id_, at in self.gone_since(since)]}

    def gone_since(self, since: dt.datetime) -> Iterable[tuple[Any, dt.datetime]]:
        """(public id, moment) of rows of the caller's territory that are deleted."""
        if self.tombstones is None:
            return ()
        gone = self.tombstones._default_manager.filter(resource=self.basename, deleted_at__gte=since)
        user = self.request.user
        if user.is_authenticated and not user.sees_the_nation:
            gone = gone.filter(municipality_code__in=user.municipalities().values("pk"))
        return gone.order_by("deleted_at", "pk").values_list("public_id", "deleted_at")
