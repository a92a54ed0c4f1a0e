"""The list of projects: one address says its filters, its order and its page, also for the files."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet, Sum
from django.http import HttpRequest

from habitat.lib.lists import Listing, listed
from projects import services
from projects.filters.projects import ProjectFilter
from projects.models import Project, ProjectTotal
from projects.querysets.works import PAYERS
from projects.tables.projects import OUTLINES, ProjectTable

PER_PAGE = 50


@login_not_required
@listed
def project_list(request: HttpRequest) -> Listing:
    found = ProjectFilter(request.GET, queryset=Project.objects.visible_to(request.user), request=request)
    projects = found.qs
    rows = projects.with_totals().select_related("municipality").defer(*OUTLINES)
    return Listing(
        ProjectTable(rows, totals=totals(projects), request=request),
        "proyectos",
        "projects/project_list.html",
        filter=found,
        per_page=PER_PAGE,
        context=lambda: {"may_prepare": services.may_prepare(request.user)},
    )


def totals(projects: QuerySet[Project]) -> dict:
    """Sums over all that was found, in one query: `cost` and `federal`, in pesos."""
    kept = ProjectTotal.objects.filter(project__in=projects.order_by().values("pk"))
    sums = kept.aggregate(**{f"of_{payer}": Sum(f"cost_{payer}", default=0) for payer in PAYERS})
    return {"cost": sum(sums.values()), "federal": sums["of_federal"]}
