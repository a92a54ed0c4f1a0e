"""Visits to works, what they found, and what must be done about it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from habitat.lib.documents import inspect
from modalities import parameters
from projects import notifications
from projects.models import (
    ActionPoint,
    Answer,
    ChecklistItem,
    Document,
    Finding,
    FormAnswer,
    Project,
    Status,
    Visit,
    VisitAnswer,
)
from projects.months import months_after
from projects.refusals import StepForbidden, StepRefused
from projects.services.committees import questions_of
from projects.services.locks import lock_project, need_status

VISITORS = (Role.REVIEWER, Role.DELEGATE, Role.TECHNICIAN, Role.MANAGER)
AFTER_HANDOVER = (Status.HANDED_OVER, Status.PROVEN, Status.CLOSED)
VISITED = (Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED, *AFTER_HANDOVER)


class Found(NamedTuple):
    """A finding as it is written down; with `todo` also what must be done, by whom, until when."""

    weight: str
    text: str
    todo: str = ""
    owner: User | None = None
    due_on: dt.date | None = None


def may_visit(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in VISITORS)


@transaction.atomic
def plan_visit(
    project: Project, *, kind: str, planned_on: dt.date, visitor: User, by: User, purpose: str = ""
) -> Visit:
    """Raises StepForbidden, or StepRefused where there is nothing to look at yet."""
    locked = lock_project(project, by, *VISITORS)
    need_status(locked, *(AFTER_HANDOVER if kind == Visit.Kind.VERIFICATION else VISITED))
    if not may_visit(visitor) or not Project.objects.visible_to(visitor).filter(pk=locked.pk).exists():
        raise StepRefused([_("This person does not visit works of this place.")])
    return Visit.objects.create(
        project=locked, kind=kind, planned_on=planned_on, visitor=visitor, purpose=purpose, by=by
    )


def make_visit(
    visit: Visit,
    *,
    by: User,
    made_on: dt.date,
    summary: str,
    answers: Mapping[int, tuple[str, str]],
    findings: Iterable[Found] = (),
    marks: Mapping[str, bool] | None = None,
    next_on: dt.date | None = None,
    upload: UploadedFile | None = None,
    at: dt.datetime | None = None,
) -> Visit:
    """What was seen. `answers`: question pk → (answer, note). `marks`: of a verification, the four fields `is_…`.

    Of a verification `next_on` is set by the rules where nobody says another day, and the next visit is planned.
    """
    facts = None
    if upload:
        with watching(by, upload.name or ""):
            facts = inspect(upload)
    at = at or timezone.now()
    with transaction.atomic():
        project = lock_project(visit.project, by, *VISITORS)
        locked = Visit.objects.select_for_update(of=("self",)).select_related("project").get(pk=visit.pk)
        _check_visit(locked, made_on, answers, marks, at)
        if facts:
            locked.document = Document.objects.create(project=project, kind="other", by=by, **facts.columns)
        locked.made_on, locked.summary = made_on, summary
        for name, value in (marks or {}).items():
            setattr(locked, name, value)
        if locked.kind == Visit.Kind.VERIFICATION:
            locked.next_on = next_on or next_verification(project, made_on)
        locked.save()
        VisitAnswer.objects.bulk_create(
            VisitAnswer(visit=locked, item_id=pk, answer=answer, note=note) for pk, (answer, note) in answers.items()
        )
        for found in findings:
            _write_finding(locked, found, by, at)
        if locked.next_on:
            Visit.objects.create(
                project=project, kind=locked.kind, planned_on=locked.next_on, visitor=locked.visitor, by=by
            )
        return locked


MARKS = ("is_there", "is_working", "is_used", "is_maintained")


def _check_visit(
    visit: Visit, made_on: dt.date, answers: Mapping[int, tuple[str, str]], marks: Mapping | None, at: dt.datetime
) -> None:
    if visit.made_on or visit.cancelled_at:
        raise StepRefused([_("This visit is over already.")])
    if made_on > visit.project.municipality.local_day(at):
        raise StepRefused([_("The day lies ahead.")])
    asked = {item.pk for item in questions_of(visit.kind, visit.project)}
    if asked - set(answers) or {answer for answer, _note in answers.values()} - set(Answer.values):
        raise StepRefused([_("Every question of the checklist needs an answer.")])
    if visit.kind == Visit.Kind.VERIFICATION and set(marks or {}) != set(MARKS):
        raise StepRefused([_("Say of the work whether it exists, works, is used and is maintained.")])


def next_verification(project: Project, after: dt.date) -> dt.date:
    return months_after(after, int(parameters.value(project.rules, "verification_months")))


def _write_finding(visit: Visit, found: Found, by: User, at: dt.datetime) -> None:
    finding = Finding.objects.create(visit=visit, weight=found.weight, text=found.text)
    if found.todo:
        if not (found.owner and found.due_on):
            raise StepRefused([_("What must be done needs an owner and a day.")])
        add_point(visit.project, text=found.todo, owner=found.owner, due_on=found.due_on, by=by, finding=finding, at=at)


@transaction.atomic
def cancel_visit(visit: Visit, *, reason: str, by: User, at: dt.datetime | None = None) -> Visit:
    lock_project(visit.project, by, *VISITORS)
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if locked.made_on or locked.cancelled_at:
        raise StepRefused([_("This visit is over already.")])
    locked.cancelled_at, locked.cancel_reason = at or timezone.now(), reason
    locked.save(update_fields=["cancelled_at", "cancel_reason"])
    return locked


# ---- Action points --------------------------------------------------------------------------------------------------
@transaction.atomic
def add_point(
    project: Project,
    *,
    text: str,
    owner: User,
    due_on: dt.date,
    by: User,
    finding: Finding | None = None,
    at: dt.datetime | None = None,
) -> ActionPoint:
    """It lies on the owner's desk until it is closed. Raises StepForbidden or StepRefused."""
    locked = lock_project(project, by, *VISITORS)
    sees = owner.can_write and owner.is_valid_today and Project.objects.visible_to(owner).filter(pk=locked.pk).exists()
    if not sees:
        raise StepRefused([_("%(who)s cannot act on this project.") % {"who": owner}])
    point = ActionPoint.objects.create(
        project=locked, finding=finding, text=text, owner=owner, due_on=due_on, by=by, at=at or timezone.now()
    )
    if owner != by:
        notifications.tell_of_point(point)
    return point


