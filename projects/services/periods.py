"""Periods of progress: months or quarters, as the rules of the year say; opened by the clock, due on a stored day."""

import calendar
import datetime as dt
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from modalities import parameters
from modalities.models import FiscalYear, Milestone, RulesVersion, business_days
from modalities.services import window
from polygons.models import State
from projects.models import ProgressPeriod, Project, Status
from projects.refusals import Refused

QUARTER = 3

# One report for each project at work in a period that has none of it yet, whoever captured a part of it before.
EXPECT = """
    INSERT INTO projects_progressreport (public_id, project_id, period_id, year, month, status, note, reason)
    SELECT gen_random_uuid(), project.id, period.id, period.year, period.month, 'expected', '', ''
    FROM projects_project AS project
    JOIN polygons_municipality AS place ON place.code = project.municipality_id
    JOIN projects_progressperiod AS period ON period.state_id = place.state_id AND period.opens_on <= %(today)s
    JOIN (
        SELECT project_id, min(at) AS at FROM projects_statuschange WHERE step = 'start' GROUP BY project_id
    ) AS start ON start.project_id = project.id
        AND start.at < make_date(period.year, period.month, 1) + interval '1 month'
    WHERE project.status = 'in_execution' AND NOT EXISTS (
        SELECT FROM projects_progressreport AS told
        WHERE told.project_id = project.id AND told.year = period.year
            AND told.month BETWEEN period.first_month AND period.month
    )
    ON CONFLICT DO NOTHING
"""


@transaction.atomic
def open_periods(*, at: dt.datetime | None = None) -> int:
    """Open what the calendar opens, let due days that lie ahead follow it, and ask each project at work for its report.

    Of this year and the last, in states with works. Answers how many reports are newly expected. Safe to run twice.
    """
    at = at or timezone.now()
    follow_calendar(at)
    with connection.cursor() as cursor:
        cursor.execute(EXPECT, {"today": timezone.localdate(at)})
        return max(cursor.rowcount, 0)


def follow_calendar(at: dt.datetime) -> None:
    today = timezone.localdate(at)
    at_work = Project.objects.filter(status=Status.IN_EXECUTION).values("municipality__state")
    for state in State.objects.filter(pk__in=at_work):
        for year in FiscalYear.objects.filter(year__in=[today.year - 1, today.year]):
            _open_year(state, year, at)


def _open_year(state: State, year: FiscalYear, at: dt.datetime) -> None:
    today = timezone.localdate(at)
    opened = {period.month: period for period in ProgressPeriod.objects.filter(state=state, year=year.pk)}
    for planned in _planned(state, year, list(opened.values()), at):
        known = opened.get(planned.month)
        if known is None and planned.opens_on <= today:
            # Somebody may capture at the same moment: their row and ours are the same.
            ProgressPeriod.objects.bulk_create([planned], ignore_conflicts=True)
        elif known and known.due_on >= today and planned.due_on >= today and planned.due_on != known.due_on:
            known.due_on = planned.due_on
            known.save(update_fields=["due_on"])


def period_of(project: Project, year: int, month: int, at: dt.datetime) -> ProgressPeriod:
    """The period that ends with a month; it may be captured from its first day on, for works end on any.

    Raises Refused where it has not begun, or where the rules of the year know no period that ends with that month.
    """
    state, fiscal_year = project.municipality.state, FiscalYear.objects.filter(pk=year).first()
    today = project.municipality.local_day(at)
    if not 1 <= month <= 12 or (year, month) > (today.year, today.month + QUARTER - 1) or fiscal_year is None:
        raise Refused(_("Progress is reported for months that have begun."))
    opened = list(ProgressPeriod.objects.filter(state=state, year=year))
    found = next((period for period in opened if period.month == month), None)
    if found is None:
        planned = list(_planned(state, fiscal_year, opened, at))
        found = next((period for period in planned if period.month == month), None)
    if found is None:
        raise Refused(_wrong_month(planned, year, month))
    if (year, found.first_month) > (today.year, today.month):
        raise Refused(_("Progress is reported for months that have begun."))
    if found.pk is None:
        ProgressPeriod.objects.bulk_create([found], ignore_conflicts=True)
        found = ProgressPeriod.objects.get(state=state, year=year, month=month)
    return found


def _wrong_month(planned: list[ProgressPeriod], year: int, month: int) -> str:
    covering = next((period for period in planned if period.first_month <= month <= period.month), None)
    if covering is None:
        return _("This month belongs to a period that is being reported already.")
    words = _("This year's progress is reported by quarter: report this month with %(month)s.")
    return words % {"month": date_format(dt.date(year, covering.month, 1), "YEAR_MONTH_FORMAT")}


def _planned(state: State, year: FiscalYear, opened: list[ProgressPeriod], at: dt.datetime) -> Iterator[ProgressPeriod]:
    """The periods of a year as its rules and calendar say now, unsaved; what has opened keeps its months."""
    rules = RulesVersion.objects.filter(status="in_force", fiscal_year__lte=year.pk).order_by("-fiscal_year").first()
    if rules is None:
        return
    known = parameters.values(rules)
    length, days = int(known["progress_months"]), int(known["progress_due_days"])
    taken = {month for period in opened for month in range(period.first_month, period.month + 1)}
    first = 1
    for month in range(1, 13):
        last_of_opened = next((period for period in opened if period.month == month), None)
        if last_of_opened is None and (month in taken or month % length):
            continue
        first = last_of_opened.first_month if last_of_opened else max([first, *(m + 1 for m in taken if m < month)])
        yield _period(state, year, first, month, days, at)
        first = month + 1


def _period(state: State, year: FiscalYear, first: int, month: int, days: int, at: dt.datetime) -> ProgressPeriod:
    """By the calendar's own stretch where there is one, else from the day after to so many business days after."""
    last_day = dt.date(year.pk, month, calendar.monthrange(year.pk, month)[1])
    stretch = window(year, Milestone.Kind.PROGRESS, state.pk, month)
    opens_on = stretch.opens_on if stretch else last_day + dt.timedelta(1)
    working_days = business_days()
    due_on = stretch.closes_on if stretch else working_days.add(last_day, days, state.pk)
    if not working_days.counts(due_on, state.pk):
        due_on = working_days.add(due_on, 1, state.pk)
    return ProgressPeriod(
        state=state, year=year.pk, first_month=first, month=month, opens_on=opens_on, due_on=due_on, opened_at=at
    )
