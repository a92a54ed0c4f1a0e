"""Each rule in words and as data, under the 2012 rules as the portal copies them to this year."""

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.contrib.gis.geos import LineString
from django.db import transaction
from django.utils import translation

from habitat.tests.fixtures import YEAR
from modalities.models import CapRule, Milestone, ShareRule
from polygons.models import City
from projects import rules, services
from projects.models import Action, Contract, Contribution, Opinion, Project
from projects.rules.conduct import LOOKS
from projects.rules.decisions import KINDS
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome
from projects.rules.money import cap, narrowest, share
from projects.workflow import LINEAMIENTOS_2012


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def judge(pipe, now):
    """The judgement of one rule on the pipe as it stands."""

    def find(code: str) -> Judgement:
        project = Project.objects.get(pk=pipe.pk)
        return next(judged for judged in rules.evaluate(project, now) if judged.code == code)

    return find


def test_a_whole_proposal_passes_what_its_submission_requires(pipe, attach, now):
    attach("budget", "executive_project")
    judged = rules.evaluate(pipe, now)
    assert [judgement.sentence for judgement in judged if judgement.blocks("submit")] == []
    assert {j.code for j in judged if j.required_at == "submit" and j.outcome == Outcome.PASS} >= {
        "capture_window", "funding_complete", "location_basis", "one_modality", "share-general", "types_of_the_year",
        "works_inside_dates", "people_counted",
    }  # fmt: skip


def test_every_rule_says_its_clause_and_the_value_it_used(pipe, attach, now, people):
    """Also where it passes: of a proposal in review, with papers, and of a plan that has no place."""
    attach("budget", "executive_project", "ph01", "water_validation")
    with pgtrigger.ignore("projects.Project:follows_workflow"):
        Project.objects.filter(pk=pipe.pk).update(status="in_review")
    judged = rules.evaluate(Project.objects.get(pk=pipe.pk), now)
    pipe.actions.update(action_type="PD01", geometry=None)
    Project.objects.filter(pk=pipe.pk).update(modality="PD", polygon_version=None)
    judged += rules.evaluate(Project.objects.get(pk=pipe.pk), now)
    assert [(one.code, one.outcome) for one in judged if not (one.detail and one.inputs)] == []
    assert [one.code for one in judged if not one.clause and one.kind != "ceiling"] == []
    assert {one.kind for one in judged} == set(KINDS) | {"conductrule"}


STANDING = {
    "submit": "draft", "authorise": "submitted", "number": "in_review", "approve": "numbered", "start": "approved",
    "finish": "in_execution", "hand_over": "finished", "prove": "handed_over", "close": "proven",
}  # fmt: skip


def is_taken(project, step, person) -> bool:
    """What the server says; nothing of it stays."""
    try:
        with transaction.atomic():
            services.take_step(project, step, by=person, reason="x")
            transaction.set_rollback(True)
            return True
    except services.StepRefused:
        return False


@pytest.fixture
def turned(monkeypatch):
    """Lets every rule pass but one, which gets this outcome."""

    def turn(rule: Judgement, outcome: str) -> None:
        def decided(kind, code, inputs):
            return outcome if (kind, code) == (rule.kind, rule.code) else Outcome.PASS

        monkeypatch.setattr("projects.rules.judgements.decide", decided)
        monkeypatch.setattr("projects.rules.ceilings.decide", decided)

    return turn


