"""Every report of the catalogue, by one test each: the same totals in each file, and those of the ledger."""

import csv
import datetime as dt
import hashlib
import io
from decimal import Decimal

import openpyxl
import pgtrigger
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from pypdf import PdfReader

from habitat.lib.templatetags.portal import money
from modalities.models import Milestone
from polygons.models import AreaTotal, City, Polygon, PolygonVersion
from projects import services
from projects.models import LedgerEntry, ProgressLine, ProgressReport, StatusChange
from projects.tests.social import AT, FIRST, make_social, pay_too
from projects.tests.test_people import ROSA
from reports import worker
from reports.catalog import CATALOGUE
from reports.models import Report
from reports.services import ask

AFTER = dt.datetime(2027, 2, 10, 18, tzinfo=dt.UTC)
OCTOBER = dt.date(2026, 10, 31)


def make(kind: str, **fields) -> Report:
    report = ask(kind, str(CATALOGUE[kind].period.of(OCTOBER)), by=None, at=AFTER, **fields)
    worker.run(report.pk)
    report.refresh_from_db()
    assert report.status == Report.Status.DONE, report.error
    return report


def content(report: Report, form: str, part: str = "") -> bytes:
    return report.files.get(format=form, part=part).file.open().read()


@pytest.fixture
def still_open(rules):
    """The capture of October, and of the year: what is known now counts."""
    day = max(timezone.localdate(), dt.date(2027, 1, 15)) + dt.timedelta(9)
    for month in (10, 12):
        Milestone.objects.create(
            fiscal_year=rules.fiscal_year, kind="progress", month=month, opens_on=dt.date(2026, 11, 1), closes_on=day
        )


@pytest.fixture
def told(running_project, enter, still_open):
    """Money at every moment, and cents that do not round away."""
    for moment in ("committed", "released", "accrued", "proven"):
        for source, amount in (("federal", "300000.33"), ("state", "150000.07")):
            enter(running_project, moment, source, Decimal(amount), dt.date(2026, 7, 15))
    enter(running_project, "refunded", "federal", Decimal("0.01"), dt.date(2026, 8, 1))
    return running_project


@pytest.mark.parametrize("kind", CATALOGUE)
def test_totals_are_the_same_in_every_file_and_tie_to_the_ledger(kind, told):
    report = make(kind)
    print_out = PdfReader(io.BytesIO(content(report, "pdf")))
    assert len(print_out.pages) <= 4
    assert print_out.root_object["/MarkInfo"]["/Marked"]
    text = " ".join(page.extract_text() for page in print_out.pages)
    book = openpyxl.load_workbook(io.BytesIO(content(report, "xlsx")), read_only=True)
    for number, sheet in enumerate(CATALOGUE[kind].sheets):
        prefix = f"{sheet.name}." if sheet.name else ""
        *lines, last = csv.reader(io.StringIO(content(report, "csv", sheet.name).decode("utf-8-sig")))
        *rows, totals = book.worksheets[number].values
        assert len(lines) - 1 == len(rows) - 3 == report.totals[f"{prefix}rows"]
        for index, column in enumerate(sheet.columns):
            if not column.is_summed:
                continue
            said = Decimal(report.totals[f"{prefix}{column.name}"])
            assert Decimal(last[index]) == Decimal(str(totals[index])) == said
            assert sum(Decimal(line[index] or 0) for line in lines[1:]) == said
            if column.moment:
                assert said == in_ledger(column), column.name
    shown = [name for name in CATALOGUE[kind].shown if CATALOGUE[kind].column(name).kind == "money"]
    with translation.override("es-mx"):
        assert all(money(Decimal(report.totals[name])) in text for name in shown)


def in_ledger(column) -> Decimal:
    entries = LedgerEntry.objects.filter(moment=column.moment, on__lte=dt.date(2026, 12, 31))
    if column.source:
        entries = entries.filter(source=column.source)
    if column.in_period:
        entries = entries.filter(on__gte=dt.date(2026, 10, 1))
    return sum((entry.amount for entry in entries), Decimal(0))


def digests(report: Report) -> dict[str, str]:
    return {
        f"{file.format} {file.part}": hashlib.sha256(default_storage.open(file.file.name).read()).hexdigest()
        for file in report.files.all()
    }


