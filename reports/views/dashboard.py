"""The same frame at every level, and the rows behind its figures."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django_tables2 import RequestConfig

from modalities.models import FiscalYear
from reports import frame, links
from reports.indicators import Figures
from reports.rows import ROWS, words_of
from reports.scopes import home_of, scope_of
from reports.tables import RowsTable, sums_of


def figures_of(request: HttpRequest, code: str) -> Figures:
    """Of the place and the address's year; 404 where the reader may not look or the year is none."""
    try:
        scope = scope_of(code)
    except LookupError as error:
        raise Http404(str(error)) from error
    if not scope.is_open_to(request.user):
        raise Http404
    return Figures(scope, year_of(request), request.user)


def year_of(request: HttpRequest) -> int:
    asked = request.GET.get("year")
    years = list(FiscalYear.objects.values_list("year", flat=True))
    if not asked:
        today = timezone.localdate().year
        return today if today in years else max((year for year in years if year <= today), default=today)
    if not asked.isdecimal() or int(asked) not in years:
        raise Http404
    return int(asked)


@login_not_required
def nation(request: HttpRequest) -> HttpResponse:
    """The reader's own territory, where they do not see the nation."""
    home = home_of(request.user)
    if request.user.is_authenticated and home.code:
        return redirect(links.dashboard(home, year_of(request)))
    return _render(request, figures_of(request, ""))


@login_not_required
def place(request: HttpRequest, code: str) -> HttpResponse:
    return _render(request, figures_of(request, code))


def _render(request: HttpRequest, figures: Figures) -> HttpResponse:
    return render(request, "reports/dashboard.html", frame.of(figures))


@login_not_required
def rows(request: HttpRequest, name: str) -> HttpResponse:
    if name not in ROWS:
        raise Http404
    kind = ROWS[name]
    if not (kind.is_public or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    figures = figures_of(request, request.GET.get("place") or home_of(request.user).code)
    found, words = kind.of(figures), []
    for field in kind.filters:
        if value := request.GET.get(field):
            try:
                words.append(words_of(field, value))
            except LookupError as error:
                raise Http404 from error
            found = found.filter(**{field: value})
    extra = {"totals": sums_of(found, kind.table)} if issubclass(kind.table, RowsTable) else {}
    table = kind.table(found, **extra)
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    context = {"kind": kind, "figures": figures, "words": words, "table": table, "trail": links.trail_of(figures)}
    return render(request, "reports/rows.html", context)
