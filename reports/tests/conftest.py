"""A country in October: one project approved, begun and measured, another still a draft."""

import datetime as dt
from decimal import Decimal

import pyogrio
import pytest
from django.utils import timezone

from habitat.tests.fixtures import authorised_subsidies
from projects.models import LedgerEntry, Letter, ProgressLine, ProgressReport, ProgressSpending, Project, StatusChange
from reports.periods import Month

ROAD = ("submitted", "authorised", "in_review", "numbered", "approved", "in_execution")


def noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


MONEY = {"federal": 500_000, "state": 200_000, "municipal": 290_000, "beneficiaries": 10_000}


@pytest.fixture
def walk():
    """Leads a project along the main road, as the services do, up to a status."""

    def take(project, target):
        if not Letter.objects.filter(kind="subsidy", state=project.municipality.state_id).exists():
            authorised_subsidies(project.fiscal_year, project.municipality.state, project.created_by)
        for week, status in enumerate(ROAD[: ROAD.index(target) + 1]):
            Project.objects.filter(pk=project.pk).update(status=status)
            at = noon(dt.date(2026, 5, 4) + dt.timedelta(weeks=week))
            StatusChange.objects.create(project=project, step=status, to_status=status, at=at)
        project.refresh_from_db()
        return project

    return take


@pytest.fixture
def geopackage(tmp_path):
    """Shapes (WKB) and fields of a GeoPackage; from a file of that name, since GDAL warns of one without."""

    def read(content: bytes):
        path = tmp_path / "layer.gpkg"
        path.write_bytes(content)
        _meta, _ids, shapes, fields = pyogrio.raw.read(path)
        return shapes, fields

    return read


@pytest.fixture
def enter():
    def write(project, moment, source, amount, on=dt.date(2026, 6, 15), recorded_at=None, **fields):
        return LedgerEntry.objects.create(
            moment=moment,
            source=source,
            amount=amount,
            fiscal_year_id=project.fiscal_year_id,
            strand_id=project.strand_id,
            state_id=project.municipality.state_id,
            municipality_id=project.municipality_id,
            modality_id=project.modality_id,
            project=project,
            on=on,
            recorded_at=recorded_at or noon(on),
            **fields,
        )

    return write


@pytest.fixture
def accept(enter):
    """Progress of a month, accepted on its last day or later: metres measured and federal pesos paid."""

    def write(project, month, quantity, federal, at=None):
        last_day = Month(2026, month).last_day
        report = ProgressReport.objects.create(project=project, year=2026, month=month)
        ProgressLine.objects.create(report=report, action=project.actions.get(), quantity=quantity)
        ProgressSpending.objects.create(report=report, source="federal", amount=federal)
        report.status = ProgressReport.Status.ACCEPTED
        report.decided_at = at or noon(last_day)
        report.save(update_fields=["status", "decided_at"])
        enter(project, "paid", "federal", federal, last_day, report.decided_at, progress=report)
        return report

    return write


@pytest.fixture
def running_project(project, walk, enter, accept):
    """100 of 400 m in September for 125,000.10 federal pesos, 60 m in October for 75,000.05."""
    walk(project, "in_execution")
    for source, amount in MONEY.items():
        enter(project, "approved", source, amount)
    accept(project, 9, 100, Decimal("125000.10"))
    accept(project, 10, 60, Decimal("75000.05"))
    return project