def test_the_button_is_what_the_server_says_for_every_kind_of_rule(pipe, people, pipe_ceilings, now, turned, client):
    """Each rule of the year, at the step that requires it, as pass, fail and not yet known."""
    Project.objects.filter(pk=pipe.pk).update(ready_at=now, ready_by=people["preparer"])
    with pgtrigger.ignore():
        # Works start under a contract, which no rule says.
        day, two = now.date(), (people["certifier"], people["reviewer"])
        Contract.objects.create(
            project=pipe, kind="direct_award", law="lopsrm", number="C-1", contractor="Obras", before_tax=1, amount=1,
            contractor_rfc="AAA010101AAA", on=day, starts_on=day, ends_on=day, status="validated", registered_at=now,
            decided_at=now, registered_by=two[0], decided_by=two[1],
        )  # fmt: skip
    required = {(rule.kind, rule.required_at, rule.code.split("-")[0]): rule for rule in rules.evaluate(pipe, now)}
    walked = [rule for (_kind, step, _name), rule in required.items() if step]
    assert {rule.kind for rule in walked} == set(KINDS) - {"mixrule", "caprule"} | {"conductrule"}
    roles = {step.name: step.moves[0].role for step in LINEAMIENTOS_2012}
    for rule in walked:
        step, person = rule.required_at, people[roles[rule.required_at]]
        with pgtrigger.ignore("projects.Project:follows_workflow", "projects.Project:agreement_first"):
            Project.objects.filter(pk=pipe.pk).update(status=STANDING[step])
        for outcome in Outcome.values:
            turned(rule, outcome)
            project = Project.objects.get(pk=pipe.pk)
            (offered,) = (offer for offer in services.offers(project, person) if offer.step.name == step)
            wanted = outcome == Outcome.PASS
            assert (offered.is_allowed, is_taken(project, step, person)) == (wanted, wanted), (rule, outcome)
            if rule.code in ("capture_window", "ceiling"):
                client.force_login(person)
                is_linked = f"/projects/{pipe.pk}/steps/{step}/" in client.get(f"/projects/{pipe.pk}/").text
                told = client.get(f"/api/v1/projects/{pipe.public_id}/steps/").json()
                assert [is_linked, *(row["is_allowed"] for row in told if row["step"] == step)] == [wanted, wanted]


def test_every_conduct_rule_of_2012_has_its_judge(year):
    assert {rule.code for rule in year.conductrules.all()} <= set(LOOKS)


def test_the_panel_costs_a_fixed_number_of_queries(pipe, now, django_assert_max_num_queries):
    rules.evaluate(Project.objects.get(pk=pipe.pk), now)
    for number in range(4):
        Action.objects.create(project=pipe, action_type_id="ME02", quantity=number + 1)
    project = Project.objects.select_related(
        "rules", "municipality", "strand", "modality", "polygon_version__polygon__city", "fiscal_year"
    ).get(pk=pipe.pk)
    with django_assert_max_num_queries(15):
        rules.evaluate(project, now)


def test_a_share_says_how_much_may_be_federal(pipe, judge):
    Contribution.objects.filter(source="federal").update(amount=Decimal("600000"))
    judged = judge("share-general")
    assert judged.outcome == Outcome.FAIL
    assert "54.5\N{NO-BREAK SPACE}%" in judged.sentence
    assert "$550,000.00" in judged.sentence


def test_a_share_that_only_rounds_to_the_maximum_fails():
    rule = ShareRule(code="s", federal_max_pct=Decimal(50), local_min_pct=Decimal(50))
    assert share(rule, federal=Decimal("500000.01"), cost=Decimal(1_000_000)).outcome == Outcome.FAIL
    assert share(rule, federal=Decimal(500_000), cost=Decimal(1_000_000)).outcome == Outcome.PASS


def test_the_narrowest_share_wins(pipe):
    general = ShareRule(code="general")
    strand = ShareRule(code="strand", strand_id="G")
    modality = ShareRule(code="modality", modality_id="ME")
    kind = ShareRule(code="type", action_type_id="ME01")
    other = ShareRule(code="other", action_type_id="ME02")
    facts, action_type = Facts(pipe), pipe.actions.get().action_type
    assert narrowest([general, strand, modality, kind, other], facts, action_type) is kind
    assert narrowest([modality, general, strand], facts, action_type) is modality
    assert narrowest([other], facts, action_type) is None


