"""A period's progress: captured by the municipality, decided on by the delegation, reopened by two persons."""

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
from projects.models import ProgressReopening, ProgressReport, Project, Source
from projects.refusals import Refused
from projects.views.record import fetch
from projects.workflow import Status as ProjectStatus

Status = ProgressReport.Status
DECISIONS = {"accept", "return", "reopen", "grant", "refuse"}
MONTHS = frozenset(product(range(2000, 2100), range(1, 13)))


@login_not_required
def progress(request: HttpRequest, pk: int, year: int, month: int) -> HttpResponse:
    """POST `do`: save or submit (municipality), accept or return (delegation), reopen (asked for), grant or refuse.

    GET `version` shows an earlier one as it was accepted. 409 where it cannot be done now.
    """
    project = fetch(request, pk)
    versions = list(
        ProgressReport.objects.visible_to(request.user)
        .filter(project=project, year=year, month=month)
        .select_related("project", "period", "submitted_by", "decided_by")
        .order_by("-version")
    )
    report = asked_version(request, versions)
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
        "mark": services.progress_mark(report),
        "period": dt.date(year, month, 1),
        "last_day": dt.date(year, month, calendar.monthrange(year, month)[1]),
        "form": form,
        "refusal": refusal,
        "may_capture": may_capture(request, project, report),
        "may_decide": may_decide(request, report),
        "versions": versions if len(versions) > 1 else [],
        "reopening": reopening_of(request, report),
        "may_reopen": may_reopen(request, report),
        "may_grant": may_grant(request, report),
        "lines": report.lines.select_related("action__action_type") if report else [],
        "spending": report.spending.all() if report else [],
    }
    return render(request, "projects/progress.html", context, status=status)


def asked_version(request: HttpRequest, versions: list[ProgressReport]) -> ProgressReport | None:
    """The newest, or the one asked for by its number."""
    asked = request.GET.get("version", "")
    if request.method == "GET" and asked:
        return next((report for report in versions if str(report.version) == asked), None)
    return versions[0] if versions else None


def reopening_of(request: HttpRequest, report: ProgressReport | None) -> ProgressReopening | None:
    """The last time somebody asked; for those of the territory."""
    if report is None or not request.user.is_authenticated:
        return None
    return report.reopenings.select_related("asked_by", "decided_by").first()


def may_reopen(request: HttpRequest, report: ProgressReport | None) -> bool:
    if report is None or report.status != Status.ACCEPTED or not services.may_ask_reopening(request.user):
        return False
    running = report.project.status in (ProjectStatus.IN_EXECUTION, ProjectStatus.FINISHED)
    return running and not report.reopenings.filter(is_granted=None).exists()


def may_grant(request: HttpRequest, report: ProgressReport | None) -> bool:
    if report is None or not services.may_grant_reopening(request.user):
        return False
    return report.reopenings.filter(is_granted=None).exclude(asked_by=request.user).exists()


def may_capture(request: HttpRequest, project: Project, report: ProgressReport | None) -> bool:
    open_ = report is None or report.status in (Status.EXPECTED, Status.DRAFT, Status.RETURNED)
    user = request.user
    mended = report is not None and report.status == Status.RETURNED and project.status == ProjectStatus.FINISHED
    running = project.status == ProjectStatus.IN_EXECUTION or mended
    return user.is_authenticated and user.is_local and user.can_write and running and open_


def may_decide(request: HttpRequest, report: ProgressReport | None) -> bool:
    user = request.user
    return bool(report and report.status == Status.SUBMITTED and user.is_authenticated and user.is_delegation)


def form_of(request: HttpRequest, project: Project, report: ProgressReport | None) -> ProgressForm:
    actions = list(project.actions.select_related("action_type"))
    said = said_before(report)
    asks = not services.pays_by_contract(project)
    decides = request.POST.get("do") in DECISIONS
    return ProgressForm(None if decides else posted(request), actions=actions, asks_spending=asks, initial=said)


def said_before(report: ProgressReport | None) -> dict[str, object]:
    """The form's answers of what was captured so far; nothing paid where nobody said so yet."""
    said: dict[str, object] = dict.fromkeys(Source.values, 0)
    if report:
        said |= {f"quantity-{line.action_id}": line.quantity for line in report.lines.all()}
        said |= {part.source: part.amount for part in report.spending.all()} | {"note": report.note}
    return said


def act(
    request: PersonRequest, project: Project, report: ProgressReport | None, form: ProgressForm, year: int, month: int
) -> str:
    """What was asked, done; returns the sentence for the reader. Raises Refused or PermissionDenied."""
    wish, seen = request.POST.get("do"), request.POST.get("seen")
    if wish == "accept" and report:
        services.accept_progress(report, seen=seen, by=request.user)
        return _("The progress is accepted.")
    if wish == "return" and report:
        services.return_progress(report, seen=seen, by=request.user, reason=request.POST.get("reason", ""))
        return _("The progress was returned with your reason.")
    if wish == "reopen" and report:
        services.ask_reopening(report, by=request.user, reason=request.POST.get("reason", ""))
        return _("You asked to reopen it. Another person, the delegate or the program unit, decides.")
    if wish in ("grant", "refuse") and report:
        return decide(request, report, is_granted=wish == "grant")
    report = services.save_progress(project, year, month, seen=seen, by=request.user, **form.measured)
    if wish == "submit":
        services.submit_progress(report, by=request.user)
        return _("The progress was sent to the delegation.")
    return _("The progress is saved.")


def decide(request: PersonRequest, report: ProgressReport, *, is_granted: bool) -> str:
    asked = report.reopenings.filter(is_granted=None).first()
    if asked is None:
        raise Refused(_("Nobody asks to reopen it now."))
    services.decide_reopening(asked, is_granted=is_granted, note=request.POST.get("reason", ""), by=request.user)
    return _("The progress is open again; what it had paid is reversed.") if is_granted else _("It stays closed.")
