"""A real worker, really killed, at two moments: while it reads the data and while it hands in the files."""

import datetime as dt
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from habitat.tests.worker import wait_until
from reports import services, worker
from reports.models import Report
from reports.services import ask

pytestmark = [pytest.mark.long, pytest.mark.worker, pytest.mark.django_db(transaction=True)]
# Instead of waiting for a minute, the sweeper is told that it is over.
LATER = dt.timedelta(seconds=61)


@contextmanager
def locked(table: str):
    """Whoever reads or writes the table waits."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def somebody_waits_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted", [table])
        return bool(cursor.fetchone()[0])


def status_of(report: Report) -> str:
    return Report.objects.values_list("status", flat=True).get(pk=report.pk)


@pytest.mark.parametrize("table", ["projects_progressline", "reports_reportfile"])
def test_worker_killed_in_the_middle_leaves_one_right_report(table, running_project, technician, start_worker):
    killed = start_worker()
    with locked(table):
        report = ask("monthly-progress", "2026-10", by=technician)
        wait_until(lambda: somebody_waits_for(table), 30, lambda: killed.log.read_text())
        killed.kill()
    assert status_of(report) == Report.Status.RUNNING

    second = start_worker()
    assert services.sweep() == 0
    assert services.sweep(dt.datetime.now(dt.UTC) + LATER) == 1
    wait_until(lambda: status_of(report) == Report.Status.DONE, 60, lambda: second.log.read_text())

    report = Report.objects.get()
    assert report.attempts == 2
    assert report.totals["paid_federal"] == "200000.15"
    assert set(report.files.values_list("format", flat=True)) == {"csv", "pdf", "xlsx"}
    assert set(report.files.values_list("file", flat=True)) == worker._stored(report)


def test_message_delivered_twice_makes_one_report(running_project, technician, start_worker):
    with transaction.atomic():
        report = ask("monthly-progress", "2026-10", by=technician)
    services.enqueue(report.pk)
    at_work = start_worker()
    wait_until(lambda: at_work.log.read_text().count("task_succeeded") == 2, 60, lambda: at_work.log.read_text())
    report = Report.objects.get()
    assert (report.status, report.attempts, report.files.count()) == (Report.Status.DONE, 1, 3)
