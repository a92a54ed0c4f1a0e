"""Which blocks of a place are the worst, or the best, off: the rule that pages about gaps and equity share.

Blocks are ordered by a variable of need. The worst N per cent are the blocks that, from the worst down, hold N per cent
of the dwellings (`base`) whose value is known for certain; blocks alike enter together, so that it may be more. A block
whose value INEGI keeps confidential lies in a range: it belongs where its whole range does, stays out where none of it
does, and is unknown in between. It counts neither as zero nor as worst. A share of zero is never among the worst.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from polygons.models import Block
from polygons.variables import Variable
from projects.models import Project
from reports.areas import Area

Sql = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Question:
    """Need and money in one place. `first_year` to `last_year` are the fiscal years whose projects count."""

    area: Area
    variable: Variable
    vintage: int
    percent: int
    first_year: int
    last_year: int

    @property
    def projects(self) -> QuerySet[Project]:
        """All that may touch the place's blocks; the block, not the project's polygon, says where money went."""
        visible = Project.objects.visible_to(self.area.user).approved()
        return visible.filter(fiscal_year__gte=self.first_year, fiscal_year__lte=self.last_year)


@dataclass(frozen=True)
class Ordering:
    """Blocks in the order of `variable`, from the worst (or, `from_best`, the best) on, cut at `percent`."""

    blocks: QuerySet[Block]
    variable: Variable
    percent: int
    from_best: bool = False

    def keyed(self, columns: str = "") -> Sql:
        """Inhabited blocks: id, weight (dwellings), and the ends of what orders them, the first ones highest."""
        sql, params = self.blocks.order_by().query.sql_with_params()
        sign = 1 if self.variable.is_worse_high != self.from_best else -1
        value, highest = f"{sign} * {self.variable.value}", f"{sign} * {self.variable.highest}"
        source = self.variable.blocks.replace("polygons_block AS block", f"({sql}) AS block", 1)
        more = f", {columns}" if columns else ""
        return (
            f"SELECT block.id, block.base AS weight, least({value}, {highest}) AS lowest,"
            f" greatest({value}, {highest}) AS highest{more} FROM {source} WHERE block.base > 0",
            params,
        )

    @property
    def _is_in(self) -> str:
        # Who lacks nothing is not among the worst, however few lack something.
        floor = " AND lowest > 0" if self.variable.is_share and not self.from_best else ""
        return f"(lowest >= cut.cut{floor})"

    @property
    def _is_open(self) -> str:
        floor = " AND highest > 0" if self.variable.is_share and not self.from_best else ""
        return f"(highest >= cut.cut{floor} AND NOT {self._is_in})"

    def classified(self, columns: str = "") -> Sql:
        """CTEs for a query: `keyed`, `cut` (one row: cut, total) and `placed`, which adds is_in and is_open."""
        keyed, params = self.keyed(columns)
        return (
            f"""
            WITH keyed AS MATERIALIZED ({keyed}),
            known AS (SELECT lowest AS key, sum(weight) AS weight FROM keyed WHERE lowest = highest GROUP BY lowest),
            ordered AS (
                SELECT key, sum(weight) OVER (ORDER BY key DESC) - weight AS before, sum(weight) OVER () AS total
                FROM known
            ),
            cut AS (SELECT min(key) AS cut, max(total) AS total FROM ordered WHERE before * 100 < total * %s),
            placed AS (
                SELECT keyed.*, coalesce({self._is_in}, false) AS is_in, coalesce({self._is_open}, false) AS is_open
                FROM keyed CROSS JOIN cut
            )
            """,
            (*params, self.percent),
        )


@dataclass(frozen=True)
class Sizes:
    """Blocks and dwellings: all inhabited, with a value known for certain, without any, in the part asked for, that may
    belong to it, and of those in it that a project touched. `cut` is the variable's value where the part begins."""

    cut: float | None
    blocks: int
    dwellings: int
    exact_blocks: int
    exact_dwellings: int
    void_blocks: int
    void_dwellings: int
    in_blocks: int
    in_dwellings: int
    open_blocks: int
    open_dwellings: int
    reached_blocks: int
    reached_dwellings: int


_PARTS = {
    "": "true",
    "exact_": "lowest = highest",
    "void_": "lowest IS NULL",
    "in_": "is_in",
    "open_": "is_open",
    "reached_": "is_in AND is_reached",
}


def sized(ordering: Ordering, touched: Sql, columns: str = "") -> Sql:
    """CTEs for a query: those of `Ordering.classified`, `reached`, which adds is_reached to `placed`, and `sized`, one
    row with what `sizes_of` reads. `touched` selects the block_id of blocks with an action."""
    placed, params = ordering.classified(columns)
    counts = ", ".join(
        f"count(*) FILTER (WHERE {sql}), coalesce(sum(weight) FILTER (WHERE {sql}), 0)" for sql in _PARTS.values()
    )
    return (
        f"""
        {placed}, reached AS MATERIALIZED (
            SELECT placed.*, touched.block_id IS NOT NULL AS is_reached FROM placed
            LEFT JOIN ({touched[0]}) AS touched ON touched.block_id = placed.id
        ), sized AS (SELECT ARRAY[(SELECT cut FROM cut), {counts}]::float8[] AS sizes FROM reached)
        """,
        (*params, *touched[1]),
    )


def sizes_of(ordering: Ordering, figures: Sequence[float | None]) -> Sizes:
    """From the one row of `sized`."""
    cut, *counts = figures
    sign = 1 if ordering.variable.is_worse_high != ordering.from_best else -1
    return Sizes(None if cut is None else sign * cut, *(int(count or 0) for count in counts))
