"""What a report says of a past moment, and of a closed period once something was corrected."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from projects.models import StatusChange
from reports import worker
from reports.catalog import CATALOGUE
from reports.models import Report
from reports.periods import Year
from reports.services import ask
from reports.tests.conftest import noon

KIND = "monthly-progress"
# October closes with its last day: nothing says that its capture lasts longer.
CORRECTED = noon(dt.date(2026, 11, 10))
LATER = noon(dt.date(2026, 11, 20))


def make(kind: str = KIND, period: str = "2026-10", **fields) -> Report:
    report = ask(kind, period, by=None, at=LATER, **fields)
    worker.run(report.pk)
    report.refresh_from_db()
    assert report.status == Report.Status.DONE, report.error
    return report


def digests(report: Report) -> dict[str, str]:
    return {file.format: file.sha256 for file in report.files.all()}


@pytest.fixture
def corrected(running_project, enter):
    """Ten pesos and a cent of October, learnt in November."""
    enter(running_project, "paid", "federal", Decimal("10.01"), dt.date(2026, 10, 31), recorded_at=CORRECTED)
    return running_project


def test_a_later_correction_does_not_reach_a_closed_report(corrected):
    assert make().totals["paid_federal"] == "200000.15"


def test_corrections_stand_in_a_section_of_their_own(corrected):
    report = make(as_at=LATER)
    assert report.totals["paid_federal"] == "200000.15"
    book = openpyxl.load_workbook(io.BytesIO(report.files.get(format="xlsx").file.open().read()))
    rows = list(book["Correcciones tras el cierre"].iter_rows(min_row=4, values_only=True))
    assert [row[2:] for row in rows] == [
        ("Pagado a la fecha: Federal", 200000.15, 200010.16, 10.01),
        ("Pagado a la fecha: total", 200000.15, 200010.16, 10.01),
        ("Pagado en el mes: Federal", 75000.05, 75010.06, 10.01),
        ("Pagado en el mes: total", 75000.05, 75010.06, 10.01),
    ]


def test_a_moment_before_the_closing_tells_what_was_known_then(running_project, accept):
    accept(running_project, 8, 40, Decimal("5.00"), at=noon(dt.date(2026, 10, 20)))
    before, after = make(as_at=noon(dt.date(2026, 10, 15))), make(as_at=noon(dt.date(2026, 10, 25)))
    assert (before.totals["paid_federal"], after.totals["paid_federal"]) == ("125000.10", "125005.10")


def test_a_status_is_the_one_of_the_moment(running_project):
    StatusChange.objects.create(
        project=running_project, step="finish", to_status="finished", at=noon(dt.date(2026, 10, 20))
    )
    for day, words in ((15, "En ejecución"), (25, "Terminado")):
        report = make("annual-closure", "2026", as_at=noon(dt.date(2026, 10, day)))
        row = next(csv.DictReader(io.StringIO(report.files.get(format="csv").file.open().read().decode("utf-8-sig"))))
        assert row["Situación"] == words


def test_a_name_is_the_one_of_the_closing(running_project, campeche):
    """The audit rows know it, whatever was written over it since."""
    first = make()
    type(running_project).objects.filter(pk=running_project.pk).update(name="Otro nombre")
    Report.objects.filter(pk=first.pk).update(status="failed")
    assert digests(make()) == digests(first)


def test_the_heading_says_of_which_moment_it_tells(running_project):
    report = make(as_at=noon(dt.date(2026, 10, 15)))
    sheet = openpyxl.load_workbook(io.BytesIO(report.files.get(format="xlsx").file.open().read())).worksheets[0]
    assert "15/10/2026" in sheet["A2"].value


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_closed_report_made_again_is_the_same_byte_by_byte(kind, corrected, enter):
    """Of a year that may not be over, what was known at one moment."""
    period = CATALOGUE[kind].period.of(dt.date(2026, 6, 15))
    as_at = noon(dt.date(2026, 11, 15)) if isinstance(period, Year) else None
    first = ask(kind, str(period), by=None, as_at=as_at, at=noon(dt.date(2027, 2, 1)))
    worker.run(first.pk)
    Report.objects.filter(pk=first.pk).update(status="failed")
    enter(corrected, "paid", "federal", Decimal("7.00"), dt.date(2026, 6, 10), recorded_at=noon(dt.date(2027, 1, 20)))
    again = ask(kind, str(period), by=None, as_at=as_at, at=noon(dt.date(2027, 2, 2)))
    worker.run(again.pk)
    assert (again.pk != first.pk) and digests(again) == digests(first)
