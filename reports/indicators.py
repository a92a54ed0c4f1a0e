"""The one place where a figure is computed; lists, dashboards and desks take theirs from here.

Every figure is the sum of a queryset that stands here by name: the page that opens it shows those very rows.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import (
    Count,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least, NullIf
from django.utils import timezone

from polygons.deficits import MAPPED, Deficit
from polygons.models import AreaTotal, Block, CensusTotal, Polygon
from projects.models import (
    Action,
    Ceiling,
    Contribution,
    LedgerEntry,
    Moment,
    ProgressLine,
    ProgressReport,
    ProgressSpending,
    Project,
    Source,
    Status,
)
from reports.periods import Month
from reports.scopes import Scope

PESOS = DecimalField(max_digits=18, decimal_places=2)
FINISHED = (Status.FINISHED, Status.HANDED_OVER, Status.PROVEN, Status.CLOSED)
MONTHS = range(1, 13)


@dataclass(frozen=True)
class Shortage:
    """Dwellings without a service: certain, possible at most, and of how many with known characteristics."""

    deficit: Deficit
    low: int
    high: int
    base: int


@dataclass(frozen=True)
class Need:
    """Sums over city blocks of one census."""

    vintage: int | None
    blocks: int
    dwellings: int
    population: int
    shortages: tuple[Shortage, ...]


@dataclass(frozen=True)
class Physical:
    """Shares (0 to 100) of the approved cost: what was measured, and what the projects' own dates planned by today."""

    cost: Decimal
    measured: float | None
    planned: float | None


def latest_vintage() -> int | None:
    return Block.objects.aggregate(latest=Max("vintage"))["latest"]


