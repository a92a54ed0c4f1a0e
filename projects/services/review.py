"""Around the steps: the draft marked ready, opinions, answers, and the proposal to cancel."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from modalities.models import Modality
from projects import notifications, rules
from projects.models import CancellationProposal, Observation, Opinion, OverlapAnswer, Project
from projects.refusals import StepRefused
from projects.services.locks import lock_project, need_status
from projects.services.targets import contradictions
from projects.workflow import Status


def why_not_ready(project: Project) -> list[str]:
    """What keeps a proposal from being marked ready, in sentences: the page's button and the service ask this."""
    if project.status != Status.DRAFT:
        return [_("The project is “%(status)s” now.") % {"status": project.get_status_display()}]
    return contradictions(project)


@transaction.atomic
def mark_ready(project: Project, *, by: User, at: dt.datetime | None = None) -> Project:
    """The preparer's word that the draft is complete; a certifier submits it. Figures that contradict are refused."""
    locked = lock_project(project, by, Role.PREPARER)
    if wrong := why_not_ready(locked):
        raise StepRefused(wrong)
    locked.ready_at, locked.ready_by = at or timezone.now(), by
    locked.save(update_fields=["ready_at", "ready_by"])
    locked.draft_comments.filter(settled_at=None).update(settled_at=locked.ready_at)
    return locked


def overlaps_of(project: Project) -> list[rules.Overlap]:
    """Earlier actions of the same line on the project's blocks, with the answers, as far back as its rules say."""
    return rules.overlaps(project, rules.rule_book(project.rules).years_of_overlap)


@transaction.atomic
def answer_overlap(
    project: Project, action: int, *, text: str, by: User, seen: Decimal | None = None, at: dt.datetime | None = None
) -> OverlapAnswer:
    """The reviewer's sentence on one of `overlaps_of`, named by its action. It holds until the overlap grows.

    `seen`: the size they were shown. Raises StepForbidden, or StepRefused for another status, an overlap that is none
    or has grown since, or no sentence.
    """
    locked = lock_project(project, by, Role.REVIEWER)
    need_status(locked, Status.IN_REVIEW, Status.NUMBERED)
    found = next((overlap for overlap in overlaps_of(locked) if overlap.action == action), None)
    if found is None:
        raise StepRefused([_("This action no longer overlaps the proposal.")])
    if seen is not None and found.has_grown_since(seen):
        raise StepRefused([_("The overlap has grown since you read it: it is %(size)s now.") % {"size": found.said}])
    if not text.strip():
        raise StepRefused([_("Write the answer.")])
    return OverlapAnswer.objects.create(
        project=locked, action_id=action, size=found.size, text=text.strip(), by=by, at=at or timezone.now()
    )


@transaction.atomic
def ask_opinion(
    project: Project,
    *,
    by: User,
    modality: Modality | None = None,
    due_on: dt.date | None = None,
    question: str = "",
    at: dt.datetime | None = None,
) -> Opinion:
    """Of the technicians of a modality, the project's own where none is named, until a day. Several may be asked."""
    locked = lock_project(project, by, Role.REVIEWER)
    need_status(locked, Status.IN_REVIEW)
    at = at or timezone.now()
    modality = modality or locked.modality
    if due_on and due_on < timezone.localdate(at):
        raise StepRefused([_("The day until which the opinion is due has passed.")])
    if locked.opinions.filter(modality=modality, given_at=None, question=question.strip()).exists():
        raise StepRefused([_("This opinion was asked for already and is still awaited.")])
    opinion = Opinion.objects.create(
        project=locked, modality=modality, question=question.strip(), due_on=due_on, asked_by=by, asked_at=at
    )
    notifications.tell_of_opinion(opinion, by=by)
    return opinion


@transaction.atomic
def give_opinion(
    opinion: Opinion, *, is_favourable: bool, text: str, by: User, at: dt.datetime | None = None
) -> Opinion:
    lock_project(opinion.project, by, Role.TECHNICIAN)
    opinion = Opinion.objects.select_for_update(of=("self",)).get(pk=opinion.pk)
    if opinion.given_at:
        raise StepRefused([_("This opinion has been given already.")])
    if not text.strip():
        raise StepRefused([_("Give the reason.")])
    opinion.is_favourable, opinion.text = is_favourable, text.strip()
    opinion.given_by, opinion.given_at = by, at or timezone.now()
    opinion.save(update_fields=["is_favourable", "text", "given_by", "given_at"])
    notifications.tell_of_opinion(opinion, by=by)
    return opinion


@transaction.atomic
def answer_observation(
    observation: Observation, *, answer: str, by: User, at: dt.datetime | None = None
) -> Observation:
    """Writes or mends the answer while the project is with the municipality."""
    locked = lock_project(observation.project, by, Role.PREPARER, Role.CERTIFIER)
    need_status(locked, Status.OBSERVED)
    if not answer.strip():
        raise StepRefused([_("Write the answer.")])
    observation.answer, observation.answered_at = answer.strip(), at or timezone.now()
    observation.save(update_fields=["answer", "answered_at"])
    return observation


@transaction.atomic
def propose_cancellation(
    project: Project, *, reason: str, by: User, at: dt.datetime | None = None
) -> CancellationProposal:
    """The delegate's part; the program unit confirms it by the step `cancel`."""
    locked = lock_project(project, by, Role.DELEGATE)
    need_status(locked, Status.APPROVED, Status.IN_EXECUTION)
    if not reason.strip():
        raise StepRefused([_("Give the reason.")])
    if locked.cancellation_proposals.filter(confirmed_at=None).exists():
        raise StepRefused([_("A cancellation has been proposed already.")])
    return CancellationProposal.objects.create(project=locked, reason=reason.strip(), by=by, at=at or timezone.now())
