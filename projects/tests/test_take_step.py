"""A project's life, step by step: who, from where, under which conditions, and what it leaves behind."""

import datetime as dt

import pytest

from habitat.accounts.models import Notification, OutboxMessage
from habitat.tests.fixtures import YEAR, agreed, authorised_subsidies
from modalities.models import Strand
from projects import services
from projects.models import Ceiling, Project, Status


def test_a_draft_goes_all_the_way_to_its_closure(project, lead):
    assert lead(project, "close").status == Status.CLOSED
    assert list(project.history.values_list("step", flat=True)) == [
        "submit", "authorise", "review", "number", "approve", "start", "finish", "hand_over", "prove", "close",
    ]  # fmt: skip


def test_approval_takes_the_federal_part_from_the_ceiling(project, lead, ceilings):
    lead(project, "approve")
    assert services.balance(ceilings) == 500_000
    assert services.balance(ceilings.parent.parent) == 2_500_000
    approved = project.entries.filter(moment="approved").values_list("source", "amount")
    assert dict(approved) == {"federal": 500_000, "state": 200_000, "municipal": 290_000, "beneficiaries": 10_000}


def test_approval_beyond_the_ceiling_is_refused_with_what_is_left(project, lead, ceilings, people, now):
    lead(project, "number")
    services.set_ceiling(
        fiscal_year=project.fiscal_year,
        strand=project.strand,
        municipality=project.municipality,
        amount=499_999,
        agreement=ceilings.agreement,
        reason="Convenio modificatorio",
        by=people["manager"],
    )
    with pytest.raises(services.StepRefused) as refusal:
        services.take_step(project, "approve", by=people["delegate"], at=now)
    assert [verdict.code for verdict in refusal.value.verdicts] == ["ceiling"]
    assert "$499,999.00" in refusal.value.messages[0]
    assert not project.entries.filter(moment="approved").exists()


def test_what_was_judged_is_kept_with_its_inputs(project, lead):
    lead(project, "submit")
    verdict = project.verdicts.get(rule_code="share-general")
    assert (verdict.outcome, verdict.change.step, verdict.clause) == ("pass", "submit", "3.4")
    assert verdict.inputs["federal"] == "500000.00"


def test_a_federal_part_above_the_maximum_stops_the_submission(project, people, now):
    project.actions.get().contributions.filter(source="federal").update(amount=500_000.01)
    services.mark_ready(project, by=people["preparer"])
    with pytest.raises(services.StepRefused) as refusal:
        services.take_step(project, "submit", by=people["certifier"], at=now)
    assert [verdict.code for verdict in refusal.value.verdicts] == ["share-general"]
    assert not project.history.exists()


def test_the_preparer_marks_the_draft_ready_first(project, people, now):
    with pytest.raises(services.StepRefused, match=r"no ha marcado|not marked"):
        services.take_step(project, "submit", by=people["certifier"], at=now)


def test_nobody_submits_what_they_marked_ready(project, people, now):
    services.mark_ready(project, by=people["preparer"])
    turned = people["preparer"]
    turned.role = "certifier"
    with pytest.raises(services.StepForbidden):
        services.take_step(project, "submit", by=turned, at=now)


def test_nobody_approves_what_they_submitted(project, lead, people, now):
    lead(project, "number")
    promoted = people["certifier"]
    promoted.role = "delegate"
    with pytest.raises(services.StepForbidden):
        services.take_step(project, "approve", by=promoted, at=now)


def test_without_a_signed_agreement_nothing_is_authorised(project, people, ceilings, now):
    unsigned = agreed(project.fiscal_year, ceilings.state, "Convenio sin firma", signed_on=None)
    Ceiling.objects.filter(pk=ceilings.pk).update(agreement=unsigned)
    services.mark_ready(project, by=people["preparer"])
    services.take_step(project, "submit", by=people["certifier"], at=now)
    with pytest.raises(services.StepRefused, match="Convenio sin firma"):
        services.take_step(project, "authorise", by=people["manager"], at=now)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "waiting"},
        {"on": dt.date(YEAR, 4, 21)},
        {"cancelled_at": dt.datetime(YEAR, 3, 1, tzinfo=dt.UTC)},
        None,
    ],
)
def test_without_the_letter_of_subsidies_nothing_is_authorised(project, people, ceilings, now, fields, campeche):
    """Still being made, of tomorrow, cancelled, or of another strand."""
    year, by = project.fiscal_year, people["manager"]
    if fields is None:
        Strand.objects.create(code="CH", name_es="Centros Históricos", name_en="Historic Centres", position=2)
        authorised_subsidies(year, campeche.state, by, "CH")
    else:
        authorised_subsidies(year, campeche.state, by, **fields)
    services.mark_ready(project, by=people["preparer"])
    services.take_step(project, "submit", by=people["certifier"], at=now)
    with pytest.raises(services.StepRefused, match=r"oficio vigente|letter in force"):
        services.take_step(project, "authorise", by=by, at=now)
    authorised_subsidies(year, campeche.state, by, number="OAS-04-2026-0001")
    services.take_step(project, "authorise", by=by, at=now)


def test_a_stranger_finds_no_project(project, stranger, now):
    with pytest.raises(Project.DoesNotExist):
        services.take_step(project, "submit", by=stranger, at=now)


def test_an_account_past_its_dates_takes_no_step(project, people, now):
    people["certifier"].valid_to = dt.date(2021, 1, 1)
    with pytest.raises(services.StepForbidden):
        services.take_step(project, "submit", by=people["certifier"], at=now)


def test_a_rejection_needs_its_reason_and_gives_the_money_back(project, lead, people, now):
    lead(project, "authorise")
    with pytest.raises(services.StepRefused):
        services.take_step(project, "reject", by=people["manager"], at=now)
    services.take_step(project, "reject", by=people["manager"], reason="Fuera de norma", at=now)
    assert sum(project.entries.values_list("amount", flat=True)) == 0
    assert project.entries.count() == 8


def test_observations_go_back_to_where_they_came_from(project, lead, people, now):
    lead(project, "review")
    with pytest.raises(services.StepRefused):
        services.take_step(project, "observe", by=people["reviewer"], reason="Corrija", at=now)
    remarks = [("documents", "El presupuesto no está firmado.")]
    services.take_step(project, "observe", by=people["reviewer"], reason="Corrija", remarks=remarks, at=now)
    services.take_step(project, "answer", by=people["certifier"], reason="Va firmado.", at=now)
    project.refresh_from_db()
    assert project.status == Status.IN_REVIEW
    assert project.observations.get().answer == "Va firmado."


def test_who_must_act_next_is_told_in_their_language(project, people, lead):
    people["manager"].language = "en"
    people["manager"].save()
    lead(project, "submit")
    assert "Submitted" in OutboxMessage.objects.get(to=people["manager"].email).notification.text
    assert Notification.objects.filter(user=people["preparer"]).exists()
    assert not OutboxMessage.objects.filter(to=people["certifier"].email).exists()


def test_offers_say_what_the_server_would(project, people, now):
    (submit,) = [offer for offer in services.offers(project, people["certifier"], now) if offer.step.name == "submit"]
    assert (submit.is_mine, submit.is_allowed) == (True, False)
    services.mark_ready(project, by=people["preparer"])
    project.refresh_from_db()
    offers = services.offers(project, people["certifier"], now)
    assert {offer.step.name for offer in offers if offer.is_allowed} == {"submit", "withdraw"}
