"""What changes after the approval: asked for by one, tried on rules and ceilings, decided by another, kept for ever."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.gis.geos import LineString
from django.db import InternalError, transaction

from habitat.tests.fixtures import YEAR
from projects import services
from projects.balances import Balances
from projects.models import Amendment, Ceiling, Project, ProjectVersion, Status
from projects.refusals import Refused
from projects.services.cases import Case, money_settled
from projects.tests.test_committees import at_status
from projects.tests.test_money import together, twin
from projects.versions import differences, in_words, lines_of


@pytest.fixture
def approved(project, lead):
    return lead(project, "approve")


@pytest.fixture
def ask(people):
    def propose(project, kind, **said):
        fields = {"asked": "Lo pide la obra", "by": people["certifier"]}
        return services.propose_amendment(project, kind=kind, **fields | said)

    return propose


def federal(project, amount):
    """The amount of an amendment that makes the federal part this, and the state's as much more."""
    action = project.actions.get()
    parts = {"federal": amount, "state": amount - 300_000, "municipal": 290_000, "beneficiaries": 10_000}
    return {"contributions": {str(action.pk): {source: str(part) for source, part in parts.items()}}}


def test_a_short_extension_is_the_delegates_a_long_one_the_program_units(approved, ask):
    assert ask(approved, "time", changes={"ends_on": f"{YEAR}-10-15"}).decider == "delegate"
    Amendment.objects.update(status="rejected", decided_by=approved.created_by, decided_at=approved.status_since)
    assert ask(approved, "time", changes={"ends_on": f"{YEAR}-12-15"}).decider == "manager"


def test_an_extension_moves_the_end_of_the_works_and_of_the_contract(approved, ask, people, books):
    contract = books.contract(approved)
    amendment = ask(approved, "time", changes={"ends_on": f"{YEAR}-10-15"})
    services.approve_amendment(amendment, by=people["delegate"])
    approved.refresh_from_db()
    contract.refresh_from_db()
    assert (approved.ends_on, contract.ends_on) == (dt.date(YEAR, 10, 15), dt.date(YEAR, 10, 15))


def test_a_changed_quantity_is_what_must_be_measured_and_contracted(approved, ask, people, books):
    contract = books.contract(approved)
    action = approved.actions.get()
    amendment = ask(approved, "quantity", changes={"quantities": {str(action.pk): "380"}})
    assert amendment.decider == "delegate"
    services.approve_amendment(amendment, by=people["delegate"])
    action.refresh_from_db()
    assert (action.quantity, contract.lines.get().quantity) == (380, 380)


def test_a_quantity_beyond_the_delegations_per_cent_is_the_program_units(approved, ask):
    action = approved.actions.get()
    assert ask(approved, "quantity", changes={"quantities": {str(action.pk): "350"}}).decider == "manager"


def test_more_money_is_approved_and_contracted_within_the_ceiling(approved, ask, people, books, ceilings):
    contract = books.contract(approved)
    change = {"contract": contract, "contract_change": Decimal(200_000)}
    amendment = ask(approved, "amount", changes=federal(approved, 600_000), **change)
    services.approve_amendment(amendment, by=people["manager"])
    balances = Balances(approved)
    assert (balances.at("approved", "federal"), balances.at("approved", "state")) == (600_000, 300_000)
    assert balances.total("committed") == 1_200_000
    assert services.agreed(contract) == 1_200_000
    assert services.balance(ceilings) == 400_000


def test_a_contract_changes_by_a_quarter_at_most(approved, ask, books):
    contract = books.contract(approved)
    change = {"contract": contract, "contract_change": Decimal("250000.01")}
    with pytest.raises(Refused, match="25"):
        ask(approved, "amount", changes=federal(approved, 700_000), **change)


def test_an_amendment_breaks_no_rule(approved, ask):
    parts = federal(approved, 600_000)
    parts["contributions"][str(approved.actions.get().pk)]["state"] = "0"
    with pytest.raises(Refused, match="450,000"):
        ask(approved, "amount", changes=parts)
    assert not approved.amendments.exists()


def test_less_money_goes_back_to_the_ceiling_by_reversal(approved, ask, people, ceilings):
    amendment = ask(approved, "amount", changes=federal(approved, 400_000))
    services.approve_amendment(amendment, by=people["manager"])
    assert services.balance(ceilings) == 600_000
    assert approved.entries.filter(moment="approved", source="federal", reversal_of__isnull=False).count() == 1


def savings_in_the_way(project, people):
    return [sentence for sentence in money_settled(Case(project, people["reviewer"])) if "sin comprometer" in sentence]


