"""A polygon on two printed pages: map, figures, criteria, lineage, works and money, for the file and the assembly."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from habitat.lib.pdf import render_pdf
from polygons.models import PolygonVersion
from projects.models import Contribution, Project
from reports.polygon_criteria import rules_for, standings
from reports.polygon_drawing import drawing_of
from reports.polygon_lineage import kin_of
from reports.views.polygon import fetch, indicators_of, method_in_words

# What fits on the second page; the rest is counted, and stands on the polygon's page.
WORKS, RELATIVES, CRITERIA = 5, 3, 7


@login_not_required
@require_safe
def dossier(request: HttpRequest, code: str, number: int | None = None) -> HttpResponse:
    polygon, version = fetch(request, code, number)
    pdf = render_pdf("polygons/dossier.html", context_of(request.user, polygon, version))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="poligono-{polygon.code}-v{version.number}.pdf"'
    return response


def context_of(user: Any, polygon: Any, version: PolygonVersion) -> dict[str, Any]:
    rules = rules_for(version, timezone.localdate())
    found = standings(version, rules, user) if rules else []
    kin = kin_of(version)
    relatives = [*kin.before, *kin.after]
    projects = Project.objects.visible_to(user).filter(polygon_version__polygon=polygon)
    if version.status == PolygonVersion.Status.SUPERSEDED:
        projects = projects.filter(polygon_version=version)
    works = projects.with_totals().order_by("-fiscal_year", "folio")
    count = projects.count()
    money = Contribution.objects.filter(action__project__in=projects.approved()).aggregate(total=Sum("amount"))
    return {
        "polygon": polygon,
        "version": version,
        "indicators": indicators_of(version),
        "hectares": version.area / 10_000,
        "method": method_in_words(version),
        "rules": rules,
        "standings": found[:CRITERIA],
        "more_standings": max(len(found) - CRITERIA, 0),
        "before": [relative for relative in relatives[:RELATIVES] if relative in kin.before],
        "after": [relative for relative in relatives[:RELATIVES] if relative in kin.after],
        "more_relatives": max(len(relatives) - RELATIVES, 0),
        "works": works[:WORKS],
        "more_works": max(count - WORKS, 0),
        "approved": money["total"],
        "vintages": [version.vintage],
        "drawing": drawing_of(version),
        "geometry_vintages": sorted(
            filter(None, set(version.blocks.values_list("geometry_vintage", flat=True).order_by()))
        ),
        "printed_at": timezone.now(),
    }