def test_a_cap_nobody_set_says_so_and_blocks_nothing(judge):
    judged = judge("cap-me01")
    assert (judged.outcome, judged.required_at) == (Outcome.UNKNOWN, "")
    assert not any(judged.blocks(step.name) for step in LINEAMIENTOS_2012)
    assert "stops nothing" in judged.sentence


@pytest.mark.parametrize(
    ("basis", "amount", "outcome"),
    [("work", 500_000, "pass"), ("work", 499_999, "fail"), ("unit", 1250, "pass"), ("unit", 1249, "fail"),
     ("month", 1250, "pass"), ("polygon", 500_000, "pass"), ("municipality", 499_999, "fail")],
)  # fmt: skip
def test_a_cap_is_judged_on_its_own_basis(pipe, basis, amount, outcome):
    rule = CapRule(code="c", action_type_id="ME01", basis=basis, amount=Decimal(amount), required_at="number")
    facts = Facts(pipe)
    assert cap(rule, facts, facts.actions).outcome == outcome


def test_a_missing_contribution_is_not_yet_known(pipe, judge):
    Contribution.objects.filter(source="beneficiaries").delete()
    assert judge("funding_complete").outcome == Outcome.UNKNOWN


def test_a_site_mostly_outside_the_polygon_fails(pipe, judge):
    assert judge("location_basis").outcome == Outcome.PASS
    pipe.actions.update(geometry=LineString((-90.5275, 19.8301), (-90.52, 19.8301), srid=4326))
    judged = judge("location_basis")
    assert judged.outcome == Outcome.FAIL
    assert Decimal(judged.inputs["share"]) < Decimal(judged.inputs["least"]) == 50


def test_a_work_without_site_is_not_yet_known(pipe, judge):
    pipe.actions.update(geometry=None)
    assert judge("location_basis").outcome == Outcome.UNKNOWN


def test_a_deficit_range_across_the_threshold_leaves_the_verdict_open(pipe, judge, polygon_version):
    """60 of 108 dwellings certainly lack water: over the threshold of 20 per cent, whatever the masks hide."""
    assert judge("service-deficit").outcome == Outcome.PASS
    pipe.polygon_version.water_low = 10
    with_masks = next(j for j in rules.evaluate(pipe) if j.code == "service-deficit")
    assert with_masks.outcome == Outcome.UNKNOWN


def test_what_a_person_must_judge_is_not_yet_known_and_stops_nothing(judge):
    judged = judge("land-tenure")
    assert (judged.outcome, judged.required_at) == (Outcome.UNKNOWN, "")


def test_a_paper_of_a_later_step_is_still_to_come(judge, attach):
    assert judge("doc-contract").outcome == Outcome.UNKNOWN
    assert judge("doc-budget").outcome == Outcome.FAIL
    attach("budget")
    assert judge("doc-budget").outcome == Outcome.PASS


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [
        (dt.datetime(YEAR, 4, 16, 5, 59, 59, tzinfo=dt.UTC), "pass"),
        (dt.datetime(YEAR, 4, 16, 6, 0, tzinfo=dt.UTC), "fail"),
    ],
)  # fmt: skip
def test_the_window_closes_at_midnight_of_the_municipality(pipe, moment, outcome):
    Milestone.objects.create(
        fiscal_year_id=YEAR,
        kind="capture",
        state_code="04",
        opens_on=dt.date(YEAR, 3, 1),
        closes_on=dt.date(YEAR, 4, 15),
    )
    judged = next(j for j in rules.evaluate(pipe, moment) if j.code == "capture_window")
    assert judged.outcome == outcome


def test_an_unfavourable_opinion_fails(pipe, judge, reviewer, technician, now):
    opinion = Opinion.objects.create(project=pipe, modality=pipe.modality, asked_by=reviewer, asked_at=now)
    assert judge("opinions_given").outcome == Outcome.UNKNOWN
    opinion.given_at, opinion.given_by, opinion.is_favourable = now, technician, False
    opinion.save()
    assert judge("opinions_given").outcome == Outcome.FAIL


