import datetime as dt
import io
import threading
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from kombu.exceptions import OperationalError

from modalities.models import Milestone
from reports import leases, services, tasks, worker
from reports.models import Report, ReportSchedule
from reports.periods import Month, closes_on
from reports.schedule import run_schedule
from reports.services import ask

MEXICO = ZoneInfo("America/Mexico_City")
NOVEMBER = dt.datetime(2026, 11, 22, 12, tzinfo=MEXICO)
MINUTE = dt.timedelta(minutes=1)
KIND = "monthly-progress"


@pytest.fixture
def queue(monkeypatch) -> list[int]:
    """What was put into the queue; nobody takes it out."""
    sent: list[int] = []
    monkeypatch.setattr(tasks.make_report, "delay", sent.append)
    return sent


@pytest.fixture
def schedules(db) -> None:
    """The month's progress alone, as a migration schedules it; a test that empties the database took it away."""
    ReportSchedule.objects.exclude(kind=KIND).delete()
    for scope in ("nation", "states"):
        ReportSchedule.objects.get_or_create(kind=KIND, scope=scope)


def test_final_report_asked_again_is_the_same_one(rules, technician, auditor, queue):
    first = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    worker.run(first.pk)
    before = {file.format: file.sha256 for file in first.files.all()}
    again = ask(KIND, "2026-10", by=auditor, at=NOVEMBER)
    assert again.pk == first.pk
    assert again.is_final
    assert {file.format: file.sha256 for file in again.files.all()} == before


def test_report_of_a_month_still_open_is_made_anew(rules, technician, queue):
    Milestone.objects.create(
        fiscal_year=rules.fiscal_year,
        kind="progress",
        month=10,
        opens_on=dt.date(2026, 11, 1),
        closes_on=dt.date.today() + dt.timedelta(days=9),
    )
    first = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    worker.run(first.pk)
    assert ask(KIND, "2026-10", by=technician, at=NOVEMBER).pk != first.pk


def test_a_states_own_capture_wins_over_the_countrys(rules):
    for state, day in (("", 20), ("04", 25)):
        Milestone.objects.create(
            fiscal_year=rules.fiscal_year,
            kind="progress",
            month=10,
            state_code=state,
            opens_on=dt.date(2026, 11, 1),
            closes_on=dt.date(2026, 11, day),
        )
    october = Month(2026, 10)
    assert [closes_on(october, code).day for code in ("04", "29", None)] == [25, 20, 25]


def test_nobody_asks_for_another_territory(stranger, campeche, queue):
    with pytest.raises(PermissionDenied):
        ask(KIND, "2026-10", municipality=campeche, by=stranger, at=NOVEMBER)
    assert not Report.objects.exists()


@pytest.mark.parametrize("period", ["2026-12", "2026-13", "2026-1", "octubre", "²026-10"])
def test_a_month_that_is_none_or_has_not_begun_is_refused_with_a_sentence(technician, period):
    with pytest.raises(ValueError, match=r"\.$"):
        ask(KIND, period, by=technician, at=NOVEMBER)


