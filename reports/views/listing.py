"""Reports: the catalogue, one kind with its form, one report with its files, and who is told of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.lib import documents
from habitat.lib.lists import Listing, listed
from reports import services, subscriptions, worker
from reports.catalog import CATALOGUE
from reports.catalog.base import Kind, Topic
from reports.corrections import corrections
from reports.filters import ReportFilter
from reports.forms import AskForm, SubscribeForm
from reports.models import Report, Subscription
from reports.periods import period_of
from reports.report_tables import ReportTable
from reports.scopes import home_of

PER_PAGE = 20
CORRECTIONS_SHOWN = 200


@login_not_required
@require_safe
@listed
def index(request: HttpRequest) -> Listing | HttpResponse:
    """The public finds the dashboards here; files of reports are for those of the territory."""
    if not request.user.is_authenticated:
        return redirect("reports:nation")
    found = ReportFilter(request.GET, queryset=_visible(request))
    return Listing(
        ReportTable(found.qs, request=request),
        "reportes",
        _template(request, "index"),
        filter=found,
        per_page=PER_PAGE,
        context=lambda: {"topics": _topics(), "subscriptions": _subscriptions(request)},
    )


def _template(request: HttpRequest, name: str) -> str:
    """The list alone while it asks for itself again. A worker that makes its file asks without htmx."""
    return "reports/_list.html" if getattr(request, "htmx", False) else f"reports/{name}.html"


def _subscriptions(request: HttpRequest) -> list[Subscription]:
    wanted = Subscription.objects.filter(user=request.user).select_related("state", "municipality")
    return [_named(one) for one in wanted]


def _topics() -> list[tuple[Topic, list[Kind]]]:
    return [(topic, [kind for kind in CATALOGUE.values() if kind.topic == topic]) for topic in Topic]


def _named(row: Report | Subscription):
    row.title = CATALOGUE[row.kind].title  # type: ignore[union-attr]
    return row


def _visible(request: HttpRequest) -> QuerySet[Report]:
    visible = Report.objects.visible_to(request.user).filter(kind__in=CATALOGUE)
    return visible.select_related("state", "municipality", "polygon", "asked_by").prefetch_related("files")


def _dress(report: Report, user) -> Report:
    _named(report)
    report.month = period_of(report.period).label  # type: ignore[attr-defined]
    report.is_mine_to_steer = services.may_steer(report, user)  # type: ignore[attr-defined]
    return report


def may_ask(user) -> bool:
    return user.can_write and user.is_valid_today and bool(home_of(user).code or user.is_national)


@require_safe
@listed
def kind(request: HttpRequest, name: str) -> Listing:
    form = AskForm(user=request.user, kind=_kind_or_404(name)) if may_ask(request.user) else None
    return _kind(request, _kind_or_404(name), form)


def _kind_or_404(name: str) -> Kind:
    if name not in CATALOGUE:
        raise Http404
    return CATALOGUE[name]


def _kind(request: HttpRequest, report: Kind, form: AskForm | None, status: int = 200) -> Listing:
    """What it says, column by column; the form to ask for it; those made of it."""
    wanted = SubscribeForm(user=request.user) if may_ask(request.user) else None
    context: dict[str, object] = {"kind": report, "form": form, "subscribe": wanted}
    if status != 200:
        # At the address of the question there are no files.
        context |= {"exports": [], "chooser": None}
    return Listing(
        ReportTable(_visible(request).filter(kind=report.kind), request=request),
        f"reportes-{report.kind}",
        _template(request, "kind"),
        words=[(_("Report"), report.title)],
        per_page=PER_PAGE,
        context=lambda: context,
        status=status,
    )


@require_POST
def ask(request: HttpRequest) -> HttpResponseBase:
    if not may_ask(request.user):
        raise PermissionDenied
    asked = CATALOGUE.get(request.POST.get("kind", ""), next(iter(CATALOGUE.values())))
    form = AskForm(request.POST, user=request.user, kind=asked)
    if not form.is_valid():
        return listed(_kind)(request, asked, form, status=400)
    scope = form.cleaned_data["place"]
    report = services.ask(
        asked.kind,
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
    return redirect("reports:kind", asked.kind)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    made = _dress(get_object_or_404(_visible(request), pk=pk), request.user)
    context = {
        "report": made,
        "kind": CATALOGUE[made.kind],
        "data_of": worker.moment_of(made),
        "totals": _totals(made),
        "is_at_work": made.is_at_work,
    }
    return render(request, "reports/report.html", context)


def _totals(made: Report) -> list[tuple[str, list[tuple[object, object, object]]]]:
    """Of each sheet: (title, [(column, its total)…])."""
    told = []
    for sheet in CATALOGUE[made.kind].sheets:
        prefix = f"{sheet.name}." if sheet.name else ""
        rows = [(column, made.totals.get(f"{prefix}{column.name}")) for column in sheet.summed]
        told.append((sheet.title, made.totals.get(f"{prefix}rows", 0), rows))
    return told  # type: ignore[return-value]


@require_safe
def later(request: HttpRequest, pk: int) -> HttpResponse:
    """What was learnt since the closing of a final report."""
    made = _dress(get_object_or_404(_visible(request).filter(status="done", is_final=True), pk=pk), request.user)
    now = timezone.now()
    found = corrections(CATALOGUE[made.kind], worker.question_of(made), now)
    context = {"report": made, "found": found[:CORRECTIONS_SHOWN], "count": len(found), "now": now}
    return render(request, "reports/corrections.html", context)


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


@require_POST
def subscribe(request: HttpRequest, name: str) -> HttpResponse:
    wanted = _kind_or_404(name)
    if not may_ask(request.user):
        raise PermissionDenied
    form = SubscribeForm(request.POST, user=request.user)
    if form.is_valid():
        subscriptions.subscribe(wanted.kind, form.cleaned_data["place"], by=request.user)
        messages.success(request, _("You will be told each time it is ready."))
    else:
        messages.error(request, _("Choose a place of your territory."))
    return redirect("reports:kind", wanted.kind)


@require_POST
def unsubscribe(request: HttpRequest, pk: int) -> HttpResponse:
    if not subscriptions.unsubscribe(pk, by=request.user):
        raise Http404
    messages.success(request, _("You will not be told of it any more."))
    return redirect("reports:index")


@require_safe
def download(request: HttpRequest, pk: int, form: str, part: str = "") -> FileResponse:
    visible = Report.objects.visible_to(request.user).filter(status=Report.Status.DONE)
    return documents.download(get_object_or_404(get_object_or_404(visible, pk=pk).files, format=form, part=part))
