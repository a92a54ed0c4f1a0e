"""The frame of a dashboard: the same tiles, charts and tables at every level, from the same figures."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.charts import Bar, BarChart, LineChart, SourceSplit
from habitat.lib.templatetags.portal import percent_range, share_of
from modalities.models import FiscalYear, Modality
from polygons.models import Municipality, State
from projects.models import Moment, Source
from projects.workflow import MAIN_ROAD, PUBLIC
from reports import links
from reports.indicators import FINISHED, Figures
from reports.scopes import Scope

# In the order of the road.
APPROVED = tuple(status for status in MAIN_ROAD if status in PUBLIC)
SHOWN_BY_MODALITY = (Moment.APPROVED, Moment.RELEASED, Moment.PAID, Moment.PROVEN)

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
class Part:
    """One place below: its name, where it opens, and its own figures."""

    scope: Scope
    url: str
    projects: int
    cost: Decimal
    progress: Decimal | None
    ceiling: Decimal | None
    paid: Decimal

    @property
    def has_something(self) -> bool:
        """Every polygon of a municipality; wider places only with money or projects."""
        return bool(self.projects or self.ceiling or self.paid or self.scope.polygon)

    @property
    def step(self) -> int:
        """Class of the progress, 1 to 5, twenty points each; 0 where there is nothing to tell."""
        return 0 if self.progress is None else min(int(self.progress // 20) + 1, 5)


def of(figures: Figures) -> dict[str, object]:
    scope = figures.scope
    parts = _parts(figures)
    return {
        "figures": figures,
        "scope": scope,
        "year": str(figures.year),
        "years": [(str(year), links.dashboard(scope, year)) for year in _years()],
        "trail": links.trail_of(figures),
        "attended": figures.attended.count(),
        "universe": figures.polygons.count(),
        "approved": figures.projects.count(),
        "finished": figures.finished.count(),
        "links": _links(figures),
        "moments": money_by_moment(figures),
        "modalities": _by_modality(figures),
        "shown_moments": [moment.label for moment in SHOWN_BY_MODALITY],
        "split": SourceSplit(figures.cost),
        "spent": sum(figures.spent.values(), Decimal(0)),
        "lines": _progress_lines(figures),
        "shortages": _shortages(figures),
        "parts": [part for part in parts if part.has_something],
        "tiles": parts if scope.level == "nation" else [],
    }


def _years() -> list[int]:
    return sorted(FiscalYear.objects.values_list("year", flat=True))[-4:]


def _links(figures: Figures) -> dict[str, str]:
    return {
        "blocks": links.rows(figures, "blocks"),
        "attended": links.rows(figures, "attended"),
        "polygons": links.rows(figures, "polygons"),
        "actions": links.rows(figures, "actions"),
        "approved": links.projects(figures, APPROVED),
        "finished": links.projects(figures, FINISHED),
        "paid": links.rows(figures, "entries", moment=Moment.PAID, source=Source.FEDERAL),
    }


def money_by_moment(figures: Figures) -> list[Amount]:
    return [
        Amount(moment.label, amount, links.rows(figures, "entries", moment=moment, source=Source.FEDERAL))
        for moment, amount in figures.moments
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


def _progress_lines(figures: Figures) -> list[LineChart]:
    series = figures.physical_by_month()
    initials = _("J F M A M J J A S O N D").split()
    return [
        LineChart(str(modality), initials, *series[modality.pk], maximum=100)
        for modality in Modality.objects.all()
        if modality.pk in series
    ]


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


def _parts(figures: Figures) -> list[Part]:
    """States of the nation, municipalities of a state, polygons of a municipality."""
    scope = figures.scope
    if scope.polygon:
        return []
    places, path, entry_path = _below(figures)
    counts = dict(figures.projects.order_by().values_list(path).annotate(count=Count("pk")))
    weights = figures.actions.order_by().values_list(f"project__{path}")
    worth = {key: (cost, done) for key, cost, done in weights.annotate(Sum("cost"), Sum("done"))}
    paid = figures.entries.filter(moment=Moment.PAID, source=Source.FEDERAL).order_by().values_list(entry_path)
    paid = dict(paid.annotate(total=Sum("amount")))
    ceilings = _ceilings_below(figures)
    parts = []
    for place, below in places:
        cost, done = worth.get(place.pk, (Decimal(0), Decimal(0)))
        parts.append(
            Part(
                scope=below,
                url=links.dashboard(below, figures.year),
                projects=counts.get(place.pk, 0),
                cost=cost,
                progress=share_of(done, cost) if cost else None,
                ceiling=ceilings.get(place.pk),
                paid=paid.get(place.pk, Decimal(0)),
            )
        )
    return parts


def _below(figures: Figures) -> tuple[list[tuple[object, Scope]], str, str]:
    """Places one level down with their scopes, and the paths to their key from projects and from entries."""
    scope = figures.scope
    if scope.municipality:
        polygons = figures.polygons.order_by("code")
        path = "polygon_version__polygon"
        return [(p, Scope(scope.state, scope.municipality, p)) for p in polygons], path, f"project__{path}"
    if scope.state:
        with_polygons = Municipality.objects.filter(pk__in=figures.polygons.values("municipality"))
        at_work = Municipality.objects.filter(pk__in=figures.projects.values("municipality"))
        places = (with_polygons | at_work).order_by("code")
        return [(m, Scope(scope.state, m)) for m in places], "municipality", "municipality"
    return [(s, Scope(s)) for s in State.objects.order_by("code")], "municipality__state", "state"


def _ceilings_below(figures: Figures) -> dict[str, Decimal]:
    nodes = figures.ceilings.filter(modality=None)
    if figures.scope.level == "nation":
        nodes = nodes.filter(state__isnull=False, municipality=None)
        return dict(nodes.order_by().values_list("state").annotate(total=Sum("amount")))
    if figures.scope.level == "state":
        nodes = nodes.filter(state=figures.scope.state, municipality__isnull=False)
        return dict(nodes.order_by().values_list("municipality").annotate(total=Sum("amount")))
    return {}
