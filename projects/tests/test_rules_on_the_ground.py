"""Rules about what lies where a project builds: duplicates, networks under a pavement, shared caps."""

from decimal import Decimal

import pytest
from django.contrib.gis.geos import LineString, Point
from django.db import connection
from django.utils import translation

from habitat.tests.fixtures import YEAR, agreed, authorised_subsidies
from modalities.models import CapRule, RulesVersion, Strand
from modalities.services import copy_rules, publish
from polygons.models import Block
from projects import rules, services
from projects.models import Action, Ceiling, Contribution, LedgerEntry, Moment, Project
from projects.rules.facts import Facts
from projects.rules.money import cap
from projects.services.sites import store_location
from projects.tests.test_money import together, twin


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def other(pipe, status="submitted", *, folio="04-ME-0009", kind="ME01", line=None, federal=0, **fields) -> Action:
    """An action of another project of the municipality, in that status."""
    shared = ("fiscal_year", "rules", "strand", "modality", "municipality", "polygon_version", "status_since")
    known = {name: getattr(pipe, name) for name in shared} | fields
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL habitat.loading_history = 'a neighbour that stands there already'")
    project = Project.objects.create(folio=folio, name="Otra", created_by=pipe.created_by, status=status, **known)
    action = Action.objects.create(
        project=project, action_type_id=kind, quantity=1,
        geometry=line or LineString((-90.53, 19.8301), (-90.5278, 19.8301), srid=4326),
    )  # fmt: skip
    Contribution.objects.create(action=action, source="federal", amount=federal)
    store_location(action)
    return action


def judged(project, code, now):
    return next(row for row in rules.evaluate(Project.objects.get(pk=project.pk), now) if row.code == code)


@pytest.mark.parametrize(("status", "outcome"), [("draft", "pass"), ("submitted", "fail"), ("approved", "fail"),
                                                 ("withdrawn", "pass"), ("rejected", "pass")])  # fmt: skip
def test_the_same_work_on_the_same_ground_is_a_duplicate(pipe, now, status, outcome):
    other(pipe, status)
    found = judged(pipe, "no_duplicates", now)
    assert found.outcome == outcome
    assert ("04-ME-0009" in found.sentence) == (outcome == "fail")


def test_another_street_another_type_or_another_year_is_no_duplicate(pipe, now):
    other(pipe, folio="A", line=LineString((-90.53, 19.8340), (-90.5278, 19.8340), srid=4326))
    other(pipe, folio="B", kind="ME05")
    assert judged(pipe, "no_duplicates", now).outcome == "pass"


def test_a_crossing_is_a_small_part_of_both(pipe, now):
    other(pipe, line=LineString((-90.529, 19.829), (-90.529, 19.832), srid=4326))
    found = judged(pipe, "no_duplicates", now)
    assert found.outcome == "pass"
    assert 0 < Decimal(found.inputs["overlap"]) < 20


@pytest.fixture
def pavement(pipe):
    """The pipe's street is paved instead, in front of three blocks: 60 of 108 dwellings without water."""
    pipe.actions.update(action_type_id="ME12")
    store_location(pipe.actions.get())
    return pipe


def test_a_pavement_without_networks_below_fails(pavement, now):
    found = judged(pavement, "buried_services_first", now)
    assert found.outcome == "fail"
    assert "Build the networks with it" in found.sentence
    assert Decimal(found.inputs["water_low"]) == pytest.approx(Decimal("55.56"))


def test_masked_figures_leave_it_open_until_the_operator_validates(pavement, attach, now):
    Block.objects.update(without_water=0, with_water=36, without_drainage=None, with_drainage=None)
    found = judged(pavement, "buried_services_first", now)
    assert (found.outcome, found.required_at) == ("unknown", "number")
    attach("water_validation")
    assert judged(pavement, "buried_services_first", now).outcome == "pass"


def test_networks_built_with_it_or_before_it_count(pavement, now):
    Block.objects.update(without_drainage=0, with_drainage=36)
    assert judged(pavement, "buried_services_first", now).outcome == "fail"
    other(pavement, "approved", kind="ME01")
    assert judged(pavement, "buried_services_first", now).outcome == "pass"


