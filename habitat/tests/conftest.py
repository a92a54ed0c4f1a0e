"""One of everything, for the tests that walk all storeys."""

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.utils import timezone

from habitat.accounts.models import User
from habitat.tests.fixtures import agreed
from polygons.models import Block, City, ContextIndicator, Locality
from projects.models import (
    ActionBlock,
    Amendment,
    Ceiling,
    Contract,
    Document,
    Estimate,
    LedgerEntry,
    Payment,
    ProgressLine,
    ProgressReport,
    ProgressSpending,
    Project,
    Proof,
    Refund,
    Release,
)
from reports.models import Report, ReportFile

TO_APPROVAL = ("submitted", "authorised", "in_review", "numbered", "approved")


@pytest.fixture
def walk(db):
    """Moves a project by the workflow's own pairs, as the trigger demands; the services have their own tests."""

    def move(project, *statuses):
        # No letter more than the country has of its own.
        with pgtrigger.ignore("projects.Project:subsidies_first"):
            for status in statuses:
                Project.objects.filter(pk=project.pk).update(status=status, status_since=timezone.now())
        project.refresh_from_db()

    return move


@pytest.fixture
def country(project, tlaxcala, technician, walk):
    """One approved project of Campeche with its papers, money and progress, so that every resource has rows."""
    campeche = project.municipality
    city = City.objects.create(code="063", name="Campeche", kind="urban_centre", point=Point(-90.53, 19.84, srid=4326))
    city.localities.add(Locality.objects.create(code="040020001", name="Campeche", municipality=campeche))
    ActionBlock.objects.create(action=project.actions.get(), block=Block.objects.first(), share=1)
    walk(project, *TO_APPROVAL)
    Document.objects.create(
        project=project, kind="budget", file=ContentFile(b"%PDF-1.7", name="x"), original_name="presupuesto.pdf",
        content_type="application/pdf", size=8, sha256="0" * 64,
    )  # fmt: skip
    money = {"fiscal_year": project.fiscal_year, "strand_id": "G"}
    Ceiling.objects.create(amount=1_000_000, agreement=agreed(project.fiscal_year), **money)
    place = {"state": campeche.state, "municipality": campeche, "modality_id": "ME"}
    LedgerEntry.objects.create(
        moment="approved", source="federal", amount=500_000, project=project, on=dt.date(2026, 11, 22), **money, **place
    )
    progress = ProgressReport.objects.create(project=project, year=2026, month=10)
    ProgressLine.objects.create(report=progress, action=project.actions.get(), quantity=100)
    ProgressSpending.objects.create(report=progress, source="federal", amount=Decimal("125000.50"))
    ProgressReport.objects.filter(pk=progress.pk).update(status="accepted")
    report = Report.objects.create(kind="monthly", period="2026-10", asked_by=technician, asked_at=timezone.now())
    ReportFile.objects.create(
        report=report, format="csv", file=ContentFile(b"a,b", name="x"), original_name="avance.csv",
        content_type="text/csv", size=3, sha256="0" * 64,
    )  # fmt: skip
    ContextIndicator.objects.create(
        level="municipality", code=campeche.pk, state=campeche.state, municipality=campeche, concept="land_price",
        name="Precio del suelo", unit="pesos por m²", on=dt.date(2026, 6, 1), value=850, source="Catastro",
        audience="public",
    )  # fmt: skip
    money_acts(project, registered_by=project.created_by, decided_by=technician)
    return project


def money_acts(project: Project, **by: User) -> None:
    """One validated act of every kind, each on a paper that nobody reads here."""
    day, now = dt.date(2026, 6, 1), timezone.now()
    shared = {"project": project, "status": "validated", "registered_at": now, "decided_at": now, **by}
    paid = shared | {"on": day, "amount": 1_000}
    contract = Contract.objects.create(
        kind="direct_award", law="lopsrm", number="C-1", contractor="Constructora", before_tax=862, starts_on=day,
        ends_on=day, **paid,
    )  # fmt: skip
    estimate = Estimate.objects.create(
        contract=contract, number=1, period_from=day, period_to=day, amortised=0, withheld=0, net=1_000, **paid
    )
    paid["source"] = "federal"
    Release.objects.create(reference="R-1", **paid)
    Payment.objects.create(contract=contract, estimate=estimate, reference="P-1", method="spei", **paid)
    Proof.objects.create(reference="F-1", **paid)
    Refund.objects.create(reference="L-1", motive="unspent", due_on=day, interest=0, **paid)
    Amendment.objects.create(number=1, kind="time", asked="Lluvias", decider="delegate", **shared)
