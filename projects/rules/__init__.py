"""The rules engine: each rule of the project's version, judged in words and as data; everybody asks here."""

import datetime as dt
from dataclasses import replace

from projects.models import Project, Verdict
from projects.rules import ceilings, conduct, eligibility, money, papers
from projects.rules.decisions import NotReplayableError, decide
from projects.rules.facts import Facts, RuleBook, rule_book
from projects.rules.judgements import ENGINE, Judgement, Outcome
from projects.rules.overlaps import Overlap, overlaps

JUDGES = (
    eligibility.eligibility,
    conduct.conduct,
    money.shares,
    money.caps,
    papers.papers,
    ceilings.ceiling,
    money.mix,
)


def evaluate(project: Project, at: dt.datetime | None = None) -> list[Judgement]:
    """Every rule that has something to say of this project, in the active language."""
    return judge_facts(Facts(project, at))


def judge_facts(facts: Facts) -> list[Judgement]:
    return [_excepted(judgement, facts) for judge in JUDGES for judgement in judge(facts)]


def _excepted(judgement: Judgement, facts: Facts) -> Judgement:
    """Money that is not there is granted by nobody; every other rule may be left for a time."""
    if judgement.outcome == Outcome.PASS or judgement.kind == "ceiling":
        return judgement
    exception = facts.exceptions.get((judgement.kind, judgement.code))
    return replace(judgement, exception=exception) if exception else judgement


def as_verdicts(judgements: list[Judgement], project: Project, at: dt.datetime, **fields: object) -> list[Verdict]:
    """Unsaved rows that keep what was judged, with its inputs."""
    return [
        Verdict(
            project=project,
            rules_id=project.rules_id,
            rule_kind=judgement.kind,
            rule_code=judgement.code,
            rule_uuid=judgement.rule,
            clause=judgement.clause,
            outcome=judgement.outcome,
            inputs=judgement.inputs,
            evaluated_at=at,
            engine=ENGINE,
            exception=judgement.exception,
            **fields,
        )
        for judgement in judgements
    ]


__all__ = [
    "ENGINE",
    "Facts",
    "Judgement",
    "NotReplayableError",
    "Outcome",
    "Overlap",
    "RuleBook",
    "as_verdicts",
    "decide",
    "evaluate",
    "judge_facts",
    "overlaps",
    "rule_book",
]
