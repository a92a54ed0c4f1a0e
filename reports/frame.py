"""The frame of a dashboard: the same tiles, charts and tables at every level, from the same figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count
from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.charts import Bar, BarChart, LineChart, SourceSplit, Spark
from habitat.lib.templatetags.portal import percent_range, share_of
from modalities.models import FiscalYear, Modality
from projects.alerts import BY_CODE
from projects.models import Moment, Source, Status
from projects.workflow import MAIN_ROAD, PUBLIC
from reports import links
from reports.indicators import FINISHED, Figures
from reports.parts import Part, parts_of
from reports.periods import Month
from reports.place_map import map_of

# In the order of the road.
APPROVED = tuple(status for status in MAIN_ROAD if status in PUBLIC)
SHOWN_BY_MODALITY = (Moment.APPROVED, Moment.RELEASED, Moment.PAID, Moment.PROVEN)
# A line of two points says nothing.
LEAST_OF_A_SPARK = 3

# Beside a bar there is room for a word.
SHORT = {
    "water": gettext_lazy("Without water"),
    "drainage": gettext_lazy("Without drainage"),
    "electricity": gettext_lazy("Without electricity"),
    "floor": gettext_lazy("With an earth floor"),
}


@dataclass(frozen=True)
class Amount:
    """A line of money with the entries that add up to it."""

    label: str
    amount: Decimal
    url: str


@dataclass(frozen=True)
class MomentLine:
    """What each source's money reached at one moment; the first amount is the federal one."""

    label: str
    amounts: list[Amount]

    @property
    def federal(self) -> Amount:
        return self.amounts[0]


@dataclass(frozen=True)
class Stage:
    status: Status
    projects: int
    cost: Decimal
    url: str


def of(figures: Figures) -> dict[str, object]:
    scope = figures.scope
    parts = parts_of(figures)
    moments = money_by_moment(figures)
    return {
        "figures": figures,
        "scope": scope,
        "year": str(figures.year),
        "years": _years(figures),
        "months": _months(figures),
        "trail": links.trail_of(figures),
        "attended": figures.attended_count,
        "universe": figures.universe_count,
        "approved": figures.approved_count,
        "finished": figures.finished_count,
        "links": _links(figures),
        "moments": moments,
        # Below the municipality no ceiling is set: there the bars compare the moments with the largest of them.
        "most_money": figures.ceiling or max((line.federal.amount for line in moments), default=None),
        "sources": [source.label for source in Source],
        "modalities": _by_modality(figures),
        "shown_moments": [moment.label for moment in SHOWN_BY_MODALITY],
        "stages": stages(figures),
        "split": SourceSplit(figures.cost),
        "spent": sum(figures.spent.values(), Decimal(0)),
        "lines": _progress_lines(figures),
        "paid_spark": _spark(figures.by_month(Moment.PAID)),
        "done_spark": _spark(figures.run_of(figures.approved_cells)[0]),
        "shortages": _shortages(figures),
        "alerts": _alerts(figures),
        "parts": [part for part in parts if part.has_something],
        "tiles": parts if scope.level == "nation" else [],
        "multiples": _multiples(parts),
        "map": map_of(figures),
    }


def _years(figures: Figures) -> list[tuple[str, str]]:
    if figures.scope.project:
        return []
    years = sorted(FiscalYear.objects.values_list("year", flat=True))[-4:]
    return [(str(year), links.dashboard(figures.scope, year)) for year in years]


def _months(figures: Figures) -> list[tuple[str, str, bool]]:
    """Name, address and whether it is shown, of the periods: the year, and each month that has begun."""
    begun = Figures(figures.scope, figures.year, figures.user).last
    periods: list[tuple[str, int | None]] = [(_("the whole year"), None)]
    periods += [(Month(figures.year, month).label, month) for month in range(1, begun + 1)]
    return [
        (label, links.dashboard(figures.scope, figures.year, month), month == figures.through)
        for label, month in periods
    ]


