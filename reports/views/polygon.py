"""One polygon: how it stands now, or as an earlier version drew it, with what was proposed and done in it."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.lists import Listing, listed
from polygons.maps import map_context
from polygons.models import Block, Polygon, PolygonVersion
from polygons.policy import may_draw
from polygons.services import newer_figures
from projects.models import Centre, Project
from reports.family_drawing import draw_family
from reports.polygon_criteria import rules_for, standings
from reports.polygon_drawing import drawing_of
from reports.polygon_figures import indicators_of, method_in_words
from reports.polygon_lineage import comparison, family_of
from reports.tables import MemberTable

BLOCKS_PER_PAGE = 25
Status = PolygonVersion.Status


def fetch(request: HttpRequest, code: str, number: int | None = None) -> tuple[Polygon, PolygonVersion]:
    """The polygon and one version, the current one unless asked: in force, else the draft, else the last one it had.

    404 outside one's scope.
    """
    polygon = get_object_or_404(
        Polygon.objects.visible_to(request.user).select_related("municipality__state", "city"), code=code
    )
    versions = polygon.versions.visible_to(request.user).select_related("polygon")
    if number is not None:
        version = get_object_or_404(versions, number=number)
    else:
        version = versions.current().first() or versions.order_by("-number").first()
    if version is None:
        raise Http404
    version.polygon = polygon
    return polygon, version


@login_not_required
@require_safe
def polygon_detail(request: HttpRequest, code: str) -> HttpResponse:
    asked = request.GET.get("version", "")
    if asked.isdecimal() and len(asked) < 5:
        # How earlier versions were asked for once.
        return redirect("polygons:version", code, int(asked), permanent=True)
    return _page(request, *fetch(request, code))


@login_not_required
@require_safe
def polygon_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A version's own address, which stays."""
    return _page(request, *fetch(request, code, number))


def _page(request: HttpRequest, polygon: Polygon, version: PolygonVersion) -> HttpResponse:
    versions = polygon.versions.visible_to(request.user).defer("geometry", "mercator").order_by("-number")
    current = next((drawn for drawn in versions if drawn.status == Status.PUBLISHED), None)
    blocks = _blocks(version)
    rules = rules_for(version, timezone.localdate())
    family = family_of(version)
    projects = Project.objects.visible_to(request.user).filter(polygon_version__polygon=polygon)
    if version.status == Status.SUPERSEDED:
        projects = projects.filter(polygon_version=version)
    context = {
        "polygon": polygon,
        "version": version,
        "versions": versions,
        "current": current,
        "is_current": version == current or (current is None and version.status == Status.DRAFT),
        "indicators": indicators_of(version),
        "geometry_vintages": sorted(filter(None, set(blocks.values_list("geometry_vintage", flat=True).order_by()))),
        "blocks": Paginator(blocks, BLOCKS_PER_PAGE).get_page(request.GET.get("page")),
        "projects": projects.with_totals()
        .select_related("modality", "polygon_version")
        .defer("polygon_version__geometry", "polygon_version__mercator")
        .order_by("-fiscal_year", "folio"),
        "centres": Centre.objects.visible_to(request.user).filter(polygon=polygon),
        "vintages": [version.vintage],
        "hectares": version.area / 10_000,
        "method": method_in_words(version),
        "rules": rules,
        "standings": standings(version, rules, request.user) if rules else [],
        "may_judge": version.status == Status.PUBLISHED and may_draw(request.user, polygon.municipality_id),
        "reads_papers": request.user.is_authenticated and request.user.reads_assessment_papers,
        "family": family,
        "family_drawing": draw_family(family) if family.links else None,
        "comparison": comparison(version, polygon.versions.visible_to(request.user)),
        "newer": newer_figures(version) if version.status == Status.PUBLISHED else [],
        "map": map_context(version.geometry.extent, request.GET.get("variable"), selected=polygon.code),
    }
    if not context["is_current"]:
        # Tiles show what is in force; this one is drawn as it was.
        context["drawing"] = drawing_of(version)
    return render(request, "polygons/polygon_detail.html", context)


@login_not_required
@require_safe
@listed
def polygon_blocks(request: HttpRequest, code: str, number: int) -> Listing:
    """The blocks of a version as a list of their own, with the sums that it keeps."""
    polygon, version = fetch(request, code, number)
    # Which census asked what says the version: of water nothing may be known.
    totals = {field: getattr(version, field) for field in MemberTable.summed}
    rows = version.blocks.defer("geometry", "mercator")
    return Listing(
        MemberTable(rows, totals=totals, vintage=version.vintage),
        f"manzanas-{polygon.code}-v{version.number}",
        "polygons/polygon_blocks.html",
        words=[(_("Polygon"), f"{polygon.name} ({polygon.code})"), (_("Version"), version.number)],
        context=lambda: {"polygon": polygon, "version": version},
    )


def _blocks(version: PolygonVersion) -> QuerySet[Block]:
    """Members in order; of a version that is over also `now_in`, the code of the polygon that holds each today."""
    blocks = version.blocks.order_by("code").defer("geometry", "mercator")
    if version.status != Status.SUPERSEDED:
        return blocks
    holder = PolygonVersion.objects.published().filter(blocks=OuterRef("pk")).values("polygon__code")[:1]
    return blocks.annotate(now_in=Subquery(holder))