def may_close_point(point: ActionPoint, user: User) -> bool:
    return point.closed_at is None and closes_point(point, user)


def closes_point(point: ActionPoint, user: User) -> bool:
    """Its owner, who asked for it, and the delegation's head; closed already or not."""
    if not (user.is_authenticated and user.can_write and user.is_valid_today):
        return False
    return user.pk in (point.owner_id, point.by_id) or user.role == Role.DELEGATE


def close_point(
    point: ActionPoint, *, done: str, by: User, upload: UploadedFile | None = None, at: dt.datetime | None = None
) -> ActionPoint:
    """With what was done, and a document where there is one."""
    facts = None
    if upload:
        with watching(by, upload.name or ""):
            facts = inspect(upload)
    with transaction.atomic():
        locked = ActionPoint.objects.visible_to(by).select_for_update(of=("self",)).get(pk=point.pk)
        if not closes_point(locked, by):
            raise StepForbidden(_("This is not yours to do."))
        if locked.closed_at:
            raise StepRefused([_("%(person)s has closed it already.") % {"person": locked.closed_by}])
        if not done.strip():
            raise StepRefused([_("Say what was done.")])
        if facts:
            locked.document = Document.objects.create(project=locked.project, kind="other", by=by, **facts.columns)
        locked.closed_at, locked.closed_by, locked.done = at or timezone.now(), by, done.strip()
        locked.save(update_fields=["closed_at", "closed_by", "done", "document"])
        return locked


# ---- The questions --------------------------------------------------------------------------------------------------
def may_write_questions(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.role == Role.MANAGER and user.sees_the_nation)


@transaction.atomic
def save_question(item: ChecklistItem, *, by: User) -> ChecklistItem:
    """A new question, or one with other words; a question with answers keeps its words and is retired instead."""
    if not may_write_questions(by):
        raise StepForbidden(_("The program unit writes the checklists."))
    if item.pk:
        before = ChecklistItem.objects.select_for_update().get(pk=item.pk)
        moved = [name for name in ("form", "modality_id", "text_es") if getattr(before, name) != getattr(item, name)]
        if moved and is_answered(before):
            raise StepRefused([_("This question has answers: retire it and write another.")])
    item.by = by
    item.save()
    return item


def is_answered(item: ChecklistItem) -> bool:
    return VisitAnswer.objects.filter(item=item).exists() or FormAnswer.objects.filter(item=item).exists()