def _links(figures: Figures) -> dict[str, str]:
    return {
        "blocks": links.rows(figures, "blocks"),
        "attended": links.rows(figures, "attended"),
        "polygons": links.rows(figures, "polygons"),
        "actions": links.rows(figures, "actions"),
        "alerts": links.rows(figures, "alerts"),
        "places": links.rows(figures, "places"),
        "approved": links.projects(figures, APPROVED),
        "finished": links.projects(figures, FINISHED),
        "paid": links.rows(figures, "entries", moment=Moment.PAID, source=Source.FEDERAL),
    }


def money_by_moment(figures: Figures) -> list[MomentLine]:
    reached = {moment for moment, _source in figures.by_moment}
    return [
        MomentLine(
            moment.label,
            [
                Amount(
                    source.label,
                    figures.by_moment.get((moment, source), Decimal(0)),
                    links.rows(figures, "entries", moment=moment, source=source),
                )
                for source in Source
            ],
        )
        for moment in Moment
        if moment in reached
    ]


def stages(figures: Figures) -> list[Stage]:
    """Works by stage, in the order of the road, then what left it."""
    found = figures.stages
    order = [*MAIN_ROAD, *(status for status in Status if status not in MAIN_ROAD)]
    return [
        Stage(Status(status), *found[status], links.projects(figures, (status,))) for status in order if status in found
    ]


def _by_modality(figures: Figures) -> list[dict[str, object]]:
    """Modality, its ceiling where one is set, and the amounts of the moments shown."""
    if not figures.federal:
        return []
    ceilings = figures.ceilings_by_modality
    return [
        {
            "modality": modality,
            "ceiling": ceilings.get(modality.pk),
            "amounts": [
                Amount(
                    moment.label,
                    figures.federal.get((moment, modality.pk), Decimal(0)),
                    links.rows(figures, "entries", moment=moment, source=Source.FEDERAL, modality=modality.pk),
                )
                for moment in SHOWN_BY_MODALITY
            ],
        }
        for modality in Modality.objects.all()
    ]


def _initials() -> list[str]:
    return _("J F M A M J J A S O N D").split()


def _month_names() -> list[str]:
    # Words, not promises of words: small multiples write each five hundred times.
    return [capfirst(str(name)) for name in MONTHS.values()]


def _progress_lines(figures: Figures) -> list[LineChart]:
    series, names = figures.physical_by_month(), _month_names()
    return [
        LineChart(str(modality), _initials(), *series[modality.pk], maximum=100, periods=names)
        for modality in Modality.objects.all()
        if modality.pk in series
    ]


def _multiples(parts: list[Part]) -> list[LineChart]:
    """One small chart a place below, where there is something to measure, all on one scale."""
    shown = [part for part in parts if part.planned_run]
    names = {"labels": _initials(), "periods": _month_names(), "maximum": 100}
    return [LineChart(part.scope.place.name, actual=part.run, plan=part.planned_run, **names) for part in shown]


def _spark(values: Iterable[Decimal | float]) -> Spark | None:
    values = list(values)
    return Spark(values) if len(values) >= LEAST_OF_A_SPARK and values[-1] else None


def _shortages(figures: Figures) -> BarChart:
    bars = [
        Bar(
            SHORT[shortage.deficit.name],
            share_of(shortage.low, shortage.base) if shortage.base else 0,
            percent_range(shortage.low, shortage.high, shortage.base),
            share_of(shortage.high, shortage.base) if shortage.base else 0,
        )
        for shortage in figures.need.shortages
    ]
    return BarChart(_("Dwellings without a service"), bars, unit=" %")


def _alerts(figures: Figures) -> list[tuple[str, int, str]]:
    """Kind, number of open ones and their rows, the most frequent first; none for the public."""
    if not figures.user.is_authenticated:
        return []
    counts = figures.alerts.order_by().values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind")
    return [
        (str(BY_CODE[kind].title), count, links.rows(figures, "alerts", kind=kind))
        for kind, count in counts
        if kind in BY_CODE
    ]
