"""One polygon's record: what it lacks, its blocks, and what was proposed, approved and done in it."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from polygons import methods
from polygons.deficits import DEFICITS
from polygons.maps import map_context
from polygons.models import Assessment, Polygon, PolygonVersion
from projects.models import Project

BLOCKS_PER_PAGE = 25


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
