"""From contract to refund: each peso registered by one, validated by another, and never more than came before it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from habitat.accounts.models import SecurityEvent
from habitat.tests.fixtures import YEAR
from projects import services
from projects.balances import Balances, split
from projects.models import Contract, Moment, Project, Refund
from projects.refusals import Refused
from projects.services.proofs import interest_of
from projects.workers.archive_sheets import sheets_of


@pytest.fixture
def approved(project, lead):
    """500,000 federal, 200,000 of the state, 290,000 of the municipality, 10,000 of its people."""
    return lead(project, "approve")


@pytest.fixture
def works(uncontracted):
    return uncontracted


def test_a_contract_commits_in_the_proportion_of_the_approved_mix_to_the_cent(approved, books):
    books.contract(approved, "900000.01")
    balances = Balances(approved)
    assert balances.total("committed") == Decimal("900000.01")
    assert balances.by_source("committed")["federal"] == Decimal("450000.00")
    assert sum(balances.savings.values()) == Decimal("99999.99")


def test_no_more_is_contracted_than_was_approved(approved, books):
    books.contract(approved, "600000", quantities={})
    with pytest.raises(Refused, match="400,000"):
        books.contract(approved, "400000.01", number="C-2")


def test_nothing_is_contracted_before_the_approval(project, approved, books, now):
    with pytest.raises(Refused, match="antes de la aprobación"):
        books.contract(approved, on=now.date() - dt.timedelta(1))


def test_the_day_of_the_approval_is_the_municipalitys_own(project, lead, books, now):
    """At eleven at night in Campeche it is tomorrow in UTC."""
    lead(project, "approve", at=now + dt.timedelta(hours=13))
    assert books.contract(project, on=now.date()).status == "validated"


def test_an_rfc_is_checked(approved, books):
    with pytest.raises(Refused, match="RFC"):
        books.contract(approved, contractor_rfc="CIN010203AB4")


def test_a_contract_is_no_agreement_of_own_administration(approved, books):
    with pytest.raises(Refused, match="por contrato"):
        books.contract(approved, kind="own_administration", law="")


def test_who_registers_does_not_validate(approved, books, people):
    contract = books.contract(approved)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(decided_by=people["certifier"])


def test_what_was_validated_is_fixed_even_by_raw_sql(approved, books):
    contract = books.contract(approved)
    with pytest.raises(DatabaseError), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(amount=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        contract.delete()


def test_the_ledger_hears_of_nothing_before_the_delegation_validates(approved, people):
    services.register_release(
        approved, source="federal", amount=Decimal(5), on=dt.date(YEAR, 5, 1), reference="x", by=people["certifier"]
    )
    assert Balances(approved).total("released") == 0


def test_without_a_document_nothing_is_validated(approved, people):
    release = services.register_release(
        approved, source="federal", amount=Decimal(5), on=dt.date(YEAR, 5, 1), reference="x", by=people["certifier"]
    )
    with pytest.raises(Refused, match="document"):
        services.validate_act(release, by=people["reviewer"])
    rejected = services.reject_act(release, by=people["reviewer"], reason="Sin oficio")
    assert (rejected.status, rejected.reason) == ("rejected", "Sin oficio")


def test_a_late_release_says_why(approved, books):
    with pytest.raises(Refused, match="por qué se atrasó"):
        books.release(approved, 100, late_reason="")
    assert books.release(approved, 100).days_late > 0


def test_no_more_is_released_than_is_committed(approved, books):
    books.contract(approved, "900000")
    with pytest.raises(Refused, match="450,000"):
        books.release(approved, "450000.01")


def starting(client, project, certifier) -> dict[str, str]:
    """Door → what it answers to starting the work."""
    answers = {}
    address = reverse("projects:step", args=[project.pk, "start"])
    client.force_login(certifier)
    answers["page"] = client.post(address).content.decode()
    answers["api"] = str(client.post(f"/api/v1/projects/{project.public_id}/steps/start/").json())
    project.refresh_from_db()
    return answers


def test_by_page_and_api_works_start_once_their_contract_is_validated(client, approved, books, people, now):
    certifier = people["certifier"]
    for answer in starting(client, approved, certifier).values():
        assert "El contrato todavía no está registrado" in answer
    contract = books.registered(approved)
    for answer in starting(client, approved, certifier).values():
        assert "C-1 está registrado: falta que la delegación lo valide" in answer
    assert approved.status == "approved"
    services.validate_act(contract, by=people["reviewer"])
    assert services.take_step(approved, "start", by=certifier, at=now).to_status == "in_execution"


def test_what_is_built_by_own_administration_starts_with_its_agreement(approved, books, people, now):
    Project.objects.filter(pk=approved.pk).update(execution_form="own_administration")
    with pytest.raises(services.StepRefused, match="acuerdo de administración directa"):
        services.take_step(approved, "start", by=people["certifier"], at=now)
    approved.refresh_from_db()
    books.contract(approved, kind="own_administration", law="", contractor_rfc="")
    assert services.take_step(approved, "start", by=people["certifier"], at=now).to_status == "in_execution"


def test_estimates_stay_within_the_contracted_quantity_and_amount(works, books):
    contract = books.contract(works)
    books.estimate(contract, 400_000, 200)
    with pytest.raises(Refused, match="modificación"):
        books.estimate(contract, 1, "200.01")
    with pytest.raises(Refused, match="600,000"):
        books.estimate(contract, "600000.01", 200)


def test_an_estimate_keeps_back_five_per_thousand_and_repays_the_advance(works, books):
    contract = books.contract(works, advance_percent=30, guarantees=[advance_guarantee()])
    books.release(works, 500_000)
    books.payment(contract, 300_000)
    estimate = books.estimate(contract, 400_000, 160)
    assert (estimate.amortised, estimate.withheld, estimate.net) == (120_000, 1_600, 278_400)
    assert services.advance_left(contract) == 180_000


def advance_guarantee():
    return services.Answering("advance", "F-1", "Afianzadora", Decimal(300_000), dt.date(YEAR, 12, 31))


def test_no_advance_is_paid_without_its_guarantee(works, books):
    contract = books.contract(works, advance_percent=30)
    books.release(works, 500_000)
    with pytest.raises(Refused, match="fianza"):
        books.payment(contract, 1)


def test_a_harmful_paper_is_refused_and_the_attempt_is_kept(approved, books, people, settings):
    settings.UPLOAD_SCANNER = "sh -c 'cat >/dev/null; echo Eicar; exit 1'"
    with pytest.raises(ValidationError, match="Eicar"):
        books.registered(approved)
    assert [event.by for event in SecurityEvent.objects.all()] == [people["certifier"]]
    assert not approved.contracts.exists()


def test_a_contract_names_actions_of_its_own_project(approved, books):
    with pytest.raises(Refused, match="otro proyecto"):
        books.contract(approved, quantities={0: Decimal(0)})


def test_no_guarantee_is_added_to_a_contract_rejected_meanwhile(approved, books, people):
    shown = books.registered(approved)
    services.reject_act(shown, by=people["reviewer"], reason="Falta la firma")
    with pytest.raises(Refused):
        services.add_guarantee(shown, advance_guarantee(), by=people["certifier"])


def test_payments_follow_estimates_and_releases(works, books):
    contract = books.contract(works)
    estimate = books.estimate(contract, 400_000, 160)
    with pytest.raises(Refused, match="ministrado"):
        books.payment(contract, 1, estimate)
    books.release(works, 300_000)
    books.payment(contract, 300_000, estimate)
    books.release(works, 200_000, "state", reference="2")
    with pytest.raises(Refused, match="100,000"):
        books.payment(contract, "100000.01", estimate, "state")


def test_where_a_contract_stands_progress_writes_no_payment(works, books, people, now):
    books.contract(works)
    with pytest.raises(Refused, match="contrato"):
        services.save_progress(
            works, YEAR, 4, quantities={}, spending={"federal": Decimal(1)}, by=people["preparer"], at=now
        )


def test_what_rests_on_an_act_is_reversed_first(works, books, people):
    contract = books.contract(works)
    release = books.release(works, 300_000)
    estimate = books.estimate(contract, 400_000, 160)
    payment = books.payment(contract, 300_000, estimate)
    for act in (contract, release):
        with pytest.raises(Refused):
            services.reverse_act(act, by=people["reviewer"], reason="Error")
    for act in (payment, release):
        services.reverse_act(act, by=people["reviewer"], reason="Error")
    assert (Balances(works).total("paid"), Balances(works).total("released")) == (0, 0)


def test_interest_runs_from_the_day_a_refund_was_due(works):
    due = services.refund_due(works)
    assert due == dt.date(YEAR + 1, 1, 15)
    assert interest_of(works, Decimal(100_000), due, due) == 0
    assert interest_of(works, Decimal(100_000), due, due + dt.timedelta(30)) == Decimal("1470.00")


def test_at_closure_every_source_is_proven_or_refunded_to_the_cent(works, books, people, now):
    contract = books.contract(works)
    books.release(works, 500_000)
    books.release(works, 290_000, "municipal")
    books.release(works, 200_000, "state")
    books.release(works, 10_000, "beneficiaries")
    estimate = books.estimate(contract, 999_999, 400)
    paid = {"federal": "499999.50", "state": 200_000, "municipal": "289999.50", "beneficiaries": 10_000}
    for source, amount in paid.items():
        books.payment(contract, amount, estimate, source, reference=source)
        books.proof(works, amount, source)
    services.take_step(works, "finish", by=people["certifier"], at=now)
    services.take_step(works, "hand_over", by=people["reviewer"], at=now)
    with pytest.raises(services.StepRefused, match=r"\$0\.50"):
        services.take_step(works, "prove", by=people["reviewer"], at=now)
    books.refund(works, "0.50")
    books.refund(works, "0.50", "municipal")
    services.take_step(works, "prove", by=people["reviewer"], at=now)
    services.take_step(works, "close", by=people["delegate"], at=now)
    balances = Balances(works)
    assert all(balances.unproven(source) == 0 for source in ("federal", "state", "municipal", "beneficiaries"))
    sheets = {
        name: [dict(zip(header, row, strict=True)) for row in rows] for name, _t, header, rows in sheets_of(works)
    }
    told = sum(Decimal(row["Importe"]) for name in ("comprobaciones", "reintegros") for row in sheets[name])
    assert told == sum(Decimal(row["Importe"]) for row in sheets["ministraciones"])
    with pytest.raises(Refused, match="Cerrado"):
        services.reverse_act(works.proofs.first(), by=people["reviewer"], reason="Tarde")


def test_a_cancellation_takes_the_contract_along(approved, books, people, manager, now):
    contract = books.contract(approved)
    services.propose_cancellation(approved, reason="Sin terreno", by=people["delegate"])
    services.take_step(approved, "cancel", by=manager, reason="Sin terreno", at=now)
    contract.refresh_from_db()
    assert contract.status == "reversed"
    assert Balances(approved).total(Moment.COMMITTED) == 0


def test_a_division_adds_up_whatever_the_weights():
    parts = split(Decimal("100.00"), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1), "d": Decimal(0)})
    assert parts == {"a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33")}


def test_interest_is_of_federal_money_alone(works, books):
    assert Refund.objects.count() == 0
    books.release(works, 10, "state")
    assert books.refund(works, 10, "state").interest == 0
