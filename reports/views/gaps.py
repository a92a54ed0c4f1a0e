"""The worst blocks without investment, and its inverse; the address holds the whole question."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.lists import Listing, listed
from polygons.maps import map_context
from polygons.models import AreaTotal, Block, Municipality
from polygons.variables import VARIABLE_BY_NAME
from projects.services.spread import placeless_money
from reports.areas import Area, area_of
from reports.gap_tables import GapTable
from reports.gaps import MOST_POINTS, SPENT, Gap, GapForm, Row, points_of

PER_PAGE = 25


@login_not_required
@require_safe
@listed
def gaps(request: HttpRequest) -> Listing | HttpResponse:
    area, known = area_of(request.user, request.GET), vintages()
    form = GapForm(request.GET, area=area, vintages=known)
    if not form.is_valid():
        return render(request, "polygons/gaps.html", {"form": form, "area": area}, status=400 if known else 200)
    gap = _question(form, area)
    rows = gap.rows
    names = dict(Municipality.objects.filter(pk__in={row.municipality for row in rows}).values_list("pk", "name"))
    return Listing(
        GapTable(rows, gap=gap, names=names),
        "gasto-sin-rezago" if gap.is_spent else "rezago-sin-inversion",
        "polygons/gaps.html",
        filter=form,
        words=[(_("Place"), area.label)],
        per_page=PER_PAGE,
        context=lambda: _page(form, gap, rows),
    )


def vintages() -> Sequence[int]:
    """Censuses there are blocks of, the newest first."""
    kept = AreaTotal.objects.filter(level=AreaTotal.Level.NATION).values_list("vintage", flat=True).order_by("-vintage")
    return list(kept) or list(Block.objects.order_by("-vintage").values_list("vintage", flat=True).distinct())


def _question(form: GapForm, area: Area) -> Gap:
    asked, last = form.cleaned_data, timezone.localdate().year
    return Gap(
        area=area,
        variable=VARIABLE_BY_NAME[asked["variable"]],
        vintage=asked["vintage"],
        percent=asked["percent"],
        first_year=last - asked["years"] + 1,
        last_year=last,
        is_spent=asked["show"] == SPENT,
    )


def _page(form: GapForm, gap: Gap, rows: list[Row]) -> dict[str, object]:
    points = points_of(rows)
    of_area = gap.area.projects().filter(fiscal_year__gte=gap.first_year, fiscal_year__lte=gap.last_year)
    nowhere, elsewhere = placeless_money(of_area, gap.vintage)
    sizes = gap.sizes
    return {
        "form": form,
        "area": gap.area,
        "gap": gap,
        "sizes": sizes,
        "cut_percent": None if sizes.cut is None else sizes.cut * 100,
        "found": {"blocks": len(rows), "dwellings": sum(row.dwellings for row in rows)},
        "spent": sum((row.amount or 0 for row in rows), 0) if gap.is_spent else None,
        "map": map_context(points.bounds, gap.variable.name, opening=points.opening) | {"site": points.shape},
        "is_cut": len(rows) > MOST_POINTS,
        "most_points": MOST_POINTS,
        "nowhere": nowhere,
        "elsewhere": elsewhere,
    }
