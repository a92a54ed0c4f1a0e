"""How fairly money reaches need: per place, from blocks, by three figures that each page defines in words.

- spending per deprived dwelling: pesos spread over the place's blocks by the dwellings that lack, from at most to at
  least as many, since INEGI keeps some figures confidential;
- the part of the worst blocks' dwellings that stand in a block with some action;
- the concentration index: blocks with a certain figure in order from the most to the least deprived, x their share of
  dwellings and y of money, C = Σ (y_k + y_{k−1}) (x_k − x_{k−1}) − 1. It is 1 where all money goes to the most
  deprived, 0 where it goes to all alike, −1 where to the least deprived. (Kakwani, Wagstaff and van Doorslaer, 1997;
  here with the most deprived first, so that more than 0 favours them.)
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from polygons.models import Municipality, Polygon, State
from polygons.variables import VARIABLES
from projects.services.spread import spread_over_blocks
from reports.need import Ordering, Question

# Only of a share can one count who lacks.
MEASURED = tuple(variable for variable in VARIABLES if variable.is_share)
CURVE_POINTS = 200
# Level of a place → the key of the place below that a block lies in; empty text: in none of them.
BELOW = {
    "nation": "left(placed.municipality_id, 2)",
    "state": "placed.municipality_id",
    "city": "placed.municipality_id",
    "municipality": "coalesce(member.code, '')",
    "polygon": "''",
}
_MEMBERS = """
    SELECT held.block_id, min(polygon.code) AS code FROM polygons_polygonversion_blocks AS held
    JOIN polygons_polygonversion AS version ON version.id = held.polygonversion_id AND version.status = 'published'
    JOIN polygons_polygon AS polygon ON polygon.id = version.polygon_id
    WHERE polygon.municipality_id = %s GROUP BY held.block_id
"""


@dataclass(frozen=True)
class Fairness:
    """One place's figures; pesos, dwellings, and the concentration index, None where nothing was spent."""

    code: str
    name: str
    blocks: int
    dwellings: int
    deprived_low: int
    deprived_high: int
    spent: Decimal
    worst: int
    worst_reached: int
    # Dwellings in blocks whose figure is confidential: they are in no order.
    unordered: int
    concentration: float | None

    @property
    def least_each(self) -> Decimal | None:
        return self.spent / self.deprived_high if self.deprived_high else None

    @property
    def most_each(self) -> Decimal | None:
        return self.spent / self.deprived_low if self.deprived_low else None

    @property
    def reached(self) -> float | None:
        """Share, 0 to 1, of the worst blocks' dwellings."""
        return self.worst_reached / self.worst if self.worst else None


@dataclass(frozen=True)
class Equity(Question):
    """The figures of one place and of those below it."""

    @cached_property
    def _answer(self) -> list[tuple[Any, ...]]:
        level = self.area.level
        columns = f"block.municipality_id, {self.variable.low} AS low, {self.variable.high} AS high"
        placed, params = Ordering(self.area.blocks(self.vintage), self.variable, self.percent).classified(columns)
        spread, more = spread_over_blocks(self.projects)
        members = f"LEFT JOIN ({_MEMBERS}) AS member ON member.block_id = placed.id" if level == "municipality" else ""
        own = [self.area.code] if members else []
        with connection.cursor() as cursor:
            cursor.execute(
                _FAIRNESS.format(placed=placed, spread=spread, below=BELOW[level], members=members),
                [*params, *more, *own],
            )
            return cursor.fetchall()

    @cached_property
    def whole(self) -> Fairness:
        row = next(row for row in self._answer if row[0])
        return Fairness(self.area.code, self.area.label, *row[2:-2])

    @cached_property
    def curve(self) -> list[tuple[float, float]]:
        """Share of dwellings, from the most deprived on, and of money: (0, 0) to (1, 1); empty without money."""
        xs, ys = next(row[-2:] for row in self._answer if row[0])
        points = [(x, y) for x, y in zip(xs or [], ys or [], strict=True) if y is not None]
        every = max(len(points) // CURVE_POINTS, 1)
        kept = points[:-1:every] + points[-1:]
        return [(0.0, 0.0), *kept] if kept else []

    @cached_property
    def parts(self) -> list[Fairness]:
        """The places one level down that have an inhabited block, by key."""
        rows = [row for row in self._answer if not row[0]] if self.area.level != "polygon" else []
        names = self._names({row[1] for row in rows})
        return [Fairness(row[1], names.get(row[1], row[1]), *row[2:-2]) for row in sorted(rows, key=lambda row: row[1])]

    def _names(self, codes: set[str]) -> dict[str, str]:
        if self.area.level == "municipality":
            named = Polygon.objects.filter(code__in=codes).values_list("code", "name")
            return dict(named) | {"": _("in no Habitat Polygon")}
        model = State if self.area.level == "nation" else Municipality
        return dict(model.objects.filter(pk__in=codes).values_list("pk", "name"))


_FAIRNESS = """
    {placed}, spent AS (
        SELECT block_id, sum(amount) AS amount FROM ({spread}) AS spread GROUP BY block_id
    ), paid AS MATERIALIZED (
        SELECT placed.*, {below} AS place, spent.amount FROM placed
        LEFT JOIN spent ON spent.block_id = placed.id {members}
    ), known_value AS (
        SELECT place, grouping(place) AS is_whole, lowest, sum(weight)::float8 AS weight,
               coalesce(sum(amount), 0)::float8 AS amount
        FROM paid WHERE lowest = highest GROUP BY GROUPING SETS ((lowest), (place, lowest))
    ), running AS (
        SELECT place, is_whole, lowest, weight / sum(weight) OVER whole AS width,
               sum(weight) OVER so_far / sum(weight) OVER whole AS x,
               sum(amount) OVER so_far / nullif(sum(amount) OVER whole, 0) AS y,
               amount / nullif(sum(amount) OVER whole, 0) AS step
        FROM known_value
        WINDOW whole AS (PARTITION BY is_whole, place),
               so_far AS (PARTITION BY is_whole, place ORDER BY lowest DESC)
    ), concentrated AS (
        SELECT is_whole, place, sum(width * (2 * y - step)) - 1 AS concentration,
               CASE WHEN is_whole = 1 THEN array_agg(x ORDER BY lowest DESC) END AS xs,
               CASE WHEN is_whole = 1 THEN array_agg(y ORDER BY lowest DESC) END AS ys
        FROM running GROUP BY is_whole, place
    ), summed AS (
        SELECT grouping(place) AS is_whole, place, count(*) AS blocks, coalesce(sum(weight), 0) AS dwellings,
               coalesce(sum(low), 0) AS low, coalesce(sum(high), 0) AS high, coalesce(sum(amount), 0) AS spent,
               coalesce(sum(weight) FILTER (WHERE is_in), 0) AS worst,
               coalesce(sum(weight) FILTER (WHERE is_in AND amount IS NOT NULL), 0) AS reached,
               coalesce(sum(weight) FILTER (WHERE lowest IS DISTINCT FROM highest OR lowest IS NULL), 0) AS unordered
        FROM paid GROUP BY GROUPING SETS ((), (place))
    )
    SELECT summed.is_whole = 1, summed.place, blocks, dwellings, low, high, spent, worst, reached, unordered,
           concentration, xs, ys
    FROM summed LEFT JOIN concentrated
      ON concentrated.is_whole = summed.is_whole AND concentrated.place IS NOT DISTINCT FROM summed.place
"""
