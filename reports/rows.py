"""What stands behind each figure: the same querysets, as lists."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from modalities.models import Modality
from projects.alerts import BY_CODE
from projects.models import Moment, Source
from reports import tables
from reports.indicators import Figures
from reports.parts import Part, parts_of


@dataclass(frozen=True)
class Rows:
    """`filters`: query parameters that narrow the rows by a column of that name."""

    title: Promise
    note: Promise
    table: type
    of: Callable[[Figures], QuerySet | list[Part]]
    filters: tuple[str, ...] = ()
    is_public: bool = True


def blocks(figures: Figures) -> QuerySet:
    return figures.blocks.select_related("municipality").defer("geometry", "mercator")


def with_projects(polygons: Callable[[Figures], QuerySet]) -> Callable[[Figures], QuerySet]:
    """Adds `approved`, the number of the year's approved projects in each polygon."""

    def rows(figures: Figures) -> QuerySet:
        mine = figures.projects.filter(polygon_version__polygon=OuterRef("pk")).order_by()
        count = mine.values("polygon_version__polygon").annotate(count=Count("pk")).values("count")
        return polygons(figures).select_related("municipality__state").annotate(approved=Coalesce(Subquery(count), 0))

    return rows


def entries(figures: Figures) -> QuerySet:
    return figures.entries.select_related("project", "municipality")


def actions(figures: Figures) -> QuerySet:
    return figures.actions.select_related("project__municipality", "action_type").defer("geometry")


def progress(figures: Figures) -> QuerySet:
    return figures.progress_waiting.select_related("project__municipality")


def alerts(figures: Figures) -> QuerySet:
    return figures.alerts.select_related("project__municipality")


def places(figures: Figures) -> list[Part]:
    return [part for part in parts_of(figures) if part.has_something]


ROWS = {
    "alerts": Rows(
        _("Alerts"),
        _("Open ones; each is closed with a reason, or by the clock once its condition is over."),
        tables.AlertTable,
        alerts,
        filters=("kind",),
        is_public=False,
    ),
    "blocks": Rows(
        _("City blocks and what their dwellings lack"),
        _("Where INEGI keeps a count confidential the range says from what is printed up to what is possible."),
        tables.BlockTable,
        blocks,
    ),
    "polygons": Rows(
        _("Habitat Polygons"),
        _("The universe: every published polygon."),
        tables.PolygonTable,
        with_projects(lambda figures: figures.polygons),
    ),
    "attended": Rows(
        _("Polygons attended"),
        _("Polygons with at least one approved project of the year."),
        tables.PolygonTable,
        with_projects(lambda figures: figures.attended),
    ),
    "places": Rows(
        _("Places"),
        _("The places one level below, each with its own figures."),
        tables.PartTable,
        places,
    ),
    "entries": Rows(
        _("Entries of the ledger"),
        _("Corrections are entries of the opposite sign."),
        tables.EntryTable,
        entries,
        filters=("moment", "source", "modality"),
        is_public=False,
    ),
    "actions": Rows(
        _("Progress of the actions"),
        _("Progress is what was measured and accepted; each action weighs what it costs."),
        tables.ActionTable,
        actions,
    ),
    "progress": Rows(
        _("Progress that waits"),
        _("Months to accept for a delegation; months to finish and send for a municipality."),
        tables.ProgressTable,
        progress,
        is_public=False,
    ),
}


def words_of(name: str, value: str) -> str:
    """A filter's value as people read it; raises LookupError."""
    if name == "modality":
        return str({modality.pk: modality for modality in Modality.objects.all()}[value])
    if name == "kind":
        return str(BY_CODE[value].title)
    choices = {"moment": Moment, "source": Source}[name]
    if value not in choices.values:
        raise LookupError(value)
    return str(choices(value).label)
