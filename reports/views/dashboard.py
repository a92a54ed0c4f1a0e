"""The same frame at every level, and the rows behind its figures."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.lib.lists import Listing, listed
from habitat.lib.pdf import render_pdf
from modalities.models import FiscalYear
from projects.models import Project
from reports import frame, links
from reports.fairness import equity_links, fairness_of
from reports.indicators import Figures
from reports.rows import ROWS, words_of
from reports.scopes import home_of, scope_of, scope_of_project
from reports.tables import PartTable, RowsTable, sums_of


def figures_of(request: HttpRequest, code: str) -> Figures:
    """Of the place and the address's year; 404 where the reader may not look or the year is none."""
    try:
        scope = scope_of(code)
    except LookupError as error:
        raise Http404(str(error)) from error
    if not scope.is_open_to(request.user):
        raise Http404
    return Figures(scope, year_of(request), request.user, through=through_of(request))


def through_of(request: HttpRequest) -> int | None:
    """The month (1 to 12) up to whose end figures are asked for; None for the whole year. 404 for anything else."""
    asked = request.GET.get("through")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdecimal() and 1 <= int(asked[:3]) <= 12):
        raise Http404
    return int(asked)


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
    context = frame.of(figures)
    if request.GET.get("format") == "pdf":
        return _pdf(figures, context)
    context |= {"pdf_url": links.with_changes(request, format="pdf"), **equity_links(figures)}
    return render(request, "reports/dashboard.html", context)


def _pdf(figures: Figures, context: dict[str, object]) -> HttpResponse:
    """The same frame on paper: the charts are the same SVG, their table twins stand open below them."""
    answers = {"user": figures.user, "printed_at": timezone.now(), "equity": fairness_of(figures)}
    response = HttpResponse(render_pdf("documents/dashboard.html", context | answers), content_type="application/pdf")
    name = f"tablero-{figures.scope.code or 'nacional'}-{figures.year}"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@login_not_required
def equity_part(request: HttpRequest) -> HttpResponse:
    """The equity panel's figures, which take too long to be waited for by the page."""
    figures = figures_of(request, request.GET.get("place") or "")
    return render(request, "reports/dashboard/_equity_figures.html", {"equity": fairness_of(figures)})


@login_not_required
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """The same frame for one work, in its own fiscal year."""
    around = ("municipality__state", "polygon_version__polygon")
    work = get_object_or_404(Project.objects.visible_to(request.user).select_related(*around), pk=pk)
    figures = Figures(scope_of_project(work), work.fiscal_year_id, request.user, through=through_of(request))
    return _render(request, figures)


@login_not_required
@listed
def rows(request: HttpRequest, name: str) -> Listing | HttpResponse:
    if name not in ROWS:
        raise Http404
    kind = ROWS[name]
    if not (kind.is_public or request.user.is_authenticated):
        return redirect_to_login(request.get_full_path())
    figures = figures_of(request, request.GET.get("place") or home_of(request.user).code)
    found, narrowed = kind.of(figures), []
    for field in kind.filters:
        if value := request.GET.get(field):
            try:
                narrowed.append(words_of(field, value))
            except LookupError as error:
                raise Http404 from error
            found = found.filter(**{field: value})
    extra: dict[str, object] = {"totals": sums_of(found, kind.table)} if issubclass(kind.table, RowsTable) else {}
    if kind.table is PartTable:
        extra = {"figures": figures}
    table = kind.table(found, **extra)
    of_place = (_("Place"), figures.scope.label), (_("Fiscal year"), figures.year)
    return Listing(
        table,
        name,
        "reports/rows.html",
        words=[*of_place, *((_("Only"), words) for words in narrowed)],
        context=lambda: {"kind": kind, "figures": figures, "words": narrowed, "trail": links.trail_of(figures)},
    )