def test_the_mix_of_a_portfolio_informs_and_never_blocks(pipe, judge, year):
    Project.objects.filter(pk=pipe.pk).update(modality_id="PD")
    judged = judge("mix-pd")
    assert (judged.outcome, judged.required_at) == (Outcome.FAIL, "")


def test_an_unknown_blocks_only_where_it_is_required_and_a_fail_until_approval():
    unknown = Judgement("k", "c", Outcome.UNKNOWN, "t", required_at="number")
    fail = Judgement("k", "c", Outcome.FAIL, "t", required_at="number")
    steps = ("submit", "authorise", "number", "approve", "start", "close")
    assert [step for step in steps if unknown.blocks(step)] == ["number"]
    assert [step for step in steps if fail.blocks(step)] == ["submit", "authorise", "number", "approve"]


def test_rules_speak_the_readers_language(pipe, now):
    with translation.override("es-mx"):
        spanish = [judged.sentence for judged in rules.evaluate(pipe, now)]
    assert not set(spanish) & {judged.sentence for judged in rules.evaluate(pipe, now)}


def test_the_whole_road_under_the_whole_rules(
    pipe, pipe_ceilings, attach, people, books, now, constituted, handed_over, paper
):
    with pytest.raises(services.StepRefused):
        services.take_step(pipe, "submit", by=people["certifier"], at=now)
    attach("budget", "executive_project", "ph01", "municipal_commitment", "land_proof", "water_validation")
    attach("assembly_minutes", "state_commitment")
    attach("photo", "expenditure_proof")
    services.mark_ready(pipe, by=people["preparer"])
    polygon = pipe.polygon_version.polygon
    polygon.city = City.objects.create(code="063", name="Campeche", kind="urban_centre", population=250_000)
    polygon.save()
    for step, role in (("submit", "certifier"), ("authorise", "manager"), ("review", "reviewer"),
                       ("number", "reviewer"), ("approve", "delegate")):  # fmt: skip
        services.take_step(pipe, step, by=people[role], at=now)
    contract = books.contract(pipe)
    with pytest.raises(services.StepRefused):
        services.take_step(pipe, "start", by=people["certifier"], at=now)
    committee = constituted(pipe)
    services.take_step(pipe, "start", by=people["certifier"], at=now)
    with pytest.raises(services.StepRefused):
        services.take_step(pipe, "finish", by=people["certifier"], at=now)
    report = services.save_progress(
        pipe, YEAR, 4, quantities={pipe.actions.get().pk: Decimal(400)}, spending={}, by=people["preparer"], at=now
    )
    services.submit_progress(report, by=people["certifier"], at=now)
    services.accept_progress(report, by=people["reviewer"], at=now)
    services.take_step(pipe, "finish", by=people["certifier"], at=now)
    with pytest.raises(services.StepRefused):
        services.take_step(pipe, "hand_over", by=people["reviewer"], at=now)
    handed_over(pipe)
    services.take_step(pipe, "hand_over", by=people["reviewer"], at=now)
    spending = {"federal": Decimal(500_000), "state": Decimal(200_000), "municipal": Decimal(300_000)}
    estimate = books.estimate(contract, 1_000_000, 400)
    for source, amount in spending.items():
        books.release(pipe, amount, source)
        books.payment(contract, amount, estimate, source, reference=source)
    with pytest.raises(services.StepRefused):
        services.take_step(pipe, "prove", by=people["reviewer"], at=now)
    for source, amount in spending.items():
        books.proof(pipe, amount, source)
    services.take_step(pipe, "prove", by=people["reviewer"], at=now)
    with pytest.raises(services.StepRefused):
        services.take_step(pipe, "close", by=people["delegate"], at=now)
    services.record_verdict(
        pipe, committee, is_favourable=True, text="Bien.", on=now.date(), upload=paper(), by=people["certifier"]
    )
    services.take_step(pipe, "close", by=people["delegate"], at=now)
    pipe.refresh_from_db()
    assert pipe.status == "closed"
    assert pipe.file_number == "040021ME001"
