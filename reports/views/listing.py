"""Reports: what can be asked for, what was made, and its files."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.lib import documents
from reports import services
from reports.catalog import CATALOGUE
from reports.filters import ReportFilter
from reports.forms import AskForm
from reports.models import Report
from reports.periods import period_of
from reports.scopes import home_of


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The public finds the dashboards here; files of reports are for those of the territory."""
    if not request.user.is_authenticated:
        return redirect("reports:nation")
    return _index(
        request, AskForm(user=request.user, kind=CATALOGUE["monthly-progress"]) if may_ask(request.user) else None
    )


def may_ask(user) -> bool:
    return user.can_write and user.is_valid_today and bool(home_of(user).code or user.is_national)


def _index(request: HttpRequest, form: AskForm | None, status: int = 200) -> HttpResponse:
    visible = Report.objects.visible_to(request.user).select_related("state", "municipality", "asked_by")
    found = ReportFilter(request.GET, queryset=visible.prefetch_related("files"))
    page = Paginator(found.qs, 20).get_page(request.GET.get("page"))
    for report in page:
        report.title, report.month = CATALOGUE[report.kind].title, period_of(report.period).label
        report.is_mine_to_steer = services.may_steer(report, request.user)
    context = {
        "form": form,
        "filter": found,
        "page": page,
        "catalogue": CATALOGUE.values(),
        "is_at_work": any(report.is_at_work for report in page),
    }
    template = "reports/_list.html" if request.htmx else "reports/index.html"
    return render(request, template, context, status=status)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    if not may_ask(request.user):
        raise PermissionDenied
    kind = CATALOGUE.get(request.POST.get("kind", ""), next(iter(CATALOGUE.values())))
    form = AskForm(request.POST, user=request.user, kind=kind)
    if not form.is_valid():
        return _index(request, form, status=400)
    scope = form.cleaned_data["place"]
    report = services.ask(
        form.cleaned_data["kind"],
        form.cleaned_data["period"],
        state=scope.state,
        municipality=scope.municipality,
        as_at=form.cleaned_data["as_at"],
        by=request.user,
    )
    if report.status == Report.Status.DONE:
        messages.success(request, _("This report is final: here it is."))
    else:
        messages.success(request, _("The report is on its way. This page shows how far it is."))
    return redirect("reports:index")


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
    if not services.cancel(report, by=request.user):
        messages.warning(request, _("It had ended already."))
    return redirect("reports:index")


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
    services.retry(report, by=request.user)
    return redirect("reports:index")


@require_safe
def download(request: HttpRequest, pk: int, form: str, part: str = "") -> FileResponse:
    visible = Report.objects.visible_to(request.user).filter(status=Report.Status.DONE)
    return documents.download(get_object_or_404(get_object_or_404(visible, pk=pk).files, format=form, part=part))
