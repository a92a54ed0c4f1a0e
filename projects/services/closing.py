"""The closure gate: everything that stands between a work and its closing, each with the page where it is mended."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from habitat.accounts.models import User
from projects import rules
from projects.models import Project
from projects.services.cases import CONDITIONS, Case
from projects.workflow import MAIN_ROAD, PUBLIC, Step

LAST_STEPS = ("hand_over", "prove", "close")
# Rule → name of the page of a project where it is mended.
MENDED_AT = {
    "committee_before_start": "projects:social",
    "committee_verdict": "projects:social",
    "handover_signed": "projects:handover",
    "points_closed": "projects:project-visits",
    "proven_equals_released": "projects:ledger",
    "requireddocument": "projects:attach",
}


@dataclass(frozen=True)
class Gap:
    """One sentence of what is missing, for which step, and the address where it is mended."""

    step: Step
    sentence: str
    url: str


def gate(project: Project, user: User, at: dt.datetime | None = None) -> list[tuple[Step, list[Gap]]]:
    """The steps still ahead, from the handover on, each with what it would be refused for; a gap is named once."""
    case = Case(project, user, at)
    seen: set[str] = set()
    found = []
    for name in LAST_STEPS:
        step = case.steps[name]
        if is_ahead(project, step):
            gaps = [gap for gap in _gaps(case, step) if gap.sentence not in seen]
            seen |= {gap.sentence for gap in gaps}
            found.append((step, gaps))
    return found


def is_ahead(project: Project, step: Step) -> bool:
    """Whether the project has been approved and has not taken this step yet."""
    if project.status not in PUBLIC:
        return False
    return MAIN_ROAD.index(step.moves[0].target) > MAIN_ROAD.index(project.status)


def _gaps(case: Case, step: Step) -> Iterator[Gap]:
    """What the step itself would be refused for, whoever takes it."""
    condition = CONDITIONS.get(step.name)
    page = reverse("projects:detail", args=[case.project.pk]) + "#progress"
    if step.name == "prove":
        page = reverse("projects:ledger", args=[case.project.pk])
    for sentence in condition(case) if condition else []:
        yield Gap(step, sentence, page)
    for judged in case.judgements:
        if judged.blocks(step.name):
            yield Gap(step, judged.sentence, mended_at(case.project, judged))


def mended_at(project: Project, judged: rules.Judgement) -> str:
    page = MENDED_AT.get(judged.code) or MENDED_AT.get(judged.kind)
    return reverse(page, args=[project.pk]) if page else reverse("projects:detail", args=[project.pk]) + "#rules"
