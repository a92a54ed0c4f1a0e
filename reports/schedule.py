"""What the clock asks for: the reports of the last period of each kind, once its capture has closed."""

from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from modalities.models import business_days
from polygons.models import Municipality, State
from projects.models import Project
from reports import services
from reports.catalog import CATALOGUE
from reports.models import Report, ReportSchedule, Subscription
from reports.periods import Period, closes_on
from reports.scopes import Scope

# What a schedule asks for: a place, in a language.
Wish = tuple[Scope, str]


def run_schedule(at: datetime | None = None) -> list[Report]:
    """Asks for every due report; again is harmless, a failed one waits for a person."""
    at = at or timezone.now()
    today = timezone.localdate(at)
    asked = []
    for schedule in ReportSchedule.objects.filter(is_active=True, kind__in=CATALOGUE):
        period = CATALOGUE[schedule.kind].period.of(today).previous
        for scope, language in wishes_of(schedule):
            if is_due(schedule, scope, period, today) and not has_failed(schedule, scope, period, language):
                place = {"state": scope.state, "municipality": scope.municipality, "language": language}
                asked.append(services.ask(schedule.kind, str(period), **place, by=None, at=at))
    return asked


def wishes_of(schedule: ReportSchedule) -> list[Wish]:
    """Its places in the portal's language, and those subscribed to, each in its reader's; asked twice is made once."""
    wishes = dict.fromkeys((scope, settings.LANGUAGE_CODE) for scope in scopes_of(schedule))
    for wanted in Subscription.objects.filter(kind=schedule.kind).select_related("state", "municipality"):
        wishes[Scope(wanted.state, wanted.municipality), wanted.language] = None
    return list(wishes)


def scopes_of(schedule: ReportSchedule) -> Iterator[Scope]:
    if schedule.scope == ReportSchedule.Scope.NATION:
        yield Scope()
        return
    at_work = Municipality.objects.filter(pk__in=Project.objects.approved().values("municipality"))
    if schedule.scope == ReportSchedule.Scope.STATES:
        yield from (Scope(state) for state in State.objects.filter(pk__in=at_work.values("state")))
    else:
        yield from (Scope(place.state, place) for place in at_work.select_related("state"))


def is_due(schedule: ReportSchedule, scope: Scope, period: Period, today: date) -> bool:
    """From the schedule's business day after the period on, and not before capture has closed."""
    state = scope.state.pk if scope.state else None
    first_due = business_days().add(period.last_day, schedule.business_day, state or "")
    return today >= first_due and today > closes_on(period, state)


def has_failed(schedule: ReportSchedule, scope: Scope, period: Period, language: str) -> bool:
    place = {"state": scope.state, "municipality": scope.municipality}
    return Report.objects.filter(
        kind=schedule.kind, period=str(period), **place, language=language, asked_by=None, status=Report.Status.FAILED
    ).exists()
