"""The sums that triggers keep, as a reader may see them: the same cells that the plain queries of `indicators` give."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, DecimalField, QuerySet, Sum

from habitat.lib.charts import SOURCES
from projects.models import LedgerTotal, PlaceTotal, Project, ProjectTotal
from projects.workflow import PUBLIC
from reports.scopes import Scope

NOTHING = Decimal(0)
MONTHS = range(1, 13)
# Level of a place → that of the places in it.
BELOW = {"nation": "state", "state": "municipality", "municipality": "polygon"}
# Money of one month: moment, source, modality (None where an entry names none), month.
LedgerKey = tuple[str, str, str | None, int]


@dataclass
class Cell:
    """One modality and status of a place. Lists run on from January (index 0) to December; `planned` begins with the
    day before the year. Pesos.
    """

    modality: str
    status: str
    projects: int = 0
    households: int = 0
    cost: dict[str, Decimal] = field(default_factory=dict)
    spent: dict[str, list[Decimal]] = field(default_factory=dict)
    reached: list[Decimal] = field(default_factory=lambda: [NOTHING] * 12)
    planned: list[Decimal] = field(default_factory=lambda: [NOTHING] * 13)

    @property
    def whole(self) -> Decimal:
        return sum(self.cost.values(), NOTHING)


class SumOfEach(Aggregate):
    """Element by element over the rows, as one array: one expression each would take longer than the rows."""

    def __init__(self, name: str, size: int) -> None:
        elements = ", ".join(f"sum((%(expressions)s)[{at}])" for at in range(1, size + 1))
        super().__init__(name, output_field=ArrayField(DecimalField()), template=f"ARRAY[{elements}]")


_RUNS = {**{f"spent_{source}": 12 for source in SOURCES}, "reached": 12, "planned": 13}


def _names() -> dict[str, Any]:
    """Name of a sum → what it adds up."""
    plain = {name: Sum(name) for name in ("projects", "households", *(f"cost_{source}" for source in SOURCES))}
    runs = {name: SumOfEach(name, size) for name, size in _RUNS.items()}
    return {f"all_{name}": total for name, total in (plain | runs).items()}


_TOTALS = _names()
# What a table of places shows of each; spending by month is not in it.
_OF_PARTS = {name: total for name, total in _TOTALS.items() if not name.startswith("all_spent")}


def _cell(row: dict[str, Any]) -> Cell:
    return Cell(
        modality=row["modality"],
        status=row["status"],
        projects=row["all_projects"],
        households=row["all_households"],
        cost={source: row[f"all_cost_{source}"] for source in SOURCES},
        spent={source: row[f"all_spent_{source}"] for source in SOURCES if f"all_spent_{source}" in row},
        reached=row["all_reached"],
        planned=row["all_planned"],
    )


def _rows(kept: QuerySet, scope: Scope, user) -> QuerySet:
    """Of the place; who sees a part of it alone gets the municipalities that add up to what they see."""
    kept = kept.visible_to(user)
    if scope.polygon:
        return kept.filter(level="polygon", polygon=scope.polygon)
    if scope.municipality:
        return kept.filter(level="municipality", municipality=scope.municipality)
    level = (
        ("state" if scope.state else "nation") if not user.is_authenticated or user.sees_the_nation else "municipality"
    )
    kept = kept.filter(level=level)
    return kept.filter(state=scope.state) if scope.state else kept


def cells(scope: Scope, year: int, user) -> list[Cell]:
    """By modality and status. One query."""
    if scope.project:
        return _of_project(scope.project, user)
    rows = _rows(PlaceTotal.objects.filter(fiscal_year=year), scope, user)
    found = rows.order_by("modality", "status").values("modality", "status").annotate(**_TOTALS)
    return [_cell(row) for row in found if row["all_projects"]]


def _of_project(project: Project, user) -> list[Cell]:
    kept = ProjectTotal.objects.filter(project__in=Project.objects.visible_to(user).filter(pk=project.pk)).first()
    if not kept:
        return []
    return [
        Cell(
            modality=kept.modality_id,
            status=kept.status,
            projects=1,
            households=kept.households,
            cost={source: getattr(kept, f"cost_{source}") for source in SOURCES},
            spent={source: getattr(kept, f"spent_{source}") for source in SOURCES},
            reached=kept.reached,
            planned=kept.planned,
        )
    ]


def cells_below(
    scope: Scope, year: int, user, statuses: Iterable[str], key: str | None = None
) -> dict[Any, list[Cell]]:
    """Key of each place one level down (or of `key`'s) → its cells by modality, all these statuses together."""
    key = key or BELOW[scope.level]
    sees_all = not user.is_authenticated or user.sees_the_nation
    level = "municipality" if key == "state" and not sees_all else key
    rows = PlaceTotal.objects.visible_to(user).filter(fiscal_year=year, status__in=list(statuses))
    rows = rows.filter(level=level)
    if scope.level != "nation":
        rows = rows.filter(**{scope.level: scope.place.pk})
    found: dict[Any, list[Cell]] = {}
    for row in rows.order_by(key).values(key, "modality").annotate(**_OF_PARTS):
        if row["all_projects"]:
            found.setdefault(row[key], []).append(_cell(row | {"status": ""}))
    return found


def polygons_with_works(scope: Scope, year: int, user) -> QuerySet:
    """Keys of the polygons in a nation, state or municipality that have an approved project."""
    rows = PlaceTotal.objects.visible_to(user).filter(level="polygon", fiscal_year=year)
    if user.is_authenticated:
        # The public sees no others.
        rows = rows.filter(status__in=PUBLIC)
    if scope.place:
        rows = rows.filter(**{scope.level: scope.place.pk})
    return rows.order_by().values("polygon").annotate(works=Sum("projects")).filter(works__gt=0)


def ledger(scope: Scope, year: int, user) -> dict[LedgerKey, Decimal]:
    """Of nation, state or municipality. One query."""
    rows = _rows(LedgerTotal.objects.filter(fiscal_year=year), scope, user).order_by()
    found = rows.values_list("moment", "source", "modality", "month").annotate(total=Sum("amount"))
    return {tuple(key): total for *key, total in found}


def paid_below(scope: Scope, year: int, user, upto: int) -> dict[str, Decimal]:
    """Federal pesos paid by state of the nation, or by municipality of a state. One query."""
    key = BELOW[scope.level]
    level = key if user.is_authenticated and user.sees_the_nation else "municipality"
    paid = LedgerTotal.objects.visible_to(user).filter(fiscal_year=year, level=level, moment="paid", source="federal")
    if scope.state:
        paid = paid.filter(state=scope.state)
    return dict(paid.filter(month__lte=upto).order_by().values_list(key).annotate(total=Sum("amount")))
