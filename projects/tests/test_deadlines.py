"""Business days: deadlines that pause with observations, reminders once a day."""

import datetime as dt
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from habitat.accounts.models import Notification, OutboxMessage
from habitat.lib.calendar import BusinessDays
from habitat.tests.fixtures import YEAR
from modalities.models import CalendarException
from modalities.services import StaleError
from projects import services
from projects.models import Opinion, Project


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
    assert BusinessDays().counts(day) == works


def test_business_days_are_counted_from_the_day_after():
    thursday = dt.date(2026, 4, 30)
    days = BusinessDays()
    assert days.add(thursday, 1) == dt.date(2026, 5, 4)
    assert days.until(dt.date(2026, 5, 4), thursday) == 1
    assert days.until(thursday, thursday) == 0
    assert days.until(thursday, dt.date(2026, 5, 4)) == -1


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


# ---- Days ordered otherwise -----------------------------------------------------------------------------------------
def ordered(day, **fields):
    return CalendarException(**{"day": day, "reason": "Jueves Santo", "source": "DOF"} | fields)


def write(row, manager, when):
    moved = services.moved_by_adding(row, at=when)
    return services.add_exception(row, by=manager, seen=services.mark_of(moved), at=when)


def test_a_day_of_rest_moves_the_deadlines_that_run_across_it(case, manager):
    (moved,) = write(ordered(dt.date(YEAR, 4, 28)), manager, at(4, 22))
    case.refresh_from_db()
    assert (moved.due_on, case.due_on) == (dt.date(YEAR, 5, 6), dt.date(YEAR, 5, 6))


def test_a_day_that_has_passed_is_never_moved(case, manager):
    assert write(ordered(dt.date(YEAR, 4, 28)), manager, at(5, 6)) == []
    case.refresh_from_db()
    assert case.due_on == dt.date(YEAR, 5, 5)


def test_a_working_saturday_makes_no_day_late_before_it_was_told(case, manager):
    write(ordered(dt.date(YEAR, 4, 25), is_business_day=True), manager, at(5, 5))
    case.refresh_from_db()
    assert case.due_on == dt.date(YEAR, 5, 5)


def test_another_states_day_of_rest_moves_nothing_here(case, manager, tlaxcala):
    assert write(ordered(dt.date(YEAR, 4, 28), state_code=tlaxcala.state_id), manager, at(4, 22)) == []
    assert write(ordered(dt.date(YEAR, 4, 28), state_code="04"), manager, at(4, 22)) != []


def test_what_is_removed_gives_the_day_back(case, manager):
    row = ordered(dt.date(YEAR, 4, 28))
    write(row, manager, at(4, 22))
    moved = services.moved_by_removing(row, at=at(4, 23))
    services.remove_exception(row, by=manager, seen=services.mark_of(moved), at=at(4, 23))
    case.refresh_from_db()
    assert case.due_on == dt.date(YEAR, 5, 5)
    assert not CalendarException.objects.exists()


def test_nothing_is_written_when_other_deadlines_would_move_than_were_shown(case, manager):
    with pytest.raises(StaleError):
        services.add_exception(ordered(dt.date(YEAR, 4, 28)), by=manager, seen="other", at=at(4, 22))
    assert not CalendarException.objects.exists()


def test_a_day_that_rests_anyway_is_not_written_down(case, manager):
    with pytest.raises(ValidationError):
        services.add_exception(ordered(dt.date(YEAR, 5, 1)), by=manager, seen="", at=at(4, 22))


def test_deadlines_begun_afterwards_go_by_the_day(case, manager, people):
    write(ordered(dt.date(YEAR, 4, 28)), manager, at(4, 22))
    remarks = [("work", "Falta")]
    services.take_step(case, "observe", by=people["reviewer"], reason="Corrija", remarks=remarks, at=at(4, 24))
    case.refresh_from_db()
    assert (case.days_left, case.due_on) == (6, dt.date(YEAR, 5, 12))


def test_nobody_is_reminded_on_a_day_of_rest(case, manager):
    write(ordered(dt.date(YEAR, 5, 4)), manager, at(4, 22))
    assert services.remind(at=at(5, 4)) == []
    assert services.remind(at=at(5, 5)) != []


def test_the_page_shows_what_moves_before_it_writes(client, case, manager, monkeypatch):
    """The case is brought to today's calendar: whatever the day, its deadline lies ahead."""
    day = dt.date.today() + dt.timedelta(days=40)
    while day.weekday() != 2:
        day += dt.timedelta(days=1)
    Project.objects.filter(pk=case.pk).update(
        status_since=dt.datetime.now(dt.UTC), due_on=day + dt.timedelta(days=5), days_left=None
    )
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    answers = {"day": day, "state_code": "04", "is_business_day": "no", "reason": "Fiesta", "source": "DOF"}
    page = client.post("/projects/calendar/new/", answers)
    assert page.status_code == 200
    assert "1 running deadline moves" in page.content.decode()
    assert not CalendarException.objects.exists()
    saved = client.post("/projects/calendar/new/", answers | {"mark": page.context["mark"], "confirm": "1"})
    assert saved.status_code == 302
    listed = client.get("/projects/calendar/?state=04").content.decode()
    assert "Fiesta" in listed
    lines = b"".join(client.get("/projects/calendar/?format=csv").streaming_content).decode()
    assert "Fiesta" in lines


def test_technicians_hear_of_an_opinion_before_and_after_its_day_and_who_asked_after_that(case, people, technician):
    opinion = services.ask_opinion(case, by=people["reviewer"], due_on=dt.date(YEAR, 4, 24), at=at(4, 20))
    for day in (22, 23, 24, 27, 29):
        services.remind(at=at(4, day))
    keys = Notification.objects.filter(key__contains=f"opinion-{opinion.pk}-").exclude(kind="opinion")
    told = {(row.key.split("-")[0], row.user.role) for row in keys.select_related("user")}
    assert told == {("soon", "technician"), ("overdue", "technician"), ("escalated", "reviewer")}
    Opinion.objects.filter(pk=opinion.pk).update(given_at=at(4, 29))
    assert not [who for who, _n in services.remind(at=at(4, 30)) if who == technician.email]


def test_the_overdue_desk_lists_exactly_the_rows_past_their_day(client, case, people):
    client.force_login(people["reviewer"])
    for due_on, listed in ((dt.date.today() - dt.timedelta(days=1), 1), (dt.date.today(), 0)):
        Project.objects.filter(pk=case.pk).update(due_on=due_on)
        page = client.get("/projects/desk/overdue/")
        assert len(page.context["table"].rows) == listed == Project.objects.overdue(dt.date.today()).count()
