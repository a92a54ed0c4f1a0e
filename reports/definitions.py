"""What the kept sums are the sums of: the plain queries over every row, and how an action weighs.

Progress of works that cost differently is added up in pesos' worth; a plan is the projects' own calendar.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import (
    Count,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Round

from projects.models import Action, Contribution, ProgressLine, ProgressSpending, Project, Source
from reports.kept import Cell, LedgerKey
from reports.periods import Month

if TYPE_CHECKING:
    from reports.indicators import Figures

PESOS = DecimalField(max_digits=18, decimal_places=2)
SHARE = DecimalField(max_digits=9, decimal_places=6)
MONTHS = range(1, 13)
# Of an entry, within its fiscal year.
MONTH_OF = Func(F("fiscal_year"), F("on"), function="projects_month_of", output_field=IntegerField())
# By modality and status.
Cells = dict[tuple[str, str], Cell]


def part_of_month(day: date) -> Decimal:
    """Of the month that a day lies in, the part (0 to 1) that has passed at its end."""
    return round(Decimal(day.day) / Month.of(day).last_day.day, 6)


def planned_share(day: date) -> Combinable:
    """The part (0 to 1) of a project's own calendar that has passed at the end of a day; 0 where it has no dates.

    Between two month ends it grows evenly, so that sums kept at month ends tell every day.
    """
    month = Month.of(day)
    before, end = (_share_at(at) for at in (month.previous.last_day, month.last_day))
    return before + (end - before) * Value(part_of_month(day), output_field=SHARE)


def _share_at(day: date) -> Func:
    arguments = (F("project__starts_on"), F("project__ends_on"), Value(day, DateField()))
    return Func(*arguments, function="projects_planned_share", output_field=SHARE)


def weighed(actions: QuerySet[Action], accepted: Q, day: date) -> QuerySet[Action]:
    contributions = Contribution.objects.filter(action=OuterRef("pk"))
    lines = ProgressLine.objects.filter(accepted, action=OuterRef("pk"))
    return actions.annotate(cost=_total(contributions, "amount"), measured=_total(lines, "quantity")).annotate(
        done=Round(F("cost") * F("measured") / F("quantity"), 2, output_field=PESOS),
        planned=ExpressionWrapper(F("cost") * planned_share(day), output_field=PESOS),
    )


def _total(rows: QuerySet, field: str) -> Coalesce:
    total = Subquery(rows.order_by().values("action").annotate(total=Sum(field)).values("total"))
    return Coalesce(total, Decimal(0), output_field=PESOS)


class AddedUp:
    """The definition of what triggers keep: every row the reader may see, added up by plain queries."""

    def __init__(self, figures: "Figures") -> None:
        self.figures = figures

    @property
    def cells(self) -> list[Cell]:
        figures = self.figures
        mine = Project.objects.visible_to(figures.user).filter(figures.scope.places(), fiscal_year=figures.year)
        counts = mine.order_by().values_list("modality", "status").annotate(count=Count("pk"))
        cells = {(modality, status): Cell(modality, status, count) for modality, status, count in counts}
        for cell in cells.values():
            cell.cost = dict.fromkeys(Source.values, Decimal(0))
            cell.spent = {source: [Decimal(0)] * 12 for source in Source.values}
        self._cost(cells, mine)
        self._spent(cells, mine)
        self._progress(cells, mine)
        return [cells[key] for key in sorted(cells)]

    def _cost(self, cells: Cells, mine: QuerySet[Project]) -> None:
        of = ("action__project__modality", "action__project__status", "source")
        rows = Contribution.objects.filter(action__project__in=mine).order_by().values_list(*of)
        for modality, status, source, total in rows.annotate(total=Sum("amount")):
            cells[modality, status].cost[source] = total

    def _spent(self, cells: Cells, mine: QuerySet[Project]) -> None:
        of = ("report__project__modality", "report__project__status", "source")
        for month in MONTHS:
            accepted = ProgressSpending.objects.filter(self.figures.progress_up_to(month), report__project__in=mine)
            for modality, status, source, total in accepted.order_by().values_list(*of).annotate(total=Sum("amount")):
                cells[modality, status].spent[source][month - 1] = total

    def _progress(self, cells: Cells, mine: QuerySet[Project]) -> None:
        year, actions = self.figures.year, Action.objects.filter(project__in=mine)
        of = ("project__modality", "project__status")
        for modality, status, total in actions.order_by().values_list(*of).annotate(total=Sum("households")):
            cells[modality, status].households = total
        for month in range(13):
            end = Month(year, month).last_day if month else date(year - 1, 12, 31)
            rows = weighed(actions, self.figures.progress_up_to(month or 1), end).order_by().values_list(*of)
            for modality, status, done, planned in rows.annotate(Sum("done"), Sum("planned")):
                cells[modality, status].planned[month] = planned
                if month:
                    cells[modality, status].reached[month - 1] = done

    @property
    def money(self) -> dict[LedgerKey, Decimal]:
        entries = self.figures.entries_of_the_year.order_by().annotate(at=MONTH_OF)
        rows = entries.values_list("moment", "source", "modality", "at").annotate(total=Sum("amount"))
        return {tuple(key): total for *key, total in rows}
