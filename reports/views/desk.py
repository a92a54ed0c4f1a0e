from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects import desks
from projects.workflow import PUBLIC
from reports import links
from reports.desks import Desk
from reports.frame import money_by_moment
from reports.front import Front
from reports.hero import hero_map
from reports.views.dashboard import year_of


@login_not_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The desk of whoever is logged in; the front page for everybody else."""
    if not request.user.is_authenticated:
        return front(request)
    mine = Desk(request.user)
    context = {
        "desk": mine,
        "desks": desks.tabs(request.user, mine.today),
        "moments": money_by_moment(mine.figures),
        "dashboard": links.dashboard(mine.figures.scope, mine.fiscal_year),
    }
    return render(request, "reports/desk.html", context)


def front(request: HttpRequest) -> HttpResponse:
    page = Front(year_of(request))
    context = {
        "front": page,
        "hero": hero_map(),
        "links": {
            "attended": links.rows(page.figures, "attended"),
            "projects": links.projects(page.figures, tuple(sorted(PUBLIC))),
            "actions": links.rows(page.figures, "actions"),
            "dashboard": links.dashboard(page.figures.scope, page.year),
        },
    }
    return render(request, "reports/front.html", context)
