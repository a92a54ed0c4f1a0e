import csv
import datetime as dt
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pypdf import PdfReader

from modalities.models import Milestone
from projects import services
from projects.models import LedgerEntry, Project
from reports import worker
from reports.models import Report
from reports.services import ask

NOVEMBER = dt.datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("America/Mexico_City"))


@pytest.fixture
def october_open(rules):
    """Its capture has not closed: what is known now counts."""
    day = max(dt.date.today(), dt.date(2026, 11, 22)) + dt.timedelta(9)
    Milestone.objects.create(
        fiscal_year=rules.fiscal_year, kind="progress", month=10, opens_on=dt.date(2026, 11, 1), closes_on=day
    )


def files_of(report) -> dict:
    return {file.format: file.file.open().read() for file in report.files.all()}


@pytest.fixture
def made(running_project, technician):
    report = ask("monthly-progress", "2026-10", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    report.refresh_from_db()
    return report


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_quantities_and_money_are_those_of_the_month_and_up_to_it(made):
    row = read_csv(files_of(made)["csv"])[0]
    assert (row["Programado"], row["Medido en el mes"], row["Medido a la fecha"], row["Avance físico"]) == (
        "400.00",
        "60.00",
        "160.00",
        "40.0",
    )
    assert (row["Aprobado: Federal"], row["Pagado a la fecha: Federal"], row["Pagado en el mes: Federal"]) == (
        "500000.00",
        "200000.15",
        "75000.05",
    )
    assert row["Aprobado: total"] == "1000000.00"


def test_totals_are_the_same_in_every_file_and_in_the_row(made):
    files = files_of(made)
    expected = {"approved_total": "1000000.00", "paid_total": "200000.15", "month_total": "75000.05"}
    assert expected.items() <= made.totals.items()

    last = read_csv(files["csv"])[-1]
    assert [last[f"{name}: total"] for name in ("Aprobado", "Pagado a la fecha", "Pagado en el mes")] == [
        *expected.values()
    ]
    sheet = list(openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets[0].values)
    sums = dict(zip(sheet[2], sheet[-1], strict=True))
    assert Decimal(str(sums["Pagado a la fecha: total"])) == Decimal("200000.15")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(files["pdf"])).pages)
    for amount in ("$1,000,000.00", "$200,000.15", "$75,000.05"):
        assert amount in text


def test_a_later_entry_does_not_reach_an_earlier_month(made, running_project, enter, technician):
    enter(running_project, "approved", "federal", -500_000, on=dt.date(2026, 11, 3))
    report = ask("monthly-progress", "2026-11", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    report.refresh_from_db()
    assert (made.totals["approved_federal"], report.totals["approved_federal"]) == ("500000.00", "0.00")


def test_a_draft_is_in_no_report(project, technician):
    report = ask("monthly-progress", "2026-10", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    report.refresh_from_db()
    assert report.totals["rows"] == 0
    assert set(files_of(report)) == {"csv", "pdf", "xlsx"}


def test_report_of_another_state_has_no_row_of_ours(running_project, tlaxcala, technician):
    report = ask("monthly-progress", "2026-10", state=tlaxcala.state, by=technician, at=NOVEMBER)
    worker.run(report.pk)
    report.refresh_from_db()
    assert report.totals["rows"] == 0


def test_a_name_that_looks_like_a_formula_stays_a_text(running_project, technician, october_open):
    Project.objects.update(name="=HYPERLINK(0)")
    report = ask("monthly-progress", "2026-10", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    files = files_of(report)
    assert read_csv(files["csv"])[0]["Proyecto"] == "'=HYPERLINK(0)"
    cells = list(openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets[0].iter_rows())[3]
    assert {cell.data_type for cell in cells if cell.value == "=HYPERLINK(0)"} == {"s"}


def test_a_file_that_cannot_be_written_is_a_failure_that_can_be_retried(running_project, technician, monkeypatch):
    def full_disk(report, form, path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_store", full_disk)
        report = ask("monthly-progress", "2026-10", by=technician, at=NOVEMBER)
        worker.run(report.pk)
    report.refresh_from_db()
    assert report.status == Report.Status.FAILED
    assert report.error
    assert not report.files.exists()


def test_report_says_what_the_ledger_says(
    project, walk, enter, preparer, certifier, reviewer, technician, october_open
):
    walk(project, "in_execution")
    for source, amount in (("federal", 500_000), ("state", 200_000)):
        enter(project, "approved", source, amount)
    for month, metres, federal, state in ((9, 100, "125000.10", "0"), (10, 60, "75000.05", "11.11")):
        progress = services.save_progress(
            project,
            2026,
            month,
            quantities={project.actions.get().pk: Decimal(metres)},
            spending={"federal": Decimal(federal), "state": Decimal(state)},
            by=preparer,
            at=NOVEMBER,
        )
        services.submit_progress(progress, by=certifier, at=NOVEMBER)
        services.accept_progress(progress, by=reviewer, at=NOVEMBER)
    report = ask("monthly-progress", "2026-10", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    report.refresh_from_db()
    ledger = LedgerEntry.objects.filter(on__lte=dt.date(2026, 10, 31))
    for source in ("federal", "state"):
        assert Decimal(report.totals[f"approved_{source}"]) == ledger.at("approved", source).total()
        assert Decimal(report.totals[f"paid_{source}"]) == ledger.at("paid", source).total()
    assert report.totals["paid_total"] == "200011.26"
