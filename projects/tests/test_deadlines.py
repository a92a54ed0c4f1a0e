"""Business days: deadlines that pause with observations, reminders once a day."""

import datetime as dt

import pytest
from django.core.management import call_command

from habitat.accounts.models import OutboxMessage
from habitat.lib.calendar import add_business_days, business_days_until, is_business_day
from habitat.tests.fixtures import YEAR
from projects import services
from projects.models import Project


def at(month, day):
    """Ten in the morning in Campeche."""
    return dt.datetime(YEAR, month, day, 16, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (dt.date(2026, 2, 2), False),  # Constitution Day, moved to the first Monday
        (dt.date(2026, 2, 5), True),
        (dt.date(2026, 3, 16), False),  # Benito Juárez, third Monday
        (dt.date(2026, 5, 1), False),
        (dt.date(2026, 9, 16), False),
        (dt.date(2026, 11, 16), False),  # Revolution, third Monday
        (dt.date(2024, 10, 1), False),  # inauguration of the president, every six years
        (dt.date(2026, 10, 1), True),
        (dt.date(2026, 11, 22), False),  # a Sunday
    ],
)
def test_the_federal_calendar(day, works):
    assert is_business_day(day) == works


def test_business_days_are_counted_from_the_day_after():
    thursday = dt.date(2026, 4, 30)
    assert add_business_days(thursday, 1) == dt.date(2026, 5, 4)
    assert business_days_until(dt.date(2026, 5, 4), thursday) == 1
    assert business_days_until(thursday, thursday) == 0
    assert business_days_until(thursday, dt.date(2026, 5, 4)) == -1


@pytest.fixture
def case(pipe, pipe_ceilings, attach, people):
    """The pipe in review since Monday 20 April: ten business days, until 5 May because of the first of May."""
    attach("budget", "executive_project")
    services.mark_ready(pipe, by=people["preparer"], at=at(4, 13))
    services.take_step(pipe, "submit", by=people["certifier"], at=at(4, 13))
    # The city's population is not known here, so the manager's step is walked over.
    Project.objects.filter(pk=pipe.pk).update(status="authorised")
    services.take_step(pipe, "review", by=people["reviewer"], at=at(4, 20))
    pipe.refresh_from_db()
    return pipe


def test_a_status_has_the_deadline_its_rules_set(case):
    assert case.due_on == dt.date(YEAR, 5, 5)


def test_the_clock_pauses_with_observations_and_goes_on_with_what_was_left(case, people):
    services.take_step(
        case, "observe", by=people["reviewer"], reason="Corrija", remarks=[("work", "Falta")], at=at(4, 24)
    )
    case.refresh_from_db()
    assert (case.days_left, case.due_on) == (6, dt.date(YEAR, 5, 11))
    services.take_step(case, "answer", by=people["certifier"], reason="Corregido", at=at(5, 8))
    case.refresh_from_db()
    assert (case.days_left, case.due_on) == (None, dt.date(YEAR, 5, 18))


def test_overdue_are_the_rows_past_their_day(case):
    assert not Project.objects.overdue(dt.date(YEAR, 5, 5)).exists()
    assert list(Project.objects.overdue(dt.date(YEAR, 5, 6))) == [case]


def test_whose_turn_it_is_hears_of_it_once_a_business_day(case, people, stranger):
    assert services.remind(at=at(4, 27)) == []
    reviewer = people["reviewer"].email
    assert services.remind(at=at(5, 4), is_dry_run=True) == services.remind(at=at(5, 4)) != []
    assert services.remind(at=at(5, 4)) == []
    message = OutboxMessage.objects.get(to=reviewer, key__startswith="due-")
    assert case.folio in message.notification.lines[0][1]
    assert not OutboxMessage.objects.filter(key__startswith="due-", to=stranger.email).exists()
    assert services.remind(at=dt.datetime(YEAR, 5, 9, 16, tzinfo=dt.UTC)) == []


def test_the_clock_can_run_reminders_as_a_command(db, capsys):
    call_command("send_reminders", "--dry-run")
    assert capsys.readouterr().out == ""
