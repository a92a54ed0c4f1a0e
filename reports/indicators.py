"""The one place where a figure is computed; lists, dashboards and desks take theirs from here.

Every figure is the sum of a queryset that stands here by name: the page that opens it shows those very rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import (
    Count,
    F,
    Max,
    Q,
    QuerySet,
    Sum,
)
from django.utils import timezone

from polygons.deficits import MAPPED, Deficit
from polygons.models import AreaTotal, Block, CensusTotal, Polygon, PolygonVersion
from projects.models import (
    Action,
    ActionBlock,
    Alert,
    Ceiling,
    LedgerEntry,
    Moment,
    ProgressReport,
    Project,
    Source,
    Status,
)
from projects.workflow import PUBLIC
from reports import kept
from reports.definitions import AddedUp, part_of_month, weighed
from reports.kept import Cell, LedgerKey
from reports.periods import Month
from reports.scopes import Scope

FINISHED = (Status.FINISHED, Status.HANDED_OVER, Status.PROVEN, Status.CLOSED)


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
    """Of the sums that imports keep; of the blocks where nobody has added up yet."""
    newest = Max("vintage")
    kept_vintage = AreaTotal.objects.filter(level="nation").aggregate(latest=newest)["latest"]
    return kept_vintage or Block.objects.aggregate(latest=newest)["latest"]


class Figures:
    """What one reader sees of one place and one fiscal year."""

    def __init__(
        self, scope: Scope, year: int, user, today: date | None = None, *, through: int | None = None, is_kept=True
    ) -> None:
        """`through`: only up to the end of this month (1 to 12). Unless `is_kept` rows are added up one by one."""
        self.scope, self.year, self.user, self.through, self.is_kept = scope, year, user, through, is_kept
        today = min(max(today or timezone.localdate(), date(year, 1, 1)), date(year, 12, 31))
        # The day plans are asked for; `month` bounds what has a date, `last` is the last month that has begun.
        self.day = min(today, Month(year, through).last_day) if through else today
        self.month = through or 12
        self.last = self.day.month

    # ---- Need: dwellings and what they lack --------------------------------------------------------------------------
    @cached_property
    def vintage(self) -> int | None:
        version = None if self.scope.project else self._version
        return version.vintage if version else latest_vintage()

    @cached_property
    def _version(self):
        return self.scope.polygon.versions.published().only("vintage").first() if self.scope.polygon else None

    @property
    def blocks(self) -> QuerySet[Block]:
        visible = Block.objects.visible_to(self.user).filter(vintage=self.vintage)
        if self.scope.project:
            touched = ActionBlock.objects.filter(action__project=self.scope.project)
            return visible.filter(pk__in=touched.values("block"))
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
        """What imports keep added up; None where nobody added up, and where blocks are a choice."""
        if self.scope.polygon or self.scope.project:
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
        in_force = PolygonVersion.objects.published().values("polygon")
        published = Polygon.objects.visible_to(self.user).filter(pk__in=in_force)
        if self.scope.project:
            return published.filter(pk=self.scope.polygon.pk if self.scope.polygon else None)
        return published.filter(self.scope.places("municipality", "pk"))

    @property
    def attended(self) -> QuerySet[Polygon]:
        """Polygons with an approved project of the year."""
        return self.polygons.filter(pk__in=self.projects.values("polygon_version__polygon"))

    @cached_property
    def universe_count(self) -> int:
        return self.polygons.count()

    @cached_property
    def attended_count(self) -> int:
        if not self.is_kept or self.scope.level in ("polygon", "project"):
            return self.attended.count()
        published = PolygonVersion.objects.filter(status="published").values("polygon")
        return kept.polygons_with_works(self.scope, self.year, self.user).filter(polygon__in=published).count()

    @property
    def projects(self) -> QuerySet[Project]:
        """Approved, and not cancelled since."""
        mine = Project.objects.visible_to(self.user).approved().filter(fiscal_year=self.year)
        return mine.filter(self.scope.places())

    # ---- Money: entries of the ledger against the ceiling ------------------------------------------------------------
    @property
    def entries(self) -> QuerySet[LedgerEntry]:
        """Up to the period's end; December holds what came after the year."""
        if self.month == 12:
            return self.entries_of_the_year
        return self.entries_of_the_year.filter(on__lte=Month(self.year, self.month).last_day)

    @property
    def entries_of_the_year(self) -> QuerySet[LedgerEntry]:
        entries = LedgerEntry.objects.visible_to(self.user).filter(fiscal_year=self.year)
        if self.scope.level == "state":
            # An entry may belong to the state as a whole.
            return entries.filter(state=self.scope.state)
        return entries.filter(self.scope.places("municipality", "project__polygon_version__polygon", "project"))

    @cached_property
    def ceiling(self) -> Decimal | None:
        """Federal pesos of this node over all strands; None where no ceiling is set or seen. Polygons have none."""
        if self.scope.polygon or self.scope.project:
            return None
        node = {"state": self.scope.state, "municipality": self.scope.municipality, "modality": None}
        return self.ceilings.filter(**node).aggregate(total=Sum("amount"))["total"]

    @property
    def ceilings_by_modality(self) -> dict[str, Decimal]:
        if self.scope.polygon or self.scope.project:
            return {}
        below = self.ceilings.filter(modality__isnull=False).filter(self.scope.places("municipality"))
        return dict(below.values_list("modality").annotate(total=Sum("amount")).order_by())

    @property
    def ceilings(self) -> QuerySet[Ceiling]:
        return Ceiling.objects.visible_to(self.user).filter(fiscal_year=self.year)

    @cached_property
    def money(self) -> dict[LedgerKey, Decimal]:
        """Pesos by moment, source, modality and month of the fiscal year; a polygon's entries are few."""
        if self.scope.polygon or self.scope.project or not self.is_kept:
            return self._added_up.money
        return kept.ledger(self.scope, self.year, self.user)

    @cached_property
    def by_moment(self) -> dict[tuple[str, str], Decimal]:
        """Pesos by moment and source up to the period's end."""
        sums: dict[tuple[str, str], Decimal] = {}
        for (moment, source, _modality, month), amount in self.money.items():
            if month <= self.month:
                sums[moment, source] = sums.get((moment, source), Decimal(0)) + amount
        return sums

    @cached_property
    def federal(self) -> dict[tuple[str, str | None], Decimal]:
        """Federal pesos by (moment, modality); modality None where an entry names none."""
        sums: dict[tuple[str, str | None], Decimal] = {}
        for (moment, source, modality, month), amount in self.money.items():
            if source == Source.FEDERAL and month <= self.month:
                sums[moment, modality] = sums.get((moment, modality), Decimal(0)) + amount
        return sums

    def federal_at(self, moment: str) -> Decimal:
        return self.by_moment.get((moment, Source.FEDERAL), Decimal(0))

    @property
    def paid_federal(self) -> Decimal:
        return self.federal_at(Moment.PAID)

    @property
    def moments(self) -> list[tuple[Moment, Decimal]]:
        """The moments that the year's federal money has reached, in the order of the law."""
        return [(moment, self.federal_at(moment)) for moment in Moment if (moment, Source.FEDERAL) in self.by_moment]

    def by_month(self, moment: str, source: str = Source.FEDERAL) -> list[Decimal]:
        """Pesos from January on, month by month up to the period's end, running on."""
        months = [Decimal(0)] * 12
        for (at, of, _modality, month), amount in self.money.items():
            if (at, of) == (moment, source):
                months[month - 1] += amount
        return [sum(months[: at + 1], Decimal(0)) for at in range(self.last)]

    # ---- Works: counts, cost, spending and progress by modality and status -------------------------------------------
    @cached_property
    def cells(self) -> list[Cell]:
        """From the sums that triggers keep; `_added_up` is what they are the sums of."""
        return kept.cells(self.scope, self.year, self.user) if self.is_kept else self._added_up.cells

    @property
    def _added_up(self) -> AddedUp:
        return AddedUp(self)

    @cached_property
    def approved_cells(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.status in PUBLIC]

    @property
    def approved_count(self) -> int:
        return sum(cell.projects for cell in self.approved_cells)

    @property
    def finished_count(self) -> int:
        return sum(cell.projects for cell in self.cells if cell.status in FINISHED)

    @property
    def households(self) -> int:
        return sum(cell.households for cell in self.approved_cells)

    @property
    def stages(self) -> dict[str, tuple[int, Decimal]]:
        """Projects and what they cost by status, of those the reader may see, as they stand today."""
        found: dict[str, tuple[int, Decimal]] = {}
        for cell in self.cells:
            projects, cost = found.get(cell.status, (0, Decimal(0)))
            found[cell.status] = (projects + cell.projects, cost + cell.whole)
        return found

    @cached_property
    def cost(self) -> dict[str, Decimal]:
        """Pesos by source that the approved projects ask for: what the public sees of money."""
        sums = {source: sum((cell.cost[source] for cell in self.approved_cells), Decimal(0)) for source in Source}
        return {source.value: amount for source, amount in sums.items() if amount}

    @cached_property
    def spent(self) -> dict[str, Decimal]:
        """Pesos by source that approved projects paid up to the period's end: payments, or accepted months."""
        at = self.month - 1
        cells = self.approved_cells
        sums = {source: sum((cell.spent[source][at] for cell in cells), Decimal(0)) for source in Source}
        for source, amount in self._payments.order_by().values_list("source").annotate(total=Sum("amount")):
            sums[Source(source)] += amount
        return {source.value: amount for source, amount in sums.items() if amount}

    @property
    def _payments(self) -> QuerySet[LedgerEntry]:
        """Entries of registered payments; works without a contract have none."""
        mine = Project.objects.visible_to(self.user).approved().filter(self.scope.places(), fiscal_year=self.year)
        end = Month(self.year, self.month).last_day
        paid = LedgerEntry.objects.filter(moment=Moment.PAID, payment__isnull=False, project__in=mine)
        return paid if self.month == 12 else paid.filter(on__lte=end)

    @property
    def alerts(self) -> QuerySet[Alert]:
        """Open ones, of projects of the year whatever their status; none for the public."""
        mine = Project.objects.visible_to(self.user).filter(self.scope.places(), fiscal_year=self.year)
        return Alert.objects.visible_to(self.user).filter(closed_at=None, project__in=mine)

    # ---- Progress: what was measured against what was planned --------------------------------------------------------
    @property
    def actions(self) -> QuerySet[Action]:
        """Actions of the approved projects with `cost`, `measured` and, weighted by cost, `done` and `planned`."""
        visible = Action.objects.visible_to(self.user).filter(project__in=self.projects)
        return weighed(visible, self.progress_up_to(self.month), self.day)

    def progress_up_to(self, month: int) -> Q:
        """The condition on accepted progress up to a month of the fiscal year; December holds the rest."""
        if month == 12:
            return Q(report__status="accepted")
        so_far = Q(report__year__lt=self.year) | Q(report__year=self.year, report__month__lte=month)
        return Q(report__status="accepted") & so_far

    @cached_property
    def physical(self) -> Physical:
        cells = self.approved_cells
        cost = sum((cell.whole for cell in cells), Decimal(0))
        done = sum((cell.reached[self.month - 1] for cell in cells), Decimal(0))
        return Physical(cost, _share(done, cost), _share(self.planned_of(cells), cost))

    def planned_of(self, cells: Iterable[Cell]) -> Decimal:
        """Pesos' worth planned by the day: between two month ends as much of the month as has passed."""
        before, end = (
            sum((cell.planned[at] for cell in cells), Decimal(0)) for at in (self.day.month - 1, self.day.month)
        )
        return before + (end - before) * part_of_month(self.day)

    def physical_by_month(self) -> dict[str, tuple[list[float], list[float]]]:
        """Modality → (measured, planned) at each month's end, per cent of its cost; months to come are not measured."""
        series = {}
        for modality in sorted({cell.modality for cell in self.approved_cells}):
            reached, planned = self.run_of([cell for cell in self.approved_cells if cell.modality == modality])
            if planned:
                series[modality] = (reached, planned)
        return series

    def run_of(self, cells: list[Cell]) -> tuple[list[float], list[float]]:
        """Measured and planned at each month's end, per cent of these cells' cost; empty where they cost nothing."""
        cost = sum((cell.whole for cell in cells), Decimal(0))
        if not cost:
            return [], []
        reached = [float(sum(cell.reached[at] for cell in cells) * 100 / cost) for at in range(self.last)]
        return reached, [float(sum(cell.planned[at] for cell in cells) * 100 / cost) for at in range(1, 13)]

    @property
    def progress_waiting(self) -> QuerySet[ProgressReport]:
        """Months of progress that wait for the reader's role: to accept, or to finish and send."""
        status = ProgressReport.Status
        mine = [status.SUBMITTED] if self.user.is_delegation else [status.DRAFT, status.RETURNED]
        return ProgressReport.objects.visible_to(self.user).filter(
            self.scope.places("project__municipality", "project__polygon_version__polygon", "project"), status__in=mine
        )


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part * 100 / whole) if whole else None