def test_the_savings_of_a_tender_go_back_to_the_ceiling(approved, ask, people, books, ceilings):
    """Also those that nobody returned before the proof: closed with them, a work would keep room it cannot use."""
    books.contract(approved, "900000")
    assert savings_in_the_way(approved, people)
    amendment = ask(at_status(approved, Status.PROVEN), "savings")
    services.approve_amendment(amendment, by=people["delegate"])
    assert not savings_in_the_way(approved, people)
    balances = Balances(approved)
    assert balances.by_source("approved") == balances.by_source("committed")
    assert services.balance(ceilings) == 550_000
    assert services.cost_of(approved.actions.get()) == 900_000


def test_a_new_site_is_measured_anew(approved, ask, people):
    action = approved.actions.get()
    moved = LineString((-90.5299, 19.8302), (-90.5279, 19.8302), srid=4326)
    amendment = ask(approved, "site", changes={"sites": {str(action.pk): moved.geojson}})
    assert in_words(amendment)[0][1] == "19.830200, -90.529900; 19.830200, -90.527900"
    services.approve_amendment(amendment, by=people["manager"])
    action.refresh_from_db()
    assert action.geometry.coords == moved.coords


def test_who_asks_does_not_decide_and_another_role_neither(approved, ask, people):
    amendment = ask(approved, "time", changes={"ends_on": f"{YEAR}-10-15"})
    for role in ("certifier", "manager", "reviewer"):
        with pytest.raises(services.StepForbidden):
            services.approve_amendment(amendment, by=people[role])
    refused = services.refuse_amendment(amendment, by=people["delegate"], reason="No procede")
    assert (refused.status, refused.reason) == ("rejected", "No procede")


def test_of_two_who_decide_the_second_reads_what_became_of_it(client, approved, ask, people):
    amendment = ask(approved, "time", changes={"ends_on": f"{YEAR}-10-15"})
    services.approve_amendment(amendment, by=people["delegate"])
    page = f"/projects/{approved.pk}/amendments/{amendment.pk}/"
    client.force_login(people["delegate"])
    assert client.post(page, {"do": "approve"}).status_code == 409
    client.force_login(people["reviewer"])
    assert client.post(page, {"do": "approve"}).status_code == 403


def test_a_versions_quantities_are_told_with_the_name_of_the_action(approved, ask, people, books):
    action = approved.actions.get()
    books.contract(approved, "500000")
    services.approve_amendment(
        ask(approved, "quantity", changes={"quantities": {str(action.pk): "380"}}), by=people["delegate"]
    )
    told = differences(*(version.facts for version in approved.versions.order_by("number")))
    heading = f"{action.action_type.name} ({action.pk})"
    assert (f"{heading}: Cantidad", "400.00", "380.00") in told
    assert all(str(action.pk) not in label or heading in label for label, *_sides in told)


def test_every_version_stays_readable_with_what_changed(approved, ask, people):
    amendment = ask(approved, "time", changes={"ends_on": f"{YEAR}-10-15"})
    services.approve_amendment(amendment, by=people["delegate"])
    first, second = approved.versions.order_by("number")
    assert second.amendment == amendment
    assert [change[1:] for change in differences(first.facts, second.facts)] == [(f"30/09/{YEAR}", f"15/10/{YEAR}")]
    assert ("Forma de ejecución", "Por contrato") in lines_of(second.facts)
    with pytest.raises(InternalError), transaction.atomic():
        ProjectVersion.objects.update(facts={})


def test_an_approved_cancellation_is_the_delegates_proposal(approved, ask, people, manager, now):
    services.approve_amendment(ask(approved, "cancellation"), by=people["delegate"])
    services.take_step(approved, "cancel", by=manager, reason="Sin terreno", at=now)
    assert Project.objects.get(pk=approved.pk).status == "cancelled"


def test_what_was_due_stays_due_after_an_amendment(approved, ask, people):
    before = list(approved.planned_releases.values_list("source", "on", "amount"))
    services.approve_amendment(ask(approved, "time", changes={"ends_on": f"{YEAR}-10-15"}), by=people["delegate"])
    assert list(approved.planned_releases.values_list("source", "on", "amount")) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_amendments_that_together_pass_a_ceiling_one_is_approved(project, lead, ask, people, ceilings):
    other = twin(project)
    for case in (project, other):
        lead(case, "number")
    services.set_ceiling(
        fiscal_year=ceilings.fiscal_year, strand=ceilings.strand, amount=Decimal(1_100_000),
        agreement=ceilings.agreement,
        reason="x", by=people["manager"], municipality=ceilings.municipality,
    )  # fmt: skip
    for case in (project, other):
        services.take_step(case, "approve", by=people["delegate"])
    asked = [ask(case, "amount", changes=federal(case, 600_000)) for case in (project, other)]
    errors = together(*(lambda one=one: services.approve_amendment(one, by=people["manager"]) for one in asked))
    assert sorted(error is None for error in errors) == [False, True]
    assert services.balance(Ceiling.objects.get(pk=ceilings.pk)) == 0
