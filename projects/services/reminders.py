"""Deadlines told: before the day, once it is over, and to the next in line; each once for a case and its day."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from habitat.accounts import notices
from habitat.accounts.models import Absence, Notification, Role, User
from habitat.accounts.notices import Notice
from habitat.lib.calendar import add_business_days, business_days_until, is_business_day
from modalities import parameters
from modalities.models import RulesVersion
from projects import notifications
from projects.models import Project
from projects.turns import roles_of

NEXT_IN_LINE: dict[str, str] = {
    Role.PREPARER: Role.REVIEWER,
    Role.CERTIFIER: Role.REVIEWER,
    Role.REVIEWER: Role.DELEGATE,
    Role.DELEGATE: Role.MANAGER,
}


@dataclass(frozen=True)
class Event:
    """`name` is soon, overdue or escalated; the key is the same however often the clock asks."""

    name: str
    case: Project

    @property
    def key(self) -> str:
        return f"{self.name}-{self.case.pk}-{self.case.due_on:%Y%m%d}"


def remind(*, at: dt.datetime | None = None, is_dry_run: bool = False) -> list[tuple[str, int]]:
    """Tell what is new of the deadlines, on business days; answers (e-mail, cases).

    Two at once tell nothing twice: a person is told once of an event, as the database keeps.
    """
    today = timezone.localdate(at)
    if not is_business_day(today):
        return []
    days = parameters.by_version(RulesVersion.objects.in_use().prefetch_related("parameters"))
    due = Project.objects.open().filter(due_on__lte=_last_told(days.values(), today))
    cases = due.select_related("municipality", "assigned_to").order_by("due_on", "pk")
    events = [event for case in cases for event in events_of(case, today, days[case.rules_id])]
    known = set(Notification.objects.filter(key__in=[event.key for event in events]).values_list("key", flat=True))
    people = People(today)
    told = [notice for event in events if event.key not in known for notice in people.notices_of(event)]
    if not is_dry_run:
        notices.tell(told)
    return sorted(Counter(notice.user.email for notice in told).items())


def _last_told(days: Iterable[dict[str, Decimal]], today: dt.date) -> dt.date:
    """The farthest day that any version in use tells of today."""
    return add_business_days(today, max((int(known["reminder_days"]) for known in days), default=0))


def events_of(case: Project, today: dt.date, days: dict[str, Decimal]) -> Iterator[Event]:
    """What the day has brought for a case that is due: before it one event, after it one, later two.

    `days`: the parameters of its rules.
    """
    if case.due_on is None or case.due_on > add_business_days(today, int(days["reminder_days"])):
        return
    if case.due_on >= today:
        yield Event("soon", case)
        return
    yield Event("overdue", case)
    if business_days_until(case.due_on, today) <= -int(days["escalation_days"]):
        yield Event("escalated", case)


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

    def _of_place(self, roles: set[str], case: Project) -> list[User]:
        return [user for role in sorted(roles) for user in self.by_role[role] if holds(user, case.municipality_id)]


def holds(user: User, municipality: str) -> bool:
    """Whether the territory holds a municipality, whose code begins with its state's."""
    return user.is_national or municipality == user.municipality_id or municipality[:2] == user.state_id
