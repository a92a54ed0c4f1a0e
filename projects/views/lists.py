"""The list of projects: one address says its filters, its order and its page, also for the files."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django_tables2 import RequestConfig

from habitat.lib.spreadsheets import csv_response, xlsx_response
from projects import services
from projects.filters import ProjectFilter
from projects.models import Project, ProjectTotal
from projects.querysets import PAYERS
from projects.tables import PROJECT_HEADER, ProjectTable, project_rows

FILES = {"csv": csv_response, "xlsx": xlsx_response}
PER_PAGE = 50


@login_not_required
def project_list(request: HttpRequest) -> HttpResponseBase:
    found = ProjectFilter(request.GET, queryset=Project.objects.visible_to(request.user), request=request)
    projects = found.qs
    if request.GET.get("format") in FILES:
        header = [str(title) for title in PROJECT_HEADER]
        return FILES[request.GET["format"]]("proyectos", header, project_rows(projects.with_totals()))
    table = ProjectTable(
        projects.with_totals().select_related("municipality"), totals=totals(projects), request=request
    )
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "filter": found,
        "table": table,
        "exports": exports(request),
        "may_prepare": services.may_prepare(request.user),
    }
    return render(request, "projects/project_list.html", context)


def totals(projects: QuerySet[Project]) -> dict:
    """Sums over all that was found, in one query: `cost` and `federal`, in pesos."""
    kept = ProjectTotal.objects.filter(project__in=projects.order_by().values("pk"))
    sums = kept.aggregate(**{f"of_{payer}": Sum(f"cost_{payer}", default=0) for payer in PAYERS})
    return {"cost": sum(sums.values()), "federal": sums["of_federal"]}


def exports(request: HttpRequest) -> list[dict[str, str]]:
    """The page's own rows as files: the same address with a format."""
    files = []
    for name in FILES:
        query = request.GET.copy()
        query["format"] = name
        files.append({"label": name.upper(), "url": f"?{query.urlencode()}"})
    return files
