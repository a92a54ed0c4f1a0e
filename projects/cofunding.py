"""The co-funding matrix: what each source pays of each action in each year; every page, paper and file shows it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from habitat.lib.charts import SourceSplit
from projects.models import Action, Contribution, ProgressSpending, Source

Key = tuple[str, int]
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Matrix:
    """Pesos by action, source and year. `columns` are (source, year): the fiscal year's four, then what is later."""

    first_year: int
    actions: list[Action]
    cells: dict[int, dict[Key, Decimal]] = field(default_factory=dict)

    @property
    def columns(self) -> list[Key]:
        used = {key for cells in self.cells.values() for key, amount in cells.items() if amount}
        years = sorted({self.first_year, *(year for _source, year in used)})
        return [
            (source, year)
            for year in years
            for source in Source.values
            if year == self.first_year or (source, year) in used
        ]

    @property
    def headings(self) -> list[tuple[str, int]]:
        return [(str(Source(source).label), year) for source, year in self.columns]

    @property
    def rows(self) -> Iterator[tuple[Action, list[Decimal], Decimal]]:
        """(action, pesos of each column, its cost)."""
        for action in self.actions:
            cells = self.cells[action.pk]
            yield action, [cells.get(key, NOTHING) for key in self.columns], sum(cells.values(), NOTHING)

    @property
    def sums(self) -> list[Decimal]:
        return [sum((cells.get(key, NOTHING) for cells in self.cells.values()), NOTHING) for key in self.columns]

    @property
    def total(self) -> Decimal:
        return sum((amount for cells in self.cells.values() for amount in cells.values()), NOTHING)

    @property
    def by_source(self) -> SourceSplit:
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for cells in self.cells.values():
            for (source, _year), amount in cells.items():
                amounts[source] += amount
        return SourceSplit(amounts)

    @property
    def is_multi_year(self) -> bool:
        return any(year != self.first_year for _source, year in self.columns)


def matrix_of(first_year: int, actions: Iterable[Action]) -> Matrix:
    """Of actions of one project with their contributions at hand; `first_year` is the project's fiscal year."""
    found = list(actions)
    return Matrix(first_year, found, {action.pk: _cells(first_year, action.contributions.all()) for action in found})


def _cells(first_year: int, rows: Iterable[Contribution]) -> dict[Key, Decimal]:
    cells: dict[Key, Decimal] = defaultdict(Decimal)
    for row in rows:
        cells[row.source, first_year + row.years_later] += row.amount
    return dict(cells)


def by_source(rows: Iterable[Contribution | ProgressSpending]) -> dict[str, Decimal]:
    """Pesos of each source over all years; a source nobody wrote down is absent."""
    amounts: dict[str, Decimal] = {}
    for row in rows:
        amounts[row.source] = amounts.get(row.source, NOTHING) + row.amount
    return amounts
