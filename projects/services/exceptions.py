"""Leaving a rule for one project: one person asks with a reason and a document, another grants it until a day."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from habitat.lib.documents import Upload, inspect
from modalities.models import DocumentKind
from projects import rules
from projects.models import Document, Project, RuleException
from projects.refusals import StepForbidden, StepRefused
from projects.services.locks import lock_project

ASKERS = (Role.REVIEWER, Role.DELEGATE, Role.MANAGER)


def may_ask_exception(user: User) -> bool:
    return bool(user.is_authenticated and user.role in ASKERS and user.can_write)


def exceptable(project: Project, at: dt.datetime | None = None) -> list[rules.Judgement]:
    """What stands or will stand in the project's way and may be left: never the ceiling, nor what is left already."""
    judged = rules.evaluate(project, at)
    return [
        row
        for row in judged
        if row.outcome != "pass" and row.required_at and row.kind != "ceiling" and not row.exception
    ]


def ask_exception(
    project: Project,
    rule: tuple[str, str],
    *,
    reason: str,
    upload: UploadedFile,
    expires_on: dt.date,
    by: User,
    at: dt.datetime | None = None,
) -> RuleException:
    """`rule`: kind and code of one of `exceptable`. The document becomes part of the technical file.

    Raises StepForbidden, StepRefused, or ValidationError where the file is none that is accepted.
    """
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    return _ask(project, rule, reason.strip(), facts, expires_on, by, at or timezone.now())


@transaction.atomic
def _ask(
    project: Project, rule: tuple[str, str], reason: str, facts: Upload, expires_on: dt.date, by: User, at: dt.datetime
) -> RuleException:
    locked = lock_project(project, by, *ASKERS)
    judged = next((row for row in exceptable(locked, at) if (row.kind, row.code) == rule), None)
    if judged is None:
        raise StepRefused([_("This rule does not stand in the project's way, or nobody may leave it.")])
    if locked.exceptions.filter(rule_kind=judged.kind, rule_code=judged.code, is_granted=None).exists():
        raise StepRefused([_("An exception to this rule has been asked for already.")])
    if not reason:
        raise StepRefused([_("Give the reason.")])
    if expires_on < locked.municipality.local_day(at):
        raise ValidationError({"expires_on": _("The day lies in the past.")})
    paper = Document.objects.create(
        project=locked,
        kind=DocumentKind.OTHER,
        by=by,
        **facts.columns,
    )
    return RuleException.objects.create(
        project=locked,
        rule_kind=judged.kind,
        rule_code=judged.code,
        title=judged.title[:300],
        reason=reason,
        document=paper,
        expires_on=expires_on,
        asked_by=by,
        asked_at=at,
    )


@transaction.atomic
def decide_exception(
    exception: RuleException, *, is_granted: bool, note: str, by: User, at: dt.datetime | None = None
) -> RuleException:
    """The program unit's word, never of who asked. Raises StepForbidden, or StepRefused once decided or too late."""
    at = at or timezone.now()
    project = lock_project(exception.project, by, Role.MANAGER)
    locked = RuleException.objects.select_for_update(of=("self",)).get(pk=exception.pk)
    if locked.asked_by_id == by.pk:
        raise StepForbidden(_("Who asked for an exception does not grant it."))
    if locked.is_granted is not None:
        raise StepRefused([_("This exception has been decided already.")])
    if not note.strip():
        raise StepRefused([_("Give the reason.")])
    if is_granted and locked.expires_on < project.municipality.local_day(at):
        raise StepRefused([_("The day until which it was asked for has passed. Refuse it; it can be asked for anew.")])
    locked.is_granted, locked.note = is_granted, note.strip()
    locked.decided_by, locked.decided_at = by, at
    locked.save(update_fields=["is_granted", "note", "decided_by", "decided_at"])
    return locked