@pytest.mark.django_db(transaction=True)
def test_asked_twice_at_once_is_one_report(rules, technician, queue):
    start, asked = threading.Barrier(2), []

    def press() -> None:
        start.wait()
        asked.append(ask(KIND, "2026-10", by=technician, at=NOVEMBER).pk)
        connection.close()

    people = [threading.Thread(target=press) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(asked) == 2
    assert Report.objects.count() == len(set(asked)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_make_one_report(rules, queue):
    ReportSchedule.objects.all().delete()
    ReportSchedule.objects.create(kind=KIND, scope="nation")
    start = threading.Barrier(2)

    def tick() -> None:
        start.wait()
        run_schedule(NOVEMBER)
        connection.close()

    clocks = [threading.Thread(target=tick) for _ in range(2)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert list(Report.objects.values_list("period", "asked_by")) == [("2026-10", None)]


def test_clock_waits_until_capture_has_closed(rules, queue, schedules):
    Milestone.objects.create(
        fiscal_year=rules.fiscal_year,
        kind="progress",
        month=10,
        opens_on=dt.date(2026, 11, 1),
        closes_on=dt.date(2026, 11, 20),
    )
    at = [dt.datetime(2026, 11, day, 12, tzinfo=MEXICO) for day in (2, 20, 21)]
    assert [len(run_schedule(moment)) for moment in at] == [0, 0, 1]


def test_clock_asks_for_the_states_that_have_projects(running_project, tlaxcala, queue, schedules):
    made = {report.place_name for report in run_schedule(NOVEMBER)}
    assert made == {"Nivel nacional", "Campeche"}


def test_clock_leaves_a_failed_report_to_a_person(rules, queue, schedules):
    report = run_schedule(NOVEMBER)[0]
    Report.objects.update(status="failed")
    run_schedule(NOVEMBER)
    assert list(Report.objects.all()) == [report]


def test_wish_is_kept_while_redis_is_down_and_runs_later(
    rules, technician, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(pk):
        raise OperationalError("Connection refused")

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(tasks.make_report, "delay", refuse)
        report = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    report.refresh_from_db()
    assert (report.status, report.lease_until) == (Report.Status.WAITING, None)

    monkeypatch.setattr(tasks.make_report, "delay", worker.run)
    assert services.sweep() == 1
    report.refresh_from_db()
    assert report.status == Report.Status.DONE


def test_sweeper_leaves_alone_what_lies_in_the_queue_and_who_shows_life(rules, technician, queue):
    waiting = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    services.enqueue(waiting.pk)
    running = ask(KIND, "2026-09", by=technician, at=NOVEMBER)
    leases.claim(running.pk)
    assert services.sweep() == 0
    assert services.sweep(dt.datetime.now(dt.UTC) + MINUTE + dt.timedelta(seconds=1)) == 2


def test_third_lost_worker_is_the_last(rules, technician, queue):
    report = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    for _ in range(3):
        assert leases.claim(report.pk)
        services.sweep(dt.datetime.now(dt.UTC) + 2 * MINUTE)
    report.refresh_from_db()
    assert (report.status, report.attempts) == (Report.Status.FAILED, 3)
    assert leases.claim(report.pk) is None


def test_worker_believed_dead_leaves_nothing_behind(running_project, technician, queue, monkeypatch):
    """It sleeps past its lease while another makes the report, then wakes up."""
    report = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    slow = leases.claim(report.pk)
    services.sweep(dt.datetime.now(dt.UTC) + 2 * MINUTE)
    worker.run(report.pk)
    made = set(report.files.values_list("file", flat=True))

    with pytest.raises(leases.LeaseLostError):
        leases.renew(slow, 50)
    assert set(report.files.values_list("file", flat=True)) == made == worker._stored(report)


def test_cancelled_report_stops_at_the_next_sign_of_life(running_project, technician, queue):
    report = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    at_it = leases.claim(report.pk)
    assert services.cancel(report, by=technician)
    with pytest.raises(leases.LeaseLostError):
        leases.renew(at_it, 50)
    report.refresh_from_db()
    assert report.status == Report.Status.CANCELLED


def test_retry_starts_over(rules, technician, queue):
    report = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    Report.objects.update(status="failed", attempts=3, error="…")
    services.retry(report, by=technician)
    worker.run(report.pk)
    report.refresh_from_db()
    assert (report.status, report.attempts, report.error) == (Report.Status.DONE, 1, "")


def test_only_the_asker_and_the_program_unit_steer_a_report(rules, technician, manager, auditor, queue):
    report = ask(KIND, "2026-10", by=technician, at=NOVEMBER)
    assert [services.may_steer(report, user) for user in (technician, manager, auditor)] == [True, True, False]
    with pytest.raises(PermissionDenied):
        services.cancel(report, by=auditor)


def test_run_report_makes_it_at_once(running_project):
    out = io.StringIO()
    call_command("run_report", KIND, "--period", "2026-10", "--state", "04", stdout=out)
    report = Report.objects.get()
    assert report.totals["paid_federal"] == "200000.15"
    assert report.files.get(format="pdf").sha256 in out.getvalue()
