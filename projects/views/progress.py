"""A month's progress: captured by the municipality, accepted or returned by the delegation."""

import calendar
import datetime as dt
from itertools import product

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms import ProgressForm
from projects.models import ProgressReport, Project, Source
from projects.refusals import Refused
from projects.views.record import fetch
from projects.workflow import Status as ProjectStatus

Status = ProgressReport.Status
DECISIONS = {"accept", "return"}
MONTHS = frozenset(product(range(2000, 2100), range(1, 13)))


@login_not_required
def progress(request: HttpRequest, pk: int, year: int, month: int) -> HttpResponse:
    """POST `do`: save or submit (municipality), accept or return (delegation). 409 where it cannot be done now."""
    project = fetch(request, pk)
    report = ProgressReport.objects.visible_to(request.user).filter(project=project, year=year, month=month).first()
    if (year, month) not in MONTHS or not (report or may_capture(request, project, None)):
        raise Http404
    form = form_of(request, project, report)
    refusal, status = [], 200
    if request.method == "POST":
        status = 400
        if request.POST.get("do") in DECISIONS or form.is_valid():
            try:
                words = act(request, project, report, form, year, month)
            except Refused as error:
                refusal, status = error.messages, 409
            else:
                messages.success(request, words)
                return redirect("projects:detail", pk)
    context = {
        "project": project,
        "report": report,
        "period": dt.date(year, month, 1),
        "last_day": dt.date(year, month, calendar.monthrange(year, month)[1]),
        "form": form,
        "refusal": refusal,
        "may_capture": may_capture(request, project, report),
        "may_decide": may_decide(request, report),
        "lines": report.lines.select_related("action__action_type") if report else [],
        "spending": report.spending.all() if report else [],
    }
    return render(request, "projects/progress.html", context, status=status)


def may_capture(request: HttpRequest, project: Project, report: ProgressReport | None) -> bool:
    open_ = report is None or report.status in (Status.DRAFT, Status.RETURNED)
    user = request.user
    running = project.status == ProjectStatus.IN_EXECUTION
    return user.is_authenticated and user.is_local and user.can_write and running and open_


def may_decide(request: HttpRequest, report: ProgressReport | None) -> bool:
    user = request.user
    return bool(report and report.status == Status.SUBMITTED and user.is_authenticated and user.is_delegation)


def form_of(request: HttpRequest, project: Project, report: ProgressReport | None) -> ProgressForm:
    actions = list(project.actions.select_related("action_type"))
    if report:
        said: dict[str, object] = {f"quantity-{line.action_id}": line.quantity for line in report.lines.all()}
        said |= {part.source: part.amount for part in report.spending.all()} | {"note": report.note}
    else:
        said = dict.fromkeys(Source.values, 0)
    decides = request.POST.get("do") in DECISIONS
    return ProgressForm(None if decides else posted(request), actions=actions, initial=said)


def act(
    request: PersonRequest, project: Project, report: ProgressReport | None, form: ProgressForm, year: int, month: int
) -> str:
    """What was asked, done; returns the sentence for the reader. Raises Refused or PermissionDenied."""
    wish = request.POST.get("do")
    if wish == "accept" and report:
        services.accept_progress(report, by=request.user)
        return _("The progress is accepted.")
    if wish == "return" and report:
        services.return_progress(report, by=request.user, reason=request.POST.get("reason", ""))
        return _("The progress was returned with your reason.")
    report = services.save_progress(project, year, month, by=request.user, **form.measured)
    if wish == "submit":
        services.submit_progress(report, by=request.user)
        return _("The progress was sent to the delegation.")
    return _("The progress is saved.")
