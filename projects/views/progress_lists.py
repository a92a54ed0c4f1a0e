"""Progress of many works: the list by period and place, and one page on which several are captured."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms import ProgressForm
from projects.models import ProgressReport
from projects.querysets.works import ProgressQuerySet
from projects.refusals import Refused
from projects.tables.progress import (
    ProgressListFilter,
    ProgressTable,
    by_municipality,
    period_from,
)
from projects.views.progress import said_before

# Works on one page of capture.
TOGETHER = 10


@listed
def progress_list(request: PersonRequest) -> Listing:
    today = timezone.localdate()
    scope = ProgressReport.objects.visible_to(request.user).standing().exclude(project__status="cancelled")
    found = ProgressListFilter(request.GET, queryset=scope, request=request)
    # Places of the fifty rows shown: joined, they would be put to every row before it is sorted.
    rows = found.qs.select_related("project", "period").prefetch_related("project__municipality")
    return Listing(
        ProgressTable(rows, request=request, today=today, order_by=found.natural_order),
        "avance",
        "projects/progress/list.html",
        filter=found,
        context=lambda: {
            "places": by_municipality(found, today),
            "periods": periods_to_capture(request) if may_capture(request) else [],
        },
    )


def may_capture(request: HttpRequest) -> bool:
    return request.user.is_local and request.user.can_write


def to_capture(request: PersonRequest) -> ProgressQuerySet:
    return ProgressReport.objects.visible_to(request.user).to_capture()


def periods_to_capture(request: PersonRequest) -> list[dict[str, object]]:
    """Year, month, day due and number of works of each period that waits for this municipality, the oldest first."""
    rows = to_capture(request).order_by("year", "month").values("year", "month", "period__due_on")
    return [row | {"key": f"{row['year']}-{row['month']:02}"} for row in rows.annotate(count=Count("pk"))]


def capture(request: PersonRequest, period: str) -> HttpResponse:
    """Several works of one period: each is kept or refused by itself, with its reason. `do`: save or submit."""
    if not may_capture(request):
        raise PermissionDenied(_("The municipality captures its progress."))
    found = period_from(period)
    if found is None:
        raise Http404
    rows = to_capture(request).filter(year=found[0], month=found[1]).select_related("project__municipality", "period")
    page = Paginator(rows.order_by("project__folio"), TOGETHER).get_page(request.GET.get("page"))
    works = [work_of(request, report) for report in page.object_list]
    kept = [keep(request, work) for work in works] if request.method == "POST" else []
    if kept and all(kept):
        count = len(kept)
        words = ngettext("The progress of %(count)s work is kept.", "The progress of %(count)s works is kept.", count)
        messages.success(request, words % {"count": count})
        return redirect(f"{reverse('projects:progress-list')}?period={period}")
    context = {"works": works, "page": page, "period": period, "refused": kept.count(False), "kept": kept.count(True)}
    return render(request, "projects/progress/capture.html", context, status=409 if kept else 200)


def work_of(request: PersonRequest, report: ProgressReport) -> dict[str, object]:
    actions = list(report.project.actions.select_related("action_type").defer("geometry"))
    form = ProgressForm(
        posted(request),
        actions=actions,
        initial=said_before(report),
        prefix=f"w{report.project_id}",
        asks_spending=not services.pays_by_contract(report.project),
    )
    return {"report": report, "form": form, "refusal": [], "is_kept": False, "mark": services.progress_mark(report)}


def keep(request: PersonRequest, work: dict) -> bool:
    """Whether it was kept; else its reasons stand in `refusal` or at its fields."""
    report, form = work["report"], work["form"]
    seen = request.POST.get(f"{form.prefix}-seen")
    if not form.is_valid():
        return False
    try:
        saved = services.save_progress(
            report.project, report.year, report.month, seen=seen, by=request.user, **form.measured
        )
        if request.POST.get("do") == "submit":
            services.submit_progress(saved, by=request.user)
    except Refused as error:
        work["refusal"] = error.messages
        return False
    work["is_kept"], work["mark"] = True, services.progress_mark(saved)
    return True
