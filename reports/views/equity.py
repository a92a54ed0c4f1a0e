"""How fairly money reaches need, from the nation down to a polygon; the address holds the whole question."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.lists import Listing, listed
from habitat.lib.plots import Curve
from habitat.lib.templatetags.portal import money
from polygons.variables import VARIABLE_BY_NAME
from projects.services.spread import placeless_money
from reports.areas import Area, area_of
from reports.equity import MEASURED, Equity
from reports.equity_tables import EquityTable, between
from reports.gaps import GapForm
from reports.links import with_changes
from reports.views.gaps import vintages

PER_PAGE = 50
# The part of the address that a place below is named by.
BELOW = {"nation": "state", "state": "municipality", "city": "municipality", "municipality": "polygon"}


class EquityForm(GapForm):
    """The same question without a direction; of a polygon, its key goes along."""

    show = None
    polygon = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Any, *, area: Area, **kwargs: Any) -> None:
        super().__init__(asked, area=area, **kwargs)
        self.fields["variable"].choices = [(one.name, str(one.label).capitalize()) for one in MEASURED]


@login_not_required
@require_safe
@listed
def equity(request: HttpRequest) -> Listing | HttpResponse:
    area, known = area_of(request.user, request.GET), vintages()
    form = EquityForm(request.GET, area=area, vintages=known)
    if not form.is_valid():
        return render(request, "polygons/equity.html", {"form": form, "area": area}, status=400 if known else 200)
    last = timezone.localdate().year
    figures = Equity(
        area=area,
        variable=VARIABLE_BY_NAME[form.cleaned_data["variable"]],
        vintage=form.cleaned_data["vintage"],
        percent=form.cleaned_data["percent"],
        first_year=last - form.cleaned_data["years"] + 1,
        last_year=last,
    )

    def address(code: str) -> str | None:
        return with_changes(request, **{BELOW[area.level]: code}) if code else None

    return Listing(
        EquityTable(figures.parts, address=address, has_shapes=area.level == "municipality"),
        "equidad",
        "polygons/equity.html",
        filter=form,
        words=[(_("Place"), area.label)],
        per_page=PER_PAGE,
        context=lambda: _page(request, form, figures),
    )


def _page(request: HttpRequest, form: EquityForm, figures: Equity) -> dict[str, object]:
    whole = figures.whole
    of_area = figures.area.projects().filter(fiscal_year__gte=figures.first_year, fiscal_year__lte=figures.last_year)
    nowhere, elsewhere = placeless_money(of_area, figures.vintage)
    return {
        "form": form,
        "area": figures.area,
        "equity": figures,
        "whole": whole,
        "each": between(whole.least_each, whole.most_each, money),
        "curve": _curve(figures),
        "wider": _wider(request, figures.area),
        "nowhere": nowhere,
        "elsewhere": elsewhere,
    }


def _curve(figures: Equity) -> Curve | None:
    if not figures.curve:
        return None
    return Curve(
        title=_("Concentration of money by deprivation"),
        points=figures.curve,
        x_label=_("dwellings, the most deprived first"),
        y_label=_("money"),
    )


def _wider(request: HttpRequest, area: Area) -> list[tuple[str, str]]:
    """Name and address of the places round this one that the reader may see whole."""
    user, steps = area.user, []
    sees_all = user.is_anonymous or user.sees_the_nation
    gone = {"polygon": None, "city": None, "municipality": None, "sort": None}
    if sees_all and area.level != "nation":
        steps.append((_("National level"), with_changes(request, **gone, state=None)))
    if area.state and area.level != "state" and (sees_all or user.state_id):
        steps.append((area.state.name, with_changes(request, **gone, state=area.state.pk)))
    if area.polygon and area.municipality:
        address = with_changes(request, polygon=None, municipality=area.municipality.pk, state=area.state.pk)
        steps.append((area.municipality.name, address))
    return steps
