"""What waits for a person, what is late, and what is next: each count with the list that adds up to it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from habitat.accounts.models import Role
from habitat.lib.calendar import BusinessDays
from modalities.models import FiscalYear, Milestone, business_days
from projects.models import (
    ActionPoint,
    Alert,
    CancellationProposal,
    Opinion,
    ProgressReport,
    Project,
    Status,
    StatusChange,
)
from projects.turns import waiting_statuses
from projects.windows import Capture, capture_of
from reports import links
from reports.indicators import Figures
from reports.scopes import home_of

SHOWN = 8
# A date this close stands above everything else.
NEAR = 10


@dataclass(frozen=True)
class Coming:
    """A stretch of the calendar that closes on a day, so many business days from now."""

    milestone: Milestone
    days: int


class Desk:
    """Of one person on one day (local date)."""

    def __init__(self, user, today: date | None = None) -> None:
        self.user = user
        self.today = today or timezone.localdate()

    @cached_property
    def fiscal_year(self) -> int:
        """The running year, else the last before it."""
        years = FiscalYear.objects.filter(year__lte=self.today.year).values_list("year", flat=True)
        return years.first() or self.today.year

    @cached_property
    def figures(self) -> Figures:
        return Figures(home_of(self.user), self.fiscal_year, self.user, self.today)

    @cached_property
    def calendar(self) -> BusinessDays:
        return business_days()

    @property
    def _projects(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.user)

    # ---- Projects ----------------------------------------------------------------------------------------------------
    @cached_property
    def waits(self) -> bool:
        """Whether any step of the workflow is this role's."""
        return bool(waiting_statuses(self.user.role))

    @property
    def waiting(self) -> QuerySet[Project]:
        return self._projects.filter(status__in=waiting_statuses(self.user.role))

    @cached_property
    def waiting_count(self) -> int:
        return self.waiting.count()

    @property
    def overdue(self) -> QuerySet[Project]:
        return self.waiting.overdue(self.today)

    @cached_property
    def overdue_count(self) -> int:
        return self.overdue.count()

    @cached_property
    def first_waiting(self) -> list[Project]:
        """What is late first, then what is due soonest, then the oldest; with `days`, business days left."""
        rows = self.waiting.select_related("municipality", "polygon_version__polygon").with_totals()
        found = list(rows.order_by("due_on", "status_since", "pk")[:SHOWN])
        for project in found:
            project.days = (
                self.calendar.until(project.due_on, self.today, project.state_code) if project.due_on else None
            )
        return found

    @property
    def observed(self) -> QuerySet[Project]:
        """With the municipality, until it answers."""
        return self._projects.filter(status=Status.OBSERVED)

    @cached_property
    def observed_count(self) -> int:
        return 0 if self.user.is_local else self.observed.count()

    @cached_property
    def first_observed(self) -> list[Project]:
        if self.user.is_local or not self.observed_count:
            return []
        rows = self.observed.select_related("municipality", "polygon_version__polygon").order_by("status_since", "pk")
        found = list(rows[:SHOWN])
        for project in found:
            since = timezone.localdate(project.status_since)
            project.waited = self.calendar.until(self.today, since, project.state_code)
        return found

    # ---- Progress, opinions, cancellations ---------------------------------------------------------------------------
    @property
    def has_progress(self) -> bool:
        return self.user.is_delegation or self.user.is_local

    @cached_property
    def first_progress(self) -> list[ProgressReport]:
        if not self.has_progress:
            return []
        rows = self.figures.progress_waiting.select_related("project").order_by("year", "month", "project__folio")
        return list(rows[:SHOWN])

    @cached_property
    def opinions(self) -> list[Opinion]:
        """Asked and not yet given; technicians give them."""
        if self.user.role != Role.TECHNICIAN:
            return []
        asked = Opinion.objects.filter(given_at=None, project__in=self._projects)
        return list(asked.select_related("project", "asked_by", "modality").order_by("due_on", "asked_at"))

    @cached_property
    def cancellations(self) -> list[CancellationProposal]:
        """Proposed by a delegate, to be confirmed by the program unit."""
        if self.user.role != Role.MANAGER:
            return []
        proposed = CancellationProposal.objects.filter(confirmed_at=None, project__in=self._projects)
        return list(proposed.select_related("project", "by").order_by("at"))

    @cached_property
    def alerts(self) -> dict[str, int]:
        """Open alerts of one's territory: `all`, and `mine`, those of one's role."""
        counts = {"all": Count("pk"), "mine": Count("pk", filter=Q(owner=self.user.role))}
        return Alert.objects.visible_to(self.user).open().aggregate(**counts)

    @cached_property
    def points(self) -> list[ActionPoint]:
        """What a visit asked of this person, until it is closed."""
        mine = ActionPoint.objects.visible_to(self.user).open().filter(owner=self.user)
        return list(mine.select_related("project")[:SHOWN])

    # ---- Dates and news ----------------------------------------------------------------------------------------------
    @cached_property
    def coming(self) -> list[Coming]:
        """The next days on which something closes, here or in the whole country."""
        home = self.figures.scope
        here = Q(state_code="") | Q(state_code=home.state.pk) if home.state else Q(state_code="")
        next_ones = Milestone.objects.filter(here, closes_on__gte=self.today).order_by("closes_on", "kind")
        state = home.state.pk if home.state else ""
        return [Coming(row, self.calendar.until(row.closes_on, self.today, state)) for row in next_ones[:5]]

    @cached_property
    def capture(self) -> Capture | None:
        """Of a municipality's people: when their capture closes, on their own clock."""
        if not (self.user.is_local and self.user.municipality):
            return None
        year = FiscalYear.objects.filter(status=FiscalYear.Status.OPEN).order_by("-pk").first()
        return capture_of(year, self.user.municipality) if year else None

    @property
    def near(self) -> Coming | None:
        return self.coming[0] if self.coming and self.coming[0].days <= NEAR else None

    @cached_property
    def news(self) -> list[StatusChange]:
        changes = StatusChange.objects.filter(project__in=self._projects, at__lte=Now())
        return list(changes.select_related("project", "by").order_by("-at", "-pk")[:5])

    # ---- Lists behind the counts -------------------------------------------------------------------------------------
    @property
    def links(self) -> dict[str, str]:
        return {
            "waiting": _projects(waiting="on"),
            "overdue": _projects(waiting="on", overdue="on"),
            "observed": _projects(status=Status.OBSERVED),
            "progress": links.rows(self.figures, "progress"),
            "actions": links.rows(self.figures, "actions"),
        }


def _projects(**query: str) -> str:
    return f"{reverse('projects:list')}?{urlencode(query)}"
