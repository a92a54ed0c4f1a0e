"""Indices of marginalisation: which there are, one with its units and how it was made, and which one is used."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.lib.lists import Listing, listed
from habitat.lib.plots import Histogram
from polygons import services
from polygons.models import MarginalisationIndex, MarginalisationScore
from polygons.policy import may_choose_index
from reports.scores import IndexFilter, IndexTable, ScoreFilter, ScoreTable, with_names

PER_PAGE = 25
Grade = MarginalisationScore.Grade


@login_not_required
@require_safe
@listed
def index_list(request: HttpRequest) -> Listing:
    found = IndexFilter(request.GET, queryset=MarginalisationIndex.objects.all())
    return Listing(IndexTable(found.qs), "indices-de-marginacion", "polygons/index_list.html", filter=found)


@login_not_required
@require_safe
@listed
def index_detail(request: HttpRequest, pk: int) -> Listing:
    index = get_object_or_404(MarginalisationIndex.objects.select_related("by"), pk=pk)
    visible = with_names(MarginalisationScore.objects.visible_to(request.user).filter(index=index))
    found = ScoreFilter(request.GET, queryset=visible, request=request)
    return Listing(
        ScoreTable(found.qs, level=index.level),
        f"marginacion-{index.level}-{index.year}-{index.pk}",
        "polygons/index_detail.html",
        filter=found,
        per_page=PER_PAGE,
        context=lambda: {
            "index": index,
            "grades": _grades(index),
            "histogram": _histogram(index),
            "making": _making(index),
            "may_choose": may_choose_index(request.user) and not index.is_reference,
        },
    )


@require_POST
def use_index(request: HttpRequest, pk: int) -> HttpResponse:
    index = get_object_or_404(MarginalisationIndex, pk=pk)
    services.use_index(index, by=request.user)
    messages.success(request, _("This index is now the one in use for its level."))
    return redirect("polygons:index", pk)


def _grades(index: MarginalisationIndex) -> list[dict[str, Any]]:
    """Units of the whole index by grade, the most marginal first."""
    held = dict(index.scores.order_by().values_list("grade").annotate(units=Count("pk")))
    return [{"grade": grade.label, "units": held.get(grade.value, 0)} for grade in sorted(Grade, reverse=True)]


def _histogram(index: MarginalisationIndex) -> Histogram | None:
    if index.lowest is None or index.highest is None:
        return None
    return Histogram(
        title=_("Units by index: on the left the most marginal"),
        frequencies=index.frequencies,
        lowest=index.lowest,
        highest=index.highest,
        cuts=index.cuts,
        strata=[grade.label for grade in sorted(Grade, reverse=True)] if index.cuts else [],
    )


def _making(index: MarginalisationIndex) -> list[dict[str, Any]]:
    """Indicators in the order in which they entered, with weight, worst value and deviation."""
    columns = zip(index.indicators, index.weights, index.reference, index.deviations, strict=False)
    by_name = {name: {"name": name, "weight": w, "worst": r, "deviation": d} for name, w, r, d in columns}
    return [by_name[name] for name in index.entered if name in by_name]
