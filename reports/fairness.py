"""What a dashboard says of equity: the figures of the equity page for one place and year, reckoned once an hour."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse

from polygons.variables import VARIABLE_BY_NAME
from reports.areas import Area
from reports.equity import Equity, Fairness

if TYPE_CHECKING:
    from reports.indicators import Figures

HOUR_S = 3600
# What the equity page asks when nothing is chosen.
VARIABLE, PERCENT = VARIABLE_BY_NAME["any"], 10


def fairness_of(figures: "Figures") -> Fairness | None:
    """None of a single work, and where no census is."""
    scope, vintage = figures.scope, figures.vintage
    if scope.project or not vintage:
        return None
    area = Area(figures.user, scope.state, scope.municipality, None, scope.polygon)

    def reckon() -> Fairness:
        year = figures.year
        return Equity(area, VARIABLE, vintage, PERCENT, first_year=year, last_year=year).whole

    # Approved works are the same for everybody who may open the place.
    return cache.get_or_set(f"fairness:{scope.code}:{figures.year}:{vintage}", reckon, HOUR_S)


def equity_links(figures: "Figures") -> dict[str, str]:
    """Where the page loads its panel from, and the equity page of the same place."""
    scope = figures.scope
    if scope.project:
        return {}
    places = {"state": scope.state, "municipality": scope.municipality, "polygon": scope.polygon}
    chosen = {name: place.code for name, place in places.items() if place}
    part = {"place": scope.code, "year": figures.year}
    return {
        "equity_url": f"{reverse('polygons:equity')}?{urlencode(chosen)}",
        "equity_part": f"{reverse('reports:equity-part')}?{urlencode(part)}",
    }
