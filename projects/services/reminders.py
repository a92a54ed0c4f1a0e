"""Deadlines told: before the day, once it is over, and to the next in line; each once for a case and its day."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from habitat.accounts import notices
from habitat.accounts.models import Absence, Notification, Role, User
from habitat.accounts.notices import Notice
from modalities import parameters
from modalities.models import RulesVersion, business_days
from projects import notifications, progress_notices
from projects.models import Opinion, Project
from projects.services.social_reminders import social_notices
from projects.turns import roles_of
from projects.workflow import Status

NEXT_IN_LINE: dict[str, str] = {
    Role.PREPARER: Role.REVIEWER,
    Role.CERTIFIER: Role.REVIEWER,
    Role.REVIEWER: Role.DELEGATE,
    Role.DELEGATE: Role.MANAGER,
}


@dataclass(frozen=True)
class Event:
    """What a day has brought of a case, or of an opinion asked on it; the key is the same however often one asks.

    `name` is soon, overdue or escalated.
    """

    name: str
    case: Project
    due_on: dt.date
    opinion: Opinion | None = None

    @property
    def key(self) -> str:
        of = f"opinion-{self.opinion.pk}" if self.opinion else str(self.case.pk)
        return f"{self.name}-{of}-{self.due_on:%Y%m%d}"


def remind(*, at: dt.datetime | None = None, is_dry_run: bool = False) -> list[tuple[str, int]]:
    """Tell what is new of the deadlines, on business days of the case's state; answers (e-mail, events).

    Two at once tell nothing twice: a person is told once of an event, as the database keeps.
    """
    clock = Clock(timezone.localdate(at))
    events = [*events_of_cases(clock), *events_of_opinions(clock)]
    known = set(Notification.objects.filter(key__in=[event.key for event in events]).values_list("key", flat=True))
    people = People(clock.today)
    told = [notice for event in events if event.key not in known for notice in people.notices_of(event)]
    if clock.calendar.counts(clock.today):
        told += progress_notices.of_due_progress(clock.today, clock.calendar.add(clock.today, clock.ahead))
    told = notices.untold([*told, *social_notices(clock.today)])
    if not is_dry_run:
        notices.tell(told)
    return sorted(Counter(notice.user.email for notice in told).items())


class Clock:
    """One day, by the calendar and by the parameters of each version of the rules."""

    def __init__(self, today: dt.date) -> None:
        self.today = today
        self.calendar = business_days()
        self.days = parameters.by_version(RulesVersion.objects.in_use().prefetch_related("parameters"))

    @property
    def last_told(self) -> dt.date:
        """No case due later is told of today: a state's days of rest, more than a week, come on top."""
        return self.calendar.add(self.today, self.ahead) + dt.timedelta(days=14)

    @property
    def ahead(self) -> int:
        """The most business days before a day on which any version tells of it."""
        return max((int(known["reminder_days"]) for known in self.days.values()), default=0)

    def brings(self, case: Project, due_on: dt.date) -> Iterator[str]:
        """Before the day one event, after it one, later two; none on a day of rest."""
        state, days = case.state_code, self.days[case.rules_id]
        if not self.calendar.counts(self.today, state):
            return
        left = self.calendar.until(due_on, self.today, state)
        if due_on >= self.today:
            if left <= days["reminder_days"]:
                yield "soon"
            return
        yield "overdue"
        if -left >= days["escalation_days"]:
            yield "escalated"


def events_of_cases(clock: Clock) -> Iterator[Event]:
    due = Project.objects.open().filter(due_on__lte=clock.last_told)
    for case in due.select_related("municipality", "assigned_to").order_by("due_on", "pk"):
        if case.due_on:
            yield from (Event(name, case, case.due_on) for name in clock.brings(case, case.due_on))


def events_of_opinions(clock: Clock) -> Iterator[Event]:
    """Of opinions awaited on cases still in review; the day is the one that the reviewer set."""
    asked = Opinion.objects.filter(given_at=None, due_on__lte=clock.last_told, project__status=Status.IN_REVIEW)
    related = asked.select_related("project__municipality", "project__assigned_to", "modality", "asked_by")
    for opinion in related.order_by("due_on", "pk"):
        if opinion.due_on:
            names = clock.brings(opinion.project, opinion.due_on)
            yield from (Event(name, opinion.project, opinion.due_on, opinion) for name in names)


class People:
    """Who hears of a case: who has it in hand and the deputy, else the role whose turn it is; then the next in line."""

    def __init__(self, today: dt.date) -> None:
        self.by_role: dict[str, list[User]] = defaultdict(list)
        for user in notifications.valid_accounts().exclude(role__in=[Role.AUDITOR, Role.SERVICE]):
            self.by_role[user.role].append(user)
        self.deputies: dict[int, list[User]] = defaultdict(list)
        for absence in Absence.objects.running(today).select_related("deputy"):
            self.deputies[absence.user_id].append(absence.deputy)

    def notices_of(self, event: Event) -> Iterator[Notice]:
        if event.opinion:
            for user in self._of_opinion(event, event.opinion):
                yield notifications.of_opinion_due(event.name, event.opinion, user, key=event.key)
            return
        roles = roles_of(event.case.status)
        if event.name == "escalated":
            roles = {NEXT_IN_LINE[role] for role in roles if role in NEXT_IN_LINE} - roles
            people = self._of_place(roles, event.case)
        else:
            holder = event.case.assigned_to
            in_hand = holder is not None and holder.is_valid_today and holder.role in roles
            people = [holder, *self.deputies[holder.pk]] if in_hand and holder else self._of_place(roles, event.case)
        for user in people:
            yield notifications.of_deadline(event.name, event.case, user, key=event.key)

    def _of_opinion(self, event: Event, opinion: Opinion) -> list[User]:
        """The technicians; once it is late by long, who asked for it and who has the case in hand."""
        if event.name != "escalated":
            return self._of_place({Role.TECHNICIAN}, event.case)
        concerned = {user for user in (opinion.asked_by, event.case.assigned_to) if user}
        return [user for user in concerned if user.is_valid_today and holds(user, event.case.municipality_id)]

    def _of_place(self, roles: set[str], case: Project) -> list[User]:
        return [user for role in sorted(roles) for user in self.by_role[role] if holds(user, case.municipality_id)]


def holds(user: User, municipality: str) -> bool:
    """Whether the territory holds a municipality, whose code begins with its state's."""
    return user.is_national or municipality == user.municipality_id or municipality[:2] == user.state_id
