"""A project put together for reading: its figures, its stages, what happened, what comes next."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import GeometryCollection
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.accounts.models import Role
from habitat.lib.charts import SourceSplit
from polygons.maps import map_context
from polygons.models import Block, Municipality, PolygonVersion
from projects.cofunding import Matrix, matrix_of
from projects.models import Action, ActionBlock, AgeGroup, Project, SchedulePart, StatusChange
from projects.workflow import MAIN_ROAD, Move, Status, Step, steps_of

SEXES = ("women", "men")


@dataclass(frozen=True)
class Totals:
    """Sums over the actions of one project."""

    actions: list[Action]
    blocks: int
    matrix: Matrix

    @property
    def cost(self) -> Decimal:
        return self.matrix.total

    @property
    def women(self) -> int:
        return sum(action.women for action in self.actions)

    @property
    def men(self) -> int:
        return sum(action.men for action in self.actions)

    @property
    def people(self) -> int:
        return self.women + self.men

    @property
    def households(self) -> int:
        # Actions of one project mostly serve the same households: the largest count, never the sum.
        return max((action.households for action in self.actions), default=0)

    @cached_property
    def ages(self) -> list[tuple[str, int, int]]:
        """Age group, women and men over all actions; empty where no action tells them."""
        rows = [row for action in self.actions for row in action.ages.all()]
        if not rows:
            return []
        return [
            (str(group.label), *(sum(getattr(row, sex) for row in rows if row.group == group) for sex in SEXES))
            for group in AgeGroup
        ]

    @cached_property
    def months(self) -> list[tuple[SchedulePart, Action]]:
        """What each month builds and pays, in the order of time."""
        parts = [(part, action) for action in self.actions for part in action.schedule.all()]
        return sorted(parts, key=lambda pair: (pair[0].month, pair[1].pk))

    @cached_property
    def by_source(self) -> SourceSplit:
        return self.matrix.by_source


def site_map(project: Project, actions: list[Action]) -> dict[str, str]:
    return site_map_of(actions, project.polygon_version, project.municipality)


def site_map_of(actions: list[Action], version: PolygonVersion | None, municipality: Municipality) -> dict[str, str]:
    """The sites of the actions over polygon and blocks; where nothing is drawn yet, what the municipality has."""
    sites = GeometryCollection([action.geometry for action in actions if action.geometry], srid=4326)
    if sites:
        bounds = sites.extent
    elif version:
        bounds = version.geometry.extent
    else:
        bounds = Block.objects.filter(municipality=municipality).aggregate(extent=Extent("geometry"))["extent"]
    is_over = version is not None and version.status == PolygonVersion.Status.SUPERSEDED
    drawn = map_context(bounds, None, selected=version.polygon.code if version and not is_over else "")
    drawn["site"] = sites.geojson if sites else ""
    if version and is_over:
        # Tiles show what is in force.
        drawn |= {"outline": version.geometry.geojson, "outline_version": str(version.number)}
    return drawn


def actions_of(project: Project) -> list[Action]:
    """With type, contributions and `cost`; three queries whatever their number."""
    actions = project.actions.select_related("action_type").prefetch_related("contributions")
    return list(actions.annotate(cost=Sum("contributions__amount", default=Decimal(0))))


def totals_of(project: Project, actions: list[Action]) -> Totals:
    blocks = ActionBlock.objects.filter(action__project=project).values("block").distinct().count()
    return Totals(actions, blocks, matrix_of(project.fiscal_year_id, actions))


def stages(project: Project, history: list[StatusChange]) -> list[dict[str, object]]:
    """The usual road for the stepper, with the day each stage was reached; a stopped or returned case says so."""
    reached = {change.to_status: change.at for change in history}
    road = [status for status in MAIN_ROAD if status != Status.DRAFT or project.status == Status.DRAFT]
    here = project.status
    if here not in road:
        # Observed, rejected, withdrawn or cancelled: it stands after the last stage of the road it passed.
        passed = [number for number, status in enumerate(road) if status in reached]
        road.insert(max(passed, default=-1) + 1, Status(here))
    now = road.index(Status(here))
    return [
        {
            "label": status.label,
            "state": "past" if number < now else "now" if number == now else "next",
            "when": _day(reached.get(status)) if number <= now else "",
        }
        for number, status in enumerate(road)
    ]


def _day(moment: dt.datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if moment else ""


def months_of_works(history: list[StatusChange]) -> list[dt.date]:
    """First days of the months from the start of the works to today, the newest first; none before they start."""
    started = next((change.at for change in history if change.to_status == Status.IN_EXECUTION), None)
    if started is None:
        return []
    first, today = timezone.localtime(started), timezone.localdate()
    count = (today.year - first.year) * 12 + today.month - first.month
    start = first.year * 12 + first.month - 1
    months = (divmod(start + number, 12) for number in range(count, -1, -1))
    return [dt.date(year, month + 1, 1) for year, month in months]


def timeline(project: Project, history: list[StatusChange], *, shows_people: bool) -> list[dict[str, object]]:
    """Newest first. The public reads what happened and when, never who did it or wrote what."""
    steps = steps_of(project.rules.workflow)
    events: list[dict[str, object]] = []
    for change in reversed(history):
        answered = change.step == "answer"
        label = steps["answer"].label if answered else Status(change.to_status).label
        event: dict[str, object] = {"label": label, "at": change.at}
        if shows_people:
            event |= {"by": who(change), "reason": change.reason}
        events.append(event)
    return events


def who(change: StatusChange) -> str:
    if change.by is None:
        return _("The portal")
    return f"{change.by} · {change.by.get_role_display()}, {change.by.territory_name}"


@dataclass(frozen=True)
class Arrow:
    """A row of the workflow's table: one step from one status to another, by one role."""

    step: Step
    move: Move

    @property
    def source(self) -> str:
        return str(Status(self.move.source).label)

    @property
    def target(self) -> str:
        return str(Status(self.move.target).label)

    @property
    def role(self) -> str:
        return str(Role(self.move.role).label)


def arrows(workflow: str) -> list[Arrow]:
    return [Arrow(step, move) for step in steps_of(workflow).values() for move in step.moves]
