"""The worst blocks without investment, and spending where need is low: what is asked, and the rows that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from polygons.models import Block, City, Municipality, State
from polygons.variables import VARIABLES
from projects.services.spread import blocks_touched, spread_over_blocks
from reports.areas import Area
from reports.explorer.found import DOTS_FROM_DEGREES
from reports.explorer.grains import most_common
from reports.need import Ordering, Question, Sizes, sized, sizes_of

GAP, SPENT = "gap", "spent"
# A map of more points than this says nothing, and weighs more than its page.
MOST_POINTS = 1_000
# Degrees, about 200 m: so that a single block does not fill the map.
AROUND = 0.002
Rectangle = tuple[float, float, float, float]


class GapForm(forms.Form):
    """What is asked beside the place; every part has an answer of its own when the address is silent."""

    show = forms.ChoiceField(
        label=gettext_lazy("Look for"),
        choices=[(GAP, gettext_lazy("need without investment")), (SPENT, gettext_lazy("spending where need is low"))],
        widget=forms.RadioSelect,
    )
    variable = forms.ChoiceField(label=gettext_lazy("Need"))
    percent = forms.IntegerField(
        label=gettext_lazy("Part at the end, per cent of the dwellings"),
        min_value=1,
        max_value=50,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    years = forms.IntegerField(
        label=gettext_lazy("Fiscal years back, this one included"),
        min_value=1,
        max_value=20,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    vintage = forms.TypedChoiceField(label=gettext_lazy("Census"), coerce=int)
    state = forms.ModelChoiceField(State.objects.none(), label=gettext_lazy("State"), required=False)
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label=gettext_lazy("Municipality"), required=False
    )
    city = forms.ModelChoiceField(City.objects.none(), label=gettext_lazy("City"), required=False)

    defaults = {"show": GAP, "variable": "any", "percent": "10", "years": "3"}

    def __init__(self, asked: Any, *, area: Area, vintages: Sequence[int]) -> None:
        data = asked.copy()
        defaults = self.defaults | {"vintage": str(vintages[0]) if vintages else ""}
        for name, value in defaults.items():
            if name in self.base_fields and not data.get(name):
                data[name] = value
        for name in ("state", "municipality", "city"):
            place = getattr(area, name)
            data[name] = place.pk if place else ""
        super().__init__(data)
        self.fields["variable"].choices = [(variable.name, str(variable.label).capitalize()) for variable in VARIABLES]
        self.fields["vintage"].choices = [(str(vintage), str(vintage)) for vintage in vintages]
        self._offer_places(area)

    def _offer_places(self, area: Area) -> None:
        """States of the reader; municipalities and cities of the state chosen, so that no list is endless."""
        user = area.user
        states = State.objects.in_territory(user) if user.is_authenticated else State.objects.all()
        municipalities = Municipality.objects.visible_to(user)
        within = municipalities.filter(state=area.state) if area.state else municipalities.none()
        cities = City.objects.visible_to(user).filter(pk__in=Block.objects.visible_to(user).values("city"))
        if area.state:
            cities = cities.filter(pk__in=Block.objects.filter(municipality__state=area.state).values("city"))
        offered = {"state": states, "municipality": within, "city": cities.defer("point")}
        for name, places in offered.items():
            self.fields[name].queryset = places.order_by("name")
        self.fields["state"].empty_label = _("Whole nation") if not area.user.is_authenticated else _("All states")
        self.fields["municipality"].empty_label = _("All municipalities")
        self.fields["city"].empty_label = _("All cities")


@dataclass(frozen=True)
class Row:
    """A block: its deficit from `low` to `high` of `base` (or its value), dwellings, and pesos spent on it."""

    pk: int
    code: str
    municipality: str
    dwellings: int
    low: float
    high: float
    base: int | None
    amount: Decimal | None

    @property
    def value(self) -> float:
        return self.low / self.base if self.base else self.low


@dataclass(frozen=True)
class Gap(Question):
    """The answer to one question."""

    is_spent: bool

    @property
    def ordering(self) -> Ordering:
        return Ordering(self.area.blocks(self.vintage), self.variable, self.percent, from_best=self.is_spent)

    @property
    def sizes(self) -> Sizes:
        return sizes_of(self.ordering, next(figures for figures, *_row in self._answer if figures))

    @property
    def rows(self) -> list[Row]:
        """Worst first, or with most money first. Blocks of the worst part without any action, or, `is_spent`, blocks of
        the best part with some."""
        return [Row(*row) for _figures, *row in self._answer if row[0] is not None]

    @cached_property
    def _answer(self) -> list[tuple[Any, ...]]:
        """Blocks are put in order once: the sizes stand in the first row, which has no block where none is found."""
        variable = self.variable
        columns = (
            f"block.code, block.municipality_id, {variable.low} AS low, {variable.high} AS high,"
            f" {variable.base or 'NULL::integer'} AS of_which"
        )
        sizes, params = sized(self.ordering, blocks_touched(self.projects), columns)
        spread, more = spread_over_blocks(self.projects, onto=_FOUND_SPENT) if self.is_spent else ("", ())
        found, order = (_SPENT.format(spread=spread), "amount DESC") if self.is_spent else (_LEFT, "lowest DESC")
        with connection.cursor() as cursor:
            cursor.execute(_ANSWER.format(sizes=sizes, found=found, order=order), [*params, *more])
            return cursor.fetchall()


_LEFT = "SELECT reached.*, NULL::numeric AS amount FROM reached WHERE is_in AND NOT is_reached"
_FOUND_SPENT = "SELECT id FROM reached WHERE is_in AND is_reached"
_SPENT = f"""
    SELECT reached.*, spent.amount FROM reached
    JOIN (SELECT block_id, sum(amount) AS amount FROM ({{spread}}) AS spread GROUP BY block_id) AS spent
    ON spent.block_id = reached.id WHERE reached.id IN ({_FOUND_SPENT})
