"""The papers of the technical file: missing once their step comes next, merely still to come before that."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from modalities.models import DocumentKind, RequiredDocument
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome, judge
from projects.rules.money import fits
from projects.workflow import Status

# The status from which a step is the next that asks for papers.
DUE_FROM = {
    "submit": Status.DRAFT,
    "authorise": Status.SUBMITTED,
    "number": Status.IN_REVIEW,
    "approve": Status.NUMBERED,
    "start": Status.APPROVED,
    "finish": Status.IN_EXECUTION,
    "hand_over": Status.FINISHED,
    "prove": Status.HANDED_OVER,
    "close": Status.PROVEN,
}


def papers(facts: Facts) -> Iterator[Judgement]:
    for rule in facts.book.papers:
        if not any(fits(rule, facts, action.action_type) for action in facts.actions):
            continue
        title = _("The file holds: %(paper)s") % {"paper": wanted(rule)}
        inputs = {
            "paper": rule.kind,
            "is_there": is_there(rule, facts),
            "is_due": facts.has_reached(DUE_FROM.get(rule.required_at, Status.DRAFT)),
        }
        words = {
            Outcome.PASS: _in_the_file(rule, facts),
            Outcome.FAIL: _("It is missing."),
            Outcome.UNKNOWN: _("It is still to come."),
        }
        yield judge(rule, title, words.__getitem__, inputs)


def wanted(rule: RequiredDocument) -> str:
    """The paper, or so many photographs of a stage."""
    if not rule.photo_stage:
        return str(DocumentKind(rule.kind).label)
    words = _("%(paper)s, %(stage)s, at least %(count)s")
    return words % {
        "paper": rule.get_kind_display(),
        "stage": rule.get_photo_stage_display().lower(),
        "count": rule.minimum,
    }


def _in_the_file(rule: RequiredDocument, facts: Facts) -> str:
    count = facts.photos[rule.photo_stage] if rule.photo_stage else facts.papers[rule.kind]
    return _("In the file: %(count)s.") % {"count": count or facts.photos.total()}


def is_there(rule: RequiredDocument, facts: Facts) -> bool:
    """Photographs count by stage; where no stage is asked for, a document that holds them will do."""
    if rule.photo_stage:
        return facts.photos[rule.photo_stage] >= rule.minimum
    if rule.kind == DocumentKind.PHOTO and rule.kind not in facts.papers:
        return facts.photos.total() >= rule.minimum
    return rule.kind in facts.papers
