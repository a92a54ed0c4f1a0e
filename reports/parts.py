"""The places one level below a dashboard's, each with its own figures."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from habitat.lib.charts import Spark
from habitat.lib.templatetags.portal import share_of
from polygons.models import Municipality, State
from projects.models import Moment, Source
from projects.workflow import PUBLIC
from reports import kept, links
from reports.indicators import Figures
from reports.scopes import Scope


@dataclass(frozen=True)
class Part:
    """One place below: its name, where it opens, and its own figures; progress in per cent of its cost."""

    scope: Scope
    url: str
    projects: int
    cost: Decimal
    progress: Decimal | None
    planned: Decimal | None
    ceiling: Decimal | None
    paid: Decimal
    run: list[float] = field(default_factory=list)
    planned_run: list[float] = field(default_factory=list)

    @property
    def has_something(self) -> bool:
        """Every polygon of a municipality; wider places only with money or projects."""
        return bool(self.projects or self.ceiling or self.paid or self.scope.polygon)

    @property
    def step(self) -> int:
        """Class of the progress, 1 to 5, twenty points each; 0 where there is nothing to tell."""
        return 0 if self.progress is None else min(int(self.progress // 20) + 1, 5)

    @property
    def spark(self) -> Spark | None:
        return Spark(self.run) if len(self.run) > 1 and self.run[-1] else None


def parts_of(figures: Figures) -> list[Part]:
    scope = figures.scope
    if scope.level not in kept.BELOW:
        return []
    below = kept.cells_below(scope, figures.year, figures.user, PUBLIC)
    paid, ceilings = _paid_below(figures), _ceilings_below(figures)
    return [
        _part(figures, place.pk, at, below.get(place.pk, []), paid, ceilings)
        for place, at in _places(figures, set(below))
    ]


def _part(figures: Figures, key: object, at: Scope, cells: list[kept.Cell], paid: dict, ceilings: dict) -> Part:
    cost = sum((cell.whole for cell in cells), Decimal(0))
    done = sum((cell.reached[figures.month - 1] for cell in cells), Decimal(0))
    run, planned = figures.run_of(cells)
    return Part(
        scope=at,
        url=links.dashboard(at, figures.year, figures.through),
        projects=sum(cell.projects for cell in cells),
        cost=cost,
        progress=share_of(done, cost) if cost else None,
        planned=share_of(figures.planned_of(cells), cost) if cost else None,
        ceiling=ceilings.get(key),
        paid=paid.get(key, Decimal(0)),
        run=run,
        planned_run=planned,
    )


def _places(figures: Figures, at_work: set) -> list[tuple[State | Municipality | object, Scope]]:
    """Those with a published polygon or with projects."""
    scope = figures.scope
    if scope.municipality:
        polygons = figures.polygons.order_by("code")
        return [(polygon, Scope(scope.state, scope.municipality, polygon)) for polygon in polygons]
    if scope.state:
        with_polygons = figures.polygons.order_by().values_list("municipality", flat=True).distinct()
        places = Municipality.objects.filter(pk__in={*with_polygons, *at_work}).order_by("code")
        return [(municipality, Scope(scope.state, municipality)) for municipality in places]
    return [(state, Scope(state)) for state in State.objects.order_by("code")]


def _paid_below(figures: Figures) -> dict[object, Decimal]:
    if figures.scope.level != "municipality":
        return kept.paid_below(figures.scope, figures.year, figures.user, figures.month)
    paid = figures.entries.filter(moment=Moment.PAID, source=Source.FEDERAL).order_by()
    return dict(paid.values_list("project__polygon_version__polygon").annotate(total=Sum("amount")))


def _ceilings_below(figures: Figures) -> dict[object, Decimal]:
    nodes = figures.ceilings.filter(modality=None)
    if figures.scope.level == "nation":
        nodes = nodes.filter(state__isnull=False, municipality=None)
        return dict(nodes.order_by().values_list("state").annotate(total=Sum("amount")))
    if figures.scope.level == "state":
        nodes = nodes.filter(state=figures.scope.state, municipality__isnull=False)
        return dict(nodes.order_by().values_list("municipality").annotate(total=Sum("amount")))
    return {}
