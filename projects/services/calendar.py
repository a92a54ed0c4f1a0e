"""Days ordered otherwise than the federal calendar, and what each does to the deadlines that run."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.calendar import BusinessDays
from modalities.models import CalendarException, business_days
from modalities.services import StaleError, need_writer
from projects.models import Project


@dataclass(frozen=True)
class Moved:
    """A running deadline whose day changes."""

    project: Project
    due_on: dt.date


def moved_by_adding(row: CalendarException, *, at: dt.datetime | None = None) -> list[Moved]:
    """What `add_exception` would do just now; `row` is not saved yet."""
    calendar = business_days()
    return _moved(calendar, _with(calendar, row), row.state_code, at or timezone.now())


def moved_by_removing(row: CalendarException, *, at: dt.datetime | None = None) -> list[Moved]:
    calendar = business_days()
    return _moved(calendar, _without(calendar, row), row.state_code, at or timezone.now())


def mark_of(moved: list[Moved]) -> str:
    """The same text as long as the same deadlines move to the same days."""
    said = " ".join(f"{line.project.pk}:{line.project.due_on}:{line.due_on}" for line in moved)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def add_exception(row: CalendarException, *, by: User, seen: str, at: dt.datetime | None = None) -> list[Moved]:
    """Write the day and move the running deadlines. `seen`: the `mark_of` what was shown.

    Raises PermissionDenied, ValidationError, or StaleError where other deadlines would move than were shown.
    """
    need_writer(by)
    row.by, row.at = by, at or timezone.now()
    row.full_clean()
    calendar = business_days()
    new = _with(calendar, row)
    if calendar.counts(row.day, row.state_code) == row.is_business_day:
        raise ValidationError({"day": _("The calendar says so already.")})
    with pghistory.context(user=by.pk, reason=f"calendar exception {row}"):
        row.save()
        return _move(calendar, new, row.state_code, row.at, seen)


@transaction.atomic
def remove_exception(row: CalendarException, *, by: User, seen: str, at: dt.datetime | None = None) -> list[Moved]:
    """The federal calendar holds again. Raises as `add_exception` does; StaleError too where it is gone."""
    need_writer(by)
    now = CalendarException.objects.select_for_update().filter(pk=row.pk).first()
    if now is None:
        raise StaleError(None, None)
    calendar = business_days()
    with pghistory.context(user=by.pk, reason=f"calendar exception {now} removed"):
        now.delete()
        return _move(calendar, _without(calendar, now), now.state_code, at or timezone.now(), seen)


def _with(calendar: BusinessDays, row: CalendarException) -> BusinessDays:
    return BusinessDays(dict(calendar.exceptions) | {(row.state_code, row.day): row.is_business_day})


def _without(calendar: BusinessDays, row: CalendarException) -> BusinessDays:
    gone = (row.state_code, row.day)
    return BusinessDays({key: counts for key, counts in calendar.exceptions.items() if key != gone})


def _move(old: BusinessDays, new: BusinessDays, state: str, at: dt.datetime, seen: str) -> list[Moved]:
    # A step taken meanwhile waits here, or has set its day already: what moves is decided on locked rows.
    list(_running(state, at).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    moved = _moved(old, new, state, at)
    if mark_of(moved) != seen:
        raise StaleError(None, None)
    for line in moved:
        Project.objects.filter(pk=line.project.pk).update(due_on=line.due_on)
    return moved


def _running(state: str, at: dt.datetime) -> QuerySet[Project]:
    """Cases whose day has not passed; a day that has is history and stays."""
    cases = Project.objects.open().filter(due_on__gte=timezone.localdate(at))
    return cases.filter(municipality__state=state) if state else cases


def _moved(old: BusinessDays, new: BusinessDays, state: str, at: dt.datetime) -> list[Moved]:
    rows = _running(state, at).select_related("municipality").order_by("due_on", "pk")
    return [line for project in rows for line in _line(project, old, new, at)]


def _line(project: Project, old: BusinessDays, new: BusinessDays, at: dt.datetime) -> Iterator[Moved]:
    """As many business days from the day its clock began as before, but never a day that is over."""
    if project.due_on is None:
        return
    began, today = (project.municipality.local_day(moment) for moment in (project.status_since, at))
    days = old.until(project.due_on, began, project.state_code)
    due_on = max(new.add(began, days, project.state_code), today)
    if due_on != project.due_on:
        yield Moved(project, due_on)
