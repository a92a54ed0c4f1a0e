"""Kept verdicts say the same again from what was kept with them."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects import rules, services
from projects.models import Contribution, Project, Verdict
from projects.rules.conduct import LOOKS, WEIGHS
from projects.rules.decisions import CONDUCT


def test_a_verdict_keeps_its_rule_its_version_and_its_engine(project, lead):
    lead(project, "submit")
    kept = Verdict.objects.get(rule_code="share-general")
    assert kept.rule_uuid == project.rules.sharerules.get().public_id
    assert (kept.rules, kept.engine, kept.clause) == (project.rules, rules.ENGINE, "3.4")
    assert Verdict.objects.get(rule_kind="ceiling").rule_uuid is None


def test_every_verdict_of_the_usual_road_replays_after_the_facts_have_changed(project, lead):
    lead(project, "approve")
    Contribution.objects.update(amount=Decimal(1))
    Project.objects.filter(pk=project.pk).update(starts_on=None, ends_on=None)
    counted, different = services.replay_all(Verdict.objects.all())
    assert different == []
    assert counted["same"] == Verdict.objects.count() > 5


def test_every_rule_of_the_year_is_judged_as_it_replays(pipe, attach, now):
    """Also those that fail or are open, in every state of the papers."""
    for papers in ((), ("budget", "executive_project", "water_validation")):
        attach(*papers)
        judged = rules.evaluate(Project.objects.get(pk=pipe.pk), now)
        assert {judgement.outcome for judgement in judged} == {"pass", "fail", "unknown"} or papers
        Verdict.objects.bulk_create(rules.as_verdicts(judged, pipe, now))
    counted, _different = services.replay_all(Verdict.objects.all())
    assert counted == {"same": Verdict.objects.count(), "different": 0, "unknowable": 0}


def test_every_code_that_is_looked_at_can_be_decided():
    assert set(LOOKS) == set(CONDUCT)
    assert set(LOOKS) >= WEIGHS


def keep(project, **fields) -> Verdict:
    known = {"outcome": "pass", "rule_kind": "caprule", "rule_code": "cap", "inputs": {"value": "2", "cap": "1"}}
    return Verdict.objects.create(
        project=project, rules=project.rules, clause="1", evaluated_at=timezone.now(),
        **({"engine": rules.ENGINE} | known | fields),
    )  # fmt: skip


def test_the_command_fails_where_a_verdict_comes_out_otherwise(project):
    keep(project)
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("replay_verdicts", stdout=told, stderr=told)
    assert "0 same, 1 different" in told.getvalue()


def test_an_engine_that_kept_too_little_is_said_to_be_so(project):
    assert services.replay(keep(project, engine="1")).answer == "unknowable"
    told = StringIO()
    call_command("replay_verdicts", stdout=told)
    assert "1 of an engine that kept too little" in told.getvalue()