class Figures:
    """What one reader sees of one place and one fiscal year."""

    def __init__(self, scope: Scope, year: int, user, today: date | None = None) -> None:
        self.scope, self.year, self.user = scope, year, user
        self.today = today or timezone.localdate()

    # ---- Need: dwellings and what they lack --------------------------------------------------------------------------
    @cached_property
    def vintage(self) -> int | None:
        return self._version.vintage if self.scope.polygon and self._version else latest_vintage()

    @cached_property
    def _version(self):
        return self.scope.polygon.versions.published().first()

    @property
    def blocks(self) -> QuerySet[Block]:
        visible = Block.objects.visible_to(self.user).filter(vintage=self.vintage)
        if self.scope.polygon:
            # Nothing is counted in a polygon that was retired.
            return visible.filter(polygon_versions=self._version) if self._version else visible.none()
        return visible.filter(self.scope.places("municipality"))

    @cached_property
    def need(self) -> Need:
        ends = [end for deficit in MAPPED for end in (deficit.low, deficit.high)]
        names = ("dwellings", "population", "base", *ends)
        sums = self._kept_sums(names) or self.blocks.aggregate(
            blocks=Count("pk"), **{name: Sum(name, default=0) for name in names}
        )
        return Need(
            vintage=self.vintage,
            blocks=sums["blocks"],
            dwellings=sums["dwellings"],
            population=sums["population"],
            shortages=tuple(Shortage(d, sums[d.low], sums[d.high], sums["base"]) for d in MAPPED),
        )

    def _kept_sums(self, names: tuple[str, ...]) -> dict[str, int] | None:
        """What imports keep added up; None where nobody added up, and of a polygon, which is a choice of blocks."""
        if self.scope.polygon:
            return None
        kept = AreaTotal.objects.visible_to(self.user).of(self.scope.level, self.scope.code, self.vintage)
        return kept.values(*names, blocks=F("block_count")).first()

    @property
    def census_row(self) -> CensusTotal | None:
        """The census file's own total of a state or municipality, rural people included; never a sum of ours."""
        if self.scope.level not in ("state", "municipality"):
            return None
        return CensusTotal.objects.of(self.scope.level, self.scope.code).filter(vintage=self.vintage).first()

    # ---- Coverage: polygons attended against the universe ------------------------------------------------------------
    @property
    def polygons(self) -> QuerySet[Polygon]:
        published = Polygon.objects.visible_to(self.user).filter(versions__status="published")
        return published.filter(self.scope.places("municipality", "pk")).distinct()

    @property
    def attended(self) -> QuerySet[Polygon]:
        """Polygons with an approved project of the year."""
        return self.polygons.filter(pk__in=self.projects.values("polygon_version__polygon"))

    @property
    def projects(self) -> QuerySet[Project]:
        """Approved, and not cancelled since."""
        mine = Project.objects.visible_to(self.user).approved().filter(fiscal_year=self.year)
        return mine.filter(self.scope.places())

    @property
    def finished(self) -> QuerySet[Project]:
        return self.projects.filter(status__in=FINISHED)

    # ---- Money: entries of the ledger against the ceiling ------------------------------------------------------------
    @property
    def entries(self) -> QuerySet[LedgerEntry]:
        entries = LedgerEntry.objects.visible_to(self.user).filter(fiscal_year=self.year)
        if self.scope.level == "state":
            # An entry may belong to the state as a whole.
            return entries.filter(state=self.scope.state)
        return entries.filter(self.scope.places("municipality", "project__polygon_version__polygon"))

    @cached_property
    def ceiling(self) -> Decimal | None:
        """Federal pesos of this node over all strands; None where no ceiling is set or seen. Polygons have none."""
        if self.scope.polygon:
            return None
        node = {"state": self.scope.state, "municipality": self.scope.municipality, "modality": None}
        return self.ceilings.filter(**node).aggregate(total=Sum("amount"))["total"]

    @property
    def ceilings_by_modality(self) -> dict[str, Decimal]:
        if self.scope.polygon:
            return {}
        below = self.ceilings.filter(modality__isnull=False).filter(self.scope.places("municipality"))
        return dict(below.values_list("modality").annotate(total=Sum("amount")).order_by())

    @property
    def ceilings(self) -> QuerySet[Ceiling]:
        return Ceiling.objects.visible_to(self.user).filter(fiscal_year=self.year)

    @cached_property
    def federal(self) -> dict[tuple[str, str | None], Decimal]:
        """Federal pesos by (moment, modality); modality None where an entry names none."""
        rows = self.entries.filter(source=Source.FEDERAL).order_by().values_list("moment", "modality")
        return {(moment, modality): total for moment, modality, total in rows.annotate(total=Sum("amount"))}

    def federal_at(self, moment: str) -> Decimal:
        return sum((total for (at, _modality), total in self.federal.items() if at == moment), Decimal(0))

    @property
    def paid_federal(self) -> Decimal:
        return self.federal_at(Moment.PAID)

    @property
    def moments(self) -> list[tuple[Moment, Decimal]]:
        """The moments that the year has reached, in the order of the law."""
        return [(moment, self.federal_at(moment)) for moment in Moment if any(at == moment for at, _m in self.federal)]

    @cached_property
    def cost(self) -> dict[str, Decimal]:
        """Pesos by source that the approved projects ask for: what the public sees of money."""
        rows = Contribution.objects.filter(action__project__in=self.projects).order_by().values_list("source")
        return dict(rows.annotate(total=Sum("amount")))

    @cached_property
    def spent(self) -> dict[str, Decimal]:
        """Pesos by source of the accepted progress of the approved projects."""
        accepted = ProgressSpending.objects.filter(report__status="accepted", report__project__in=self.projects)
        return dict(accepted.order_by().values_list("source").annotate(total=Sum("amount")))

    # ---- Progress: what was measured against what was planned --------------------------------------------------------
    @property
    def actions(self) -> QuerySet[Action]:
        """Actions of the approved projects with `cost`, `measured` and, weighted by cost, `done` and `planned`."""
        contributions = Contribution.objects.filter(action=OuterRef("pk"))
        lines = ProgressLine.objects.filter(action=OuterRef("pk"), report__status="accepted")
        return (
            Action.objects.visible_to(self.user)
            .filter(project__in=self.projects)
            .annotate(cost=_total(contributions, "amount"), measured=_total(lines, "quantity"))
            .annotate(
                done=ExpressionWrapper(F("cost") * F("measured") / F("quantity"), output_field=PESOS),
                planned=ExpressionWrapper(F("cost") * planned_share(self.today), output_field=PESOS),
            )
        )

    @cached_property
    def physical(self) -> Physical:
        # Not named after the columns they add up: Django would read the sum where the next one says the column.
        total = {name: Sum(name, default=Decimal(0)) for name in ("cost", "done", "planned")}
        sums = self.actions.aggregate(**{f"all_{name}": value for name, value in total.items()})
        cost = sums["all_cost"]
        return Physical(cost, _share(sums["all_done"], cost), _share(sums["all_planned"], cost))

    @property
    def progress_waiting(self) -> QuerySet[ProgressReport]:
        """Months of progress that wait for the reader's role: to accept, or to finish and send."""
        status = ProgressReport.Status
        mine = [status.SUBMITTED] if self.user.is_delegation else [status.DRAFT, status.RETURNED]
        return ProgressReport.objects.visible_to(self.user).filter(
            self.scope.places("project__municipality"), status__in=mine
        )

    def physical_by_month(self) -> dict[str, tuple[list[float], list[float]]]:
        """Modality → (measured, planned) at each month's end, per cent of its cost; months to come are not measured."""
        ends = {f"m{month}": Sum(F("cost") * planned_share(Month(self.year, month).last_day)) for month in MONTHS}
        plans = self.actions.order_by().values("project__modality").annotate(total=Sum("cost"), **ends)
        reached = self._reached_by_month()
        last = 12 if self.today.year > self.year else self.today.month
        series = {}
        for plan in plans:
            if not plan["total"]:
                continue
            months = reached.get(plan["project__modality"], {})
            upto = [sum(value for at, value in months.items() if at <= month) for month in MONTHS]
            series[plan["project__modality"]] = (
                [_share(value, plan["total"]) for value in upto[:last]],
                [_share(plan[f"m{month}"], plan["total"]) for month in MONTHS],
            )
        return series

    def _reached_by_month(self) -> dict[str, dict[int, Decimal]]:
        """Modality → month → pesos' worth measured; what was measured after the year counts in December."""
        cost = _total(Contribution.objects.filter(action=OuterRef("action")), "amount")
        lines = (
            ProgressLine.objects.filter(report__status="accepted", report__project__in=self.projects)
            .annotate(worth=ExpressionWrapper(cost * F("quantity") / F("action__quantity"), output_field=PESOS))
            .order_by()
            .values_list("report__project__modality", "report__year", "report__month")
            .annotate(total=Sum("worth"))
        )
        found: dict[str, dict[int, Decimal]] = {}
        for modality, year, month, total in lines:
            at = min(max((year - self.year) * 12 + month, 1), 12)
            months = found.setdefault(modality, {})
            months[at] = months.get(at, Decimal(0)) + total
        return found


def planned_share(day: date) -> Cast:
    """The part (0 to 1) of a project's own calendar that has passed at the end of a day; 0 where it has no dates."""
    begun = _days(Value(day, DateField()), F("project__starts_on")) + 1
    whole = _days(F("project__ends_on"), F("project__starts_on")) + 1
    passed = Cast(begun, FloatField()) / NullIf(Cast(whole, FloatField()), Value(0.0))
    share = Least(Greatest(Coalesce(passed, Value(0.0)), Value(0.0)), Value(1.0))
    return Cast(share, DecimalField(max_digits=9, decimal_places=6))


def _days(later, earlier) -> Func:
    return Func(later, earlier, template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())


def _total(rows: QuerySet, field: str) -> Coalesce:
    total = Subquery(rows.order_by().values("action").annotate(total=Sum(field)).values("total"))
    return Coalesce(total, Decimal(0), output_field=PESOS)


def _share(part, whole) -> float | None:
    return float(part * 100 / whole) if whole else None