"""
_ANSWER = """
    {sizes}, found AS (
        SELECT row_number() OVER (ORDER BY {order}, weight DESC, code) AS place, found.* FROM ({found}) AS found
    )
    SELECT CASE WHEN coalesce(place, 1) = 1 THEN sized.sizes END,
           id, code, municipality_id, weight, low, high, of_which, amount
    FROM sized LEFT JOIN found ON true ORDER BY place
"""


@dataclass(frozen=True)
class Points:
    """GeoJSON of a point in each block drawn, in one geometry; what they extend over, in degrees; where a map
    opens."""

    shape: str = ""
    bounds: Rectangle | None = None
    opening: Rectangle | None = None


def points_of(rows: Sequence[Row]) -> Points:
    """Of the first MOST_POINTS blocks, as far as they have an outline; a map that would show mere dots of them all
    opens on the municipality with most."""
    drawn = rows[:MOST_POINTS]
    if not drawn:
        return Points()
    with connection.cursor() as cursor:
        cursor.execute(
            # One geometry: as features, in an attribute, a thousand would weigh more than the rest of the page.
            f"SELECT ST_AsGeoJSON(ST_Collect(point), 5), {_EDGES.format(box='ST_Extent(point)')},"
            f" {_EDGES.format(box='ST_Extent(point) FILTER (WHERE municipality_id = %s)')}"
            " FROM (SELECT ST_PointOnSurface(geometry) AS point, municipality_id FROM polygons_block"
            " WHERE id = ANY(%s) AND geometry IS NOT NULL) AS drawn",
            [*[most_common([row.municipality for row in drawn])] * 4, [row.pk for row in drawn]],
        )
        shape, *edges = cursor.fetchone()
    if shape is None:
        return Points()
    bounds = _around(*edges[:4])
    is_wide = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) >= DOTS_FROM_DEGREES
    return Points(shape, bounds, _around(*edges[4:]) if is_wide and edges[4] is not None else bounds)


_EDGES = "ST_XMin({box}), ST_YMin({box}), ST_XMax({box}), ST_YMax({box})"


def _around(west: float, south: float, east: float, north: float) -> Rectangle:
    return west - AROUND, south - AROUND, east + AROUND, north + AROUND
