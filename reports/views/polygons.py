"""Polygons with what was proposed, approved and done in them: the list with its map, and one polygon's record."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from habitat.lib.spreadsheets import csv_response
from polygons import methods
from polygons.deficits import DEFICITS
from polygons.maps import map_context
from polygons.models import Assessment, Polygon, PolygonVersion
from projects.models import Project
from reports.polygon_filters import PolygonFilter
from reports.polygon_rows import cells, geojson, header, opening_bounds, polygon_rows, totals_of
from reports.polygon_tables import PolygonTable

PER_PAGE = 25
BLOCKS_PER_PAGE = 25


@login_not_required
@require_safe
def polygon_list(request: HttpRequest) -> HttpResponseBase:
    year = timezone.localdate().year
    found = PolygonFilter(request.GET, queryset=polygon_rows(request.user, year), request=request)
    rows = found.qs
    if request.GET.get("format") == "csv":
        return csv_response("poligonos", header(), cells(rows.order_by("polygon__code")))
    if request.GET.get("format") == "geojson":
        return _geojson_response(rows.order_by("polygon__code"))
    totals = totals_of(rows)
    threshold = found.form.cleaned_data.get("at_least") if found.form.is_valid() else None
    table = PolygonTable(rows, totals=totals, variable=found.deficit, threshold=threshold, year=year, request=request)
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "filter": found,
        "table": table,
        "totals": totals,
        "map": map_context(totals["bounds"], found.deficit, opening=opening_bounds(rows, totals["bounds"])),
        "chips": [{"label": label, "url": _without(request, name)} for name, label in found.in_words()],
        "exports": [{"label": label, "url": _with(request, format=name)} for name, label in FORMATS],
    }
    return render(request, "polygons/polygon_list.html", context)


FORMATS = (("csv", "CSV"), ("geojson", "GeoJSON"))


def _geojson_response(rows: QuerySet[PolygonVersion]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(geojson(rows), content_type="application/geo+json")
    response["Content-Disposition"] = 'attachment; filename="poligonos.geojson"'
    return response


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.update(changes)
    return f"?{query.urlencode()}"


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for gone in (name, "page"):
        query.pop(gone, None)
    return f"?{query.urlencode()}" if query else request.path


@login_not_required
@require_safe
def polygon_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A polygon as it stands, or as an earlier version (`?version=2`) drew it."""
    polygon = get_object_or_404(
        Polygon.objects.visible_to(request.user).select_related("municipality__state", "city"), code=code
    )
    versions = polygon.versions.visible_to(request.user)
    version = get_object_or_404(_asked(versions, request.GET.get("version", "")))
    blocks = version.blocks.order_by("code").defer("geometry", "mercator")
    projects = Project.objects.visible_to(request.user).filter(polygon_version__polygon=polygon)
    context = {
        "polygon": polygon,
        "version": version,
        "versions": versions.defer("geometry", "mercator").order_by("-number"),
        "is_current": version == versions.current().first(),
        "indicators": _indicators(version),
        "geometry_vintages": sorted(filter(None, set(blocks.values_list("geometry_vintage", flat=True).order_by()))),
        "blocks": Paginator(blocks, BLOCKS_PER_PAGE).get_page(request.GET.get("page")),
        "projects": projects.with_totals().select_related("modality").order_by("-fiscal_year", "folio"),
        "vintages": [version.vintage],
        "hectares": version.area / 10_000,
        "method": _method_in_words(version),
        "verdicts": _verdicts(version),
        "map": map_context(version.geometry.extent, request.GET.get("variable"), selected=polygon.code),
    }
    return render(request, "polygons/polygon_detail.html", context)


def _asked(versions: QuerySet[PolygonVersion], number: str) -> QuerySet[PolygonVersion]:
    return versions.filter(number=number) if number.isdecimal() and len(number) < 5 else versions.current()


def _indicators(version: PolygonVersion) -> list[dict[str, Any]]:
    """Deficits the version's census counted: label, low, high."""
    rows = [
        {"label": deficit.label, "low": getattr(version, deficit.low), "high": getattr(version, deficit.high)}
        for deficit in DEFICITS
    ]
    return [row for row in rows if row["low"] is not None]


def _method_in_words(version: PolygonVersion) -> str:
    """How a delineated version was drawn; empty for the others."""
    method = methods.read(version.method, version.vintage)
    return method.in_words() if method else ""


def _verdicts(version: PolygonVersion) -> dict[str, Any]:
    """The last year's judgement of eligibility, in the words of the rules."""
    judged = Assessment.objects.filter(version=version).select_related("criterion")
    year = judged.aggregate(last=Max("fiscal_year"))["last"]
    rows = [
        {
            "outcome": row.verdict,
            "title": row.criterion.name,
            "clause": row.criterion.clause,
            "is_verified": row.criterion.is_verified,
        }
        for row in judged.filter(fiscal_year=year)
    ]
    return {"year": year, "rows": rows}
