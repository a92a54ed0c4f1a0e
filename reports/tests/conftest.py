"""A country in October: one project approved, begun and measured, another still a draft."""

import datetime as dt
from decimal import Decimal

import pytest

from projects.models import LedgerEntry, ProgressLine, ProgressReport, ProgressSpending, Project

ROAD = ("submitted", "authorised", "in_review", "numbered", "approved", "in_execution")
MONEY = {"federal": 500_000, "state": 200_000, "municipal": 290_000, "beneficiaries": 10_000}


@pytest.fixture
def walk():
    """Leads a project along the main road, as the services do, up to a status."""

    def take(project, target):
        for status in ROAD[: ROAD.index(target) + 1]:
            Project.objects.filter(pk=project.pk).update(status=status)
        project.refresh_from_db()
        return project

    return take


@pytest.fixture
def enter():
    def write(project, moment, source, amount, on=dt.date(2026, 6, 15)):
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
        )

    return write


@pytest.fixture
def accept():
    """Accepted progress of a month: metres measured and federal pesos paid."""

    def write(project, month, quantity, federal):
        report = ProgressReport.objects.create(project=project, year=2026, month=month)
        ProgressLine.objects.create(report=report, action=project.actions.get(), quantity=quantity)
        ProgressSpending.objects.create(report=report, source="federal", amount=federal)
        report.status = ProgressReport.Status.ACCEPTED
        report.save(update_fields=["status"])
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