def test_what_paves_nothing_passes(pipe, now):
    found = judged(pipe, "buried_services_first", now)
    assert (found.outcome, found.detail) == ("pass", "Nothing is paved.")


def test_a_historic_centre_is_worked_on_in_its_own_strand(pipe, now):
    pipe.actions.update(action_type_id="ME27")
    assert judged(pipe, "location_basis", now).outcome == "fail"
    Project.objects.filter(pk=pipe.pk).update(strand="CH")
    assert judged(pipe, "location_basis", now).outcome == "pass"


# ---- Shared caps ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("basis", "outcome"), [
    ("work", "pass"), ("polygon", "fail"), ("municipality", "fail"), ("centre", "fail"),
])  # fmt: skip
def test_a_shared_cap_counts_what_others_have_taken(pipe, basis, outcome):
    other(pipe, "approved", federal=300_000)
    rule = CapRule(code="c", action_type_id="ME01", basis=basis, amount=Decimal(700_000))
    facts = Facts(pipe)
    found = cap(rule, facts, facts.actions)
    assert found.outcome == outcome
    assert ("other approved projects" in found.detail) == (outcome == "fail")


def test_a_centre_elsewhere_is_another_centre(pipe):
    other(pipe, "approved", federal=300_000, line=Point(-90.52, 19.84, srid=4326))
    rule = CapRule(code="c", action_type_id="ME01", basis="centre", amount=Decimal(700_000))
    facts = Facts(pipe)
    assert cap(rule, facts, facts.actions).outcome == "pass"


def test_a_cap_per_polygon_waits_for_the_polygon(pipe):
    pipe.polygon_version = None
    rule = CapRule(code="c", action_type_id="ME01", basis="polygon", amount=Decimal(700_000), required_at="submit")
    facts = Facts(pipe)
    assert cap(rule, facts, facts.actions).outcome == "unknown"


@pytest.mark.django_db(transaction=True)
def test_two_approvals_in_two_strands_never_pass_a_shared_cap_together(project, lead, people, campeche, now):
    """Their ceilings are branches of their own; the cap of the municipality is one."""
    draft = copy_rules(project.rules, YEAR)
    CapRule.objects.create(
        rules=draft, code="cap", action_type_id="ME01", basis="municipality", amount=900_000, clause="4",
        source="Prueba", required_at="submit",
    )  # fmt: skip
    version = publish(draft, by=None)
    Strand.objects.create(code="CH", name_es="Centros Históricos", name_en="Historic Centres")
    shared = {"fiscal_year": version.fiscal_year, "strand_id": "CH", "amount": 1_000_000}
    nation = Ceiling.objects.create(agreement=agreed(version.fiscal_year), **shared)
    shared["agreement"] = agreed(version.fiscal_year, campeche.state)
    state = Ceiling.objects.create(parent=nation, state=campeche.state, **shared)
    Ceiling.objects.create(parent=state, state=campeche.state, municipality=campeche, **shared)
    authorised_subsidies(version.fiscal_year, campeche.state, people["manager"], "CH", number="OAS-04-2026-0001")
    Project.objects.filter(pk=project.pk).update(rules=version)
    project.refresh_from_db()
    second = twin(project)
    Project.objects.filter(pk=second.pk).update(strand="CH")
    second.refresh_from_db()
    for each in (project, second):
        lead(each, "number")
    errors = together(*(lambda p=p: services.take_step(p, "approve", by=people["delegate"], at=now)
                        for p in (project, second)))  # fmt: skip
    assert errors.count(None) == 1
    assert LedgerEntry.objects.at(Moment.APPROVED).total() == 500_000
    assert RulesVersion.objects.in_force().count() == 1


def test_the_year_has_the_rules_of_the_ground(year):
    codes = set(year.conductrules.values_list("code", flat=True))
    assert {"no_duplicates", "buried_services_first", "location_basis"} <= codes
    assert not year.conductrules.filter(code__in=["no_duplicates", "buried_services_first"], is_verified=True).exists()