def indicator(code: str) -> dict[str, str]:
    """One row of the results matrix of the last quarter, by its columns' names."""
    names = [column.name for column in CATALOGUE["results-matrix"].columns]
    rows = csv.reader(io.StringIO(content(make("results-matrix"), "csv").decode("utf-8-sig")))
    return next(row for line in rows if (row := dict(zip(names, line, strict=True)))["code"] == code)


def test_indicators_of_two_censuses_wait_for_the_second_and_say_so(told):
    told = [indicator(code) for code in ("F1", "P1")]
    assert [row["value"] for row in told] == ["", ""]
    assert all("segundo censo" in row["note"] for row in told)


def test_indicators_of_two_censuses_are_measured_once_both_are_there(told):
    """In 2010 30 of 100 answers lacked it, 10 in the city; in 2020 at most 12, and 6 in the city."""
    now = told.polygon_version
    city = City.objects.create(code="063", name="Campeche", kind="urban_centre", population=250_000)
    Polygon.objects.update(city=city)
    fields = {name: getattr(now, name) for name in ("polygon", "source", "geometry", "mercator", "area", "block_count")}
    with pgtrigger.ignore():
        PolygonVersion.objects.filter(pk=now.pk).update(
            number=2, base=50, drainage_low=10, drainage_high=12, electricity_low=0, electricity_high=0
        )
        PolygonVersion.objects.create(
            number=1, status="superseded", vintage=2010, base=50, drainage_low=30, drainage_high=30,
            electricity_high=0, **fields,
        )  # fmt: skip
    for vintage, lacking in ((2010, 10), (2020, 6)):
        AreaTotal.objects.create(
            level="city", vintage=vintage, code="063", block_count=1, masked_blocks=0, population=1, households=1,
            dwellings=1, base=50, drainage_low=lacking, drainage_high=lacking, electricity_low=0, electricity_high=0,
            floor_low=0, floor_high=0,
        )  # fmt: skip
    fell, gap = indicator("P1"), indicator("F1")
    assert [Decimal(fell[name]) for name in ("numerator", "denominator", "value")] == [1, 1, 100]
    assert [Decimal(gap[name]) for name in ("numerator", "denominator", "value")] == [4, 20, 20]


def test_data_quality_tells_where_the_register_holds_less_and_who_is_paid_twice(
    rules, polygon_version, preparer, certifier, tlaxcala, make_user, still_open
):
    social = make_social(rules, polygon_version, preparer)
    for action, status in ((social.providers, "in_execution"), (social.lessons, "finished")):
        StatusChange.objects.create(project=action.project, to_status=status, at=AFTER - dt.timedelta(200))
    rosa = services.register_person(social.providers.project.municipality, by=preparer, **ROSA)
    engaged = services.engage(social.providers, rosa, by=preparer, **social.terms)
    march = services.list_stipends(social.providers, FIRST, amounts={engaged.pk: Decimal(900)}, by=preparer, at=AT)[0]
    services.confirm_stipends(march, by=certifier)
    there = make_user("preparer", municipality=tlaxcala)
    also = pay_too(social, tlaxcala, ROSA, by=there, version=polygon_version)
    told = ProgressReport.objects.create(project=social.providers.project, year=2026, month=3)
    ProgressLine.objects.create(report=told, action=social.providers, quantity=2)
    told.status, told.decided_at = ProgressReport.Status.ACCEPTED, AFTER - dt.timedelta(90)
    told.save(update_fields=["status", "decided_at"])

    def found() -> set[tuple[str, str]]:
        made = make("data-quality")
        rows = csv.reader(io.StringIO(content(made, "csv").decode("utf-8-sig")))
        Report.objects.filter(pk=made.pk).update(status="failed")
        return {(row[4], row[1]) for row in rows if "registro de personas" in row[1] or "CURP" in row[1]}

    short = "Se reportan más personas o meses de estímulo de los que tiene su registro de personas"
    both = {("04-DS-0001", short), ("04-DS-0002", short)}
    assert found() == both
    services.confirm_stipends(also, by=make_user("certifier", municipality=tlaxcala))
    twice = "Un estímulo de un mes en que otro municipio paga a la misma CURP"
    assert found() == both | {("04-DS-0001", twice), ("29-DS-0001", twice)}
