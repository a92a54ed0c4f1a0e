"""Business days: deadlines that pause with observations, reminders once a day."""

import datetime as dt
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from habitat.accounts.models import Notification, OutboxMessage
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


def told(name):
    rows = Notification.objects.filter(key__startswith=f"{name}-").order_by("pk")
    return [row.user.role for row in rows.select_related("user")]


def test_before_after_and_to_the_next_in_line_each_once(case, people, stranger):
    """Due on Tuesday 5 May, with the reviewer: soon from 30 April, overdue on the 6th, escalated on the 8th."""
    assert services.remind(at=at(4, 27)) == []
    assert services.remind(at=at(5, 4), is_dry_run=True) == [(people["reviewer"].email, 1)]
    assert told("soon") == []
    for day in (4, 4, 5, 6, 6, 7):
        services.remind(at=at(5, day))
    assert (told("soon"), told("overdue"), told("escalated")) == (["reviewer"], ["reviewer"], [])
    for day in (8, 8, 9, 11):
        services.remind(at=at(5, day))
    assert (told("soon"), told("overdue"), told("escalated")) == (["reviewer"], ["reviewer"], ["delegate"])
    call_command("send_outbox")
    mail.outbox.clear()
    call_command("send_daily")
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        [people["reviewer"].email, people["delegate"].email]
    )


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_tell_nothing_twice(case, people):
    together = Barrier(2)

    def tick():
        together.wait()
        services.remind(at=at(5, 8))
        connection.close()

    clocks = [Thread(target=tick) for _ in range(2)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert (told("overdue"), told("escalated")) == (["reviewer"], ["delegate"])
    assert OutboxMessage.objects.filter(notification__kind="deadline").count() == 2


def test_the_clock_can_run_reminders_as_a_command(db, capsys):
    call_command("send_reminders", "--dry-run")
    assert capsys.readouterr().out == ""
