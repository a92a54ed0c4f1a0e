"""What the clock asks for: last month's reports, once the month's capture has closed."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from habitat.lib.calendar import add_business_days
from polygons.models import Municipality, State
from projects.models import Project
from reports import services
from reports.models import Report, ReportSchedule
from reports.periods import Month, closes_on
from reports.scopes import Scope


def run_schedule(at: datetime | None = None) -> list[Report]:
    """Asks for every due report; again is harmless, a failed one waits for a person."""
    at = at or timezone.now()
    today = timezone.localdate(at)
    month = Month.of(today).previous
    return [
        services.ask(schedule.kind, str(month), state=scope.state, municipality=scope.municipality, by=None, at=at)
        for schedule in ReportSchedule.objects.filter(is_active=True)
        for scope in scopes_of(schedule)
        if is_due(schedule, scope, month, today) and not has_failed(schedule, scope, month)
    ]


def scopes_of(schedule: ReportSchedule) -> Iterator[Scope]:
    if schedule.scope == ReportSchedule.Scope.NATION:
        yield Scope()
        return
    at_work = Municipality.objects.filter(pk__in=Project.objects.approved().values("municipality"))
    if schedule.scope == ReportSchedule.Scope.STATES:
        yield from (Scope(state) for state in State.objects.filter(pk__in=at_work.values("state")))
    else:
        yield from (Scope(place.state, place) for place in at_work.select_related("state"))


def is_due(schedule: ReportSchedule, scope: Scope, month: Month, today: date) -> bool:
    """From the schedule's business day of the following month on, and not before capture has closed."""
    first_due = add_business_days(month.last_day, schedule.business_day)
    return today >= first_due and today > closes_on(month, scope.state.pk if scope.state else None)


def has_failed(schedule: ReportSchedule, scope: Scope, month: Month) -> bool:
    place = {"state": scope.state, "municipality": scope.municipality}
    return Report.objects.filter(
        kind=schedule.kind, period=str(month), **place, asked_by=None, status=Report.Status.FAILED
    ).exists()
