"""A month of works: captured by the municipality, accepted by the delegation, then locked."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from habitat.tests.fixtures import YEAR
from projects import services
from projects.models import ProgressReport
from projects.refusals import Refused

LATER = dt.datetime(YEAR, 6, 15, 18, 0, tzinfo=dt.UTC)


@pytest.fixture
def works(uncontracted):
    """The project in execution since April, 400 m of pipe approved."""
    return uncontracted


@pytest.fixture
def save(works, people):
    def write(month=5, metres=100, federal="100000.00", **fields):
        return services.save_progress(
            works,
            YEAR,
            month,
            quantities={works.actions.get().pk: Decimal(metres)},
            spending={"federal": Decimal(federal)},
            by=fields.pop("by", people["preparer"]),
            at=fields.pop("at", LATER),
        )

    return write


def test_accepted_progress_is_locked_and_its_spending_is_paid(works, save, people):
    report = save()
    services.submit_progress(report, by=people["certifier"], at=LATER)
    services.accept_progress(report, by=people["reviewer"], at=LATER)
    paid = works.entries.get(moment="paid")
    assert (paid.source, paid.amount, paid.on, paid.progress) == (
        "federal", Decimal("100000.00"), dt.date(YEAR, 5, 31), report,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        report.lines.update(quantity=1)
    with pytest.raises(Refused):
        save()


def test_more_than_was_approved_is_refused_with_what_is_left(works, save, people):
    save(month=4, metres=350, federal="0")
    with pytest.raises(Refused) as refusal:
        save(month=5, metres=51, federal="500000.01")
    assert "50.00" in refusal.value.messages[0]
    assert "$500,000.00" in refusal.value.messages[1]
    save(month=5, metres=50, federal="500000.00")


def test_saving_a_month_again_replaces_what_it_said(works, save):
    save(metres=400)
    report = save(metres=390)
    assert [line.quantity for line in report.lines.all()] == [Decimal(390)]


def test_a_returned_month_is_mended_and_sent_again(works, save, people):
    report = save()
    services.submit_progress(report, by=people["certifier"], at=LATER)
    with pytest.raises(Refused):
        services.return_progress(report, by=people["reviewer"], at=LATER)
    services.return_progress(report, by=people["reviewer"], reason="Faltan fotografías", at=LATER)
    save(metres=90)
    assert services.submit_progress(report, by=people["certifier"], at=LATER).reason == ""


def test_works_begun_in_the_last_evening_of_a_month_report_that_month(project, lead, people):
    """Seven in the evening of 31 May in Campeche is June in UTC."""
    lead(project, "start", at=dt.datetime(YEAR, 6, 1, 1, 0, tzinfo=dt.UTC))
    report = services.save_progress(project, YEAR, 5, quantities={}, spending={}, by=people["preparer"], at=LATER)
    assert (report.year, report.month) == (YEAR, 5)


def test_a_month_to_come_is_not_reported(works, save):
    with pytest.raises(Refused):
        save(month=7)
    with pytest.raises(Refused):
        save(month=3)


def test_only_the_municipality_captures_and_only_the_delegation_decides(works, save, people):
    for role in ("reviewer", "manager", "auditor", "technician"):
        with pytest.raises(services.StepForbidden):
            save(by=people[role])
    report = save()
    services.submit_progress(report, by=people["certifier"], at=LATER)
    for role in ("preparer", "certifier", "manager", "auditor"):
        with pytest.raises(services.StepForbidden):
            services.accept_progress(report, by=people[role], at=LATER)


def test_a_service_account_captures_only_where_it_is_granted(works, save, people):
    people["service"].can_write = True
    assert save(by=people["service"]).status == ProgressReport.Status.DRAFT
    people["service"].can_write = False
    with pytest.raises(services.StepForbidden):
        save(by=people["service"])


def test_an_action_of_another_project_is_refused(works, people):
    with pytest.raises(Refused):
        services.save_progress(
            works, YEAR, 5, quantities={works.actions.get().pk + 1: Decimal(1)}, spending={}, by=people["preparer"],
            at=LATER,
        )  # fmt: skip
