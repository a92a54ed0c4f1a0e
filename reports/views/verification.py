"""What the QR of a report opens, for everybody: of what it is, of which moment, its files' fingerprints; no figure."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports import worker
from reports.catalog import CATALOGUE
from reports.models import Report
from reports.periods import period_of


@login_not_required
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    made = Report.objects.filter(code=code.upper(), status=Report.Status.DONE, kind__in=CATALOGUE)
    report = made.select_related("state", "municipality", "polygon").order_by("-finished_at").first()
    if report is None:
        raise Http404
    context = {
        "report": report,
        "kind": CATALOGUE[report.kind],
        "period": period_of(report.period).label,
        "data_of": worker.moment_of(report),
        "files": report.files.all(),
    }
    return render(request, "reports/verify.html", context)
