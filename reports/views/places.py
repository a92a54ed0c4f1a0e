"""Places by their keys, what does not resolve, how keys drifted, and one place over the censuses."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.charts import Bar, BarChart
from habitat.lib.lists import Listing, listed
from habitat.lib.spreadsheets import csv_response, xlsx_response
from habitat.lib.templatetags.portal import number, percent_range, share_of
from polygons import orphans, places
from polygons.comparison import Comparison, Figure, compare
from polygons.concepts import INDICATOR_BY_NAME, Vintage
from polygons.models import KeyChange, Polygon, State
from polygons.places import Place
from reports.links import with_changes
from reports.place_forms import ComparisonForm, EquivalenceForm, OrphanForm
from reports.place_tables import ChildTable, EquivalenceTable, OrphanTable

PER_PAGE = 25
FORMATS = {"csv": csv_response, "xlsx": xlsx_response}


def _exports(request: HttpRequest) -> list[dict[str, str]]:
    return [{"label": name.upper(), "url": with_changes(request, format=name)} for name in FORMATS]


@login_not_required
@require_safe
@listed
def place_detail(request: HttpRequest, level: str, code: str) -> Listing | HttpResponse:
    """A municipality, locality, AGEB or block (or state) at one census (`?vintage=2010`), the newest unless asked.

    Its list is of the places right below.
    """
    place = places.find(request.user, level, code) if level in places.LENGTHS else None
    if place is None:
        raise Http404
    vintages = places.vintages_of(place)
    vintage = next(
        (v for v in vintages if str(v.year) == request.GET.get("vintage")), vintages[0] if vintages else None
    )
    children = places.children_of(place, vintage)
    if vintage is None or children is None:
        return render(request, "polygons/place_detail.html", _place(request, place, vintages, vintage))
    return Listing(
        ChildTable(children, place=place, vintage=vintage, request=request),
        f"{code}-{vintage.year}",
        "polygons/place_detail.html",
        words=[(place.level_name, f"{place.code} {place.name}"), (_("Census"), vintage.year)],
        per_page=PER_PAGE,
        context=lambda: _place(request, place, vintages, vintage),
    )


def _place(request: HttpRequest, place: Place, vintages: list[Vintage], vintage: Vintage | None) -> dict[str, Any]:
    context: dict[str, Any] = {"place": place, "vintages": vintages, "vintage": vintage}
    if vintage:
        sums, row = places.sums_of(place, vintage), places.row_of(place, vintage)
        context |= {
            "sums": sums,
            "row": row,
            "counts": places.counts_of(place, vintage, sums, row),
            "poverty": places.poverty_of(place, vintage),
        }
    return context | {
        "polygons": places.polygons_of(place, request.user).select_related("municipality")[:PER_PAGE],
        "changes": places.changes_of(place),
        "context_figures": places.context_of(request.user, place.level, place.code, place.municipality or place.code),
    }


@login_not_required
@require_safe
@listed
def unresolved(request: HttpRequest) -> Listing:
    """Blocks, outlines, AGEBs, localities and polygons that lack a part of their place, by what they lack."""
    states = State.objects.visible_to(request.user)
    form = OrphanForm(request.GET or None, states=states)
    state = form.cleaned_data["state"] if form.is_bound and form.is_valid() else None
    of_state = state.pk if state else ""
    counted = [(gap, orphans.found(gap, request.user, of_state).count()) for gap in orphans.ORPHANS]
    first = next((gap for gap, count in counted if count), orphans.ORPHANS[0])
    gap = orphans.ORPHANS_BY_NAME.get(form.data.get("kind", ""), first)
    rows = orphans.found(gap, request.user, of_state)
    return Listing(
        OrphanTable(rows, gap=gap, request=request),
        f"sin-resolver-{gap.name}",
        "polygons/unresolved.html",
        filter=form,
        words=[(_("What is missing"), gap.label), (_("Why"), gap.why)],
        per_page=PER_PAGE,
        context=lambda: {
            "form": form,
            "gap": gap,
            "kinds": [
                {"gap": kind, "count": count, "url": with_changes(request, kind=kind.name, sort=None)}
                for kind, count in counted
            ],
            "nothing": not any(count for _gap, count in counted),
        },
    )


@login_not_required
@require_safe
@listed
def equivalences(request: HttpRequest) -> Listing:
    """Which old key is which new one, since when: a catalogue, the same for everybody."""
    form = EquivalenceForm(request.GET or None)
    rows = KeyChange.objects.order_by("-valid_from", "level", "old_code")
    if form.is_bound and form.is_valid():
        if form.cleaned_data["level"]:
            rows = rows.filter(level=form.cleaned_data["level"])
        if key := form.cleaned_data["key"]:
            rows = rows.filter(Q(old_code__startswith=key) | Q(new_code__startswith=key))
    table = EquivalenceTable(rows)
    if not KeyChange.objects.exists():
        table.empty_text = _("No equivalence is loaded yet. The program unit loads INEGI's with import_key_changes.")
    return Listing(
        table,
        "equivalencias",
        "polygons/equivalences.html",
        filter=form,
        per_page=PER_PAGE,
        context=lambda: {"form": form},
    )


@login_not_required
@require_safe
def comparison(request: HttpRequest) -> HttpResponseBase:
    """One indicator of one municipality, AGEB, polygon or block over the censuses."""
    form = ComparisonForm(request.GET or None, user=request.user)
    context: dict[str, Any] = {"form": form}
    status = 200
    if form.is_bound and form.is_valid():
        level, code = form.cleaned_data["level"], form.cleaned_data["code"]
        found = _compared(request.user, level, code, form.cleaned_data["indicator"])
        if found is None:
            form.add_error("code", _("There is no such place in your territory."))
        elif request.GET.get("format") in FORMATS:
            return FORMATS[request.GET["format"]](f"comparacion-{code}", _figure_header(), _figure_cells(found[0]))
        else:
            result, name, url = found
            context |= {"comparison": result, "name": name, "place_url": url, "chart": _chart(result)}
            context |= {"level": level, "code": code, "exports": _exports(request)}
    if form.is_bound and form.errors:
        status = 400
    return render(request, "polygons/comparison.html", context, status=status)


def _compared(user: Any, level: str, code: str, indicator: str) -> tuple[Comparison, str, str] | None:
    """The figures, the place's name and the place's address."""
    if level == "polygon":
        polygon = Polygon.objects.visible_to(user).filter(code=code).first()
        version = polygon and polygon.versions.visible_to(user).current().first()
        if not polygon or not version:
            return None
        result = compare(level=level, code=code, indicator=indicator, version=version)
        return result, polygon.name, reverse("polygons:detail", args=[code])
    place = places.find(user, level, code)
    if place is None:
        return None
    result = compare(level=level, code=code, indicator=indicator)
    return result, place.name, reverse("polygons:place", args=[level, code])


def _chart(result: Comparison) -> BarChart | None:
    """Shares for deficits, persons for the rest; only what may be compared."""
    figures = result.comparable
    if not figures:
        return None
    bars = [_bar(result, figure) for figure in figures]
    return BarChart(str(result.indicator.label).capitalize(), bars, unit=" %" if result.indicator.is_deficit else "")


def _bar(result: Comparison, figure: Figure) -> Bar:
    low, high = figure.low, figure.high
    if low is None or high is None:
        low = high = figure.total or 0
    base = figure.base or figure.total_base
    if result.indicator.is_deficit:
        if not base:
            return Bar(str(figure.vintage.year), 0, "—")
        return Bar(str(figure.vintage.year), share_of(low, base), percent_range(low, high, base), share_of(high, base))
    return Bar(str(figure.vintage.year), low, number(low))


def _figure_header() -> list[str]:
    return [
        _("Census"), _("INEGI's column"), _("Concept"), _("Blocks: at least"), _("Blocks: at most"),
        _("Denominator"), _("Denominator's column"), _("INEGI's total row"), _("Denominator of the total row"),
        _("Blocks"), _("Blocks with confidential figures"), _("Keys"), _("Why not"),
    ]  # fmt: skip


def _figure_cells(result: Comparison) -> Iterator[list[Any]]:
    for figure in result.figures:
        vintage: Vintage = figure.vintage
        yield [
            vintage.year, figure.column, str(INDICATOR_BY_NAME[result.indicator.name].concept), figure.low, figure.high,
            figure.base, vintage.denominator, figure.total, figure.total_base, figure.blocks, figure.masked,
            ", ".join(figure.codes), figure.refusal,
        ]  # fmt: skip
