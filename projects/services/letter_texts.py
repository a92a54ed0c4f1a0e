"""The words of the letters: drafted, tried and put in force by the program unit; versions are never changed."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects.letters import texts
from projects.models import LetterKind, LetterText
from projects.refusals import Refused


def draft_of(kind: str) -> LetterText | None:
    return LetterText.objects.filter(kind=kind, status=LetterText.Status.DRAFT).select_related("by").first()


@transaction.atomic
def save_letter_text(
    kind: str, *, by: User, subject: str, body: str, seen: int, at: dt.datetime | None = None
) -> LetterText:
    """The draft of a kind's next version; `seen` is the revision the person read, 0 where there was no draft.

    Raises PermissionDenied, Refused where somebody saved meanwhile, or ValidationError by field.
    """
    _need_writer(by)
    texts.check(kind, subject, body)
    found = LetterText.objects.select_for_update(of=("self",)).filter(kind=kind, status=LetterText.Status.DRAFT).first()
    if (found.revision if found else 0) != seen:
        raise Refused(_("Somebody else saved this draft meanwhile. Compare it with yours, below, and save again."))
    draft = found or LetterText(kind=kind, version=_next_version(kind), revision=0)
    draft.subject, draft.body = subject.strip(), body.replace("\r\n", "\n").strip()
    draft.revision += 1
    draft.by, draft.changed_at = by, at or timezone.now()
    draft.save()
    return draft


@transaction.atomic
def publish_letter_text(kind: str, *, by: User, seen: int, at: dt.datetime | None = None) -> LetterText:
    """The draft in force, for letters asked for from now on. Raises PermissionDenied or Refused."""
    _need_writer(by)
    rows = LetterText.objects.select_for_update(of=("self",)).filter(kind=kind)
    draft = rows.filter(status=LetterText.Status.DRAFT).first()
    if draft is None or draft.revision != seen:
        raise Refused(_("This draft changed meanwhile. Read it again, then put it in force."))
    rows.filter(status=LetterText.Status.IN_FORCE).update(status=LetterText.Status.SUPERSEDED)
    draft.status, draft.published_by, draft.published_at = LetterText.Status.IN_FORCE, by, at or timezone.now()
    draft.save(update_fields=["status", "published_by", "published_at"])
    return draft


@transaction.atomic
def drop_letter_text(kind: str, *, by: User) -> None:
    """Throw the draft away; what is in force stays. Raises PermissionDenied."""
    _need_writer(by)
    LetterText.objects.filter(kind=kind, status=LetterText.Status.DRAFT).delete()


def may_write_texts(user: User) -> bool:
    return user.is_authenticated and user.writes_rules


def _need_writer(by: User) -> None:
    if not may_write_texts(by):
        raise PermissionDenied(_("The words of the letters are the program unit's."))


def _next_version(kind: str) -> int:
    latest = LetterText.objects.filter(kind=LetterKind(kind)).values_list("version", flat=True).first()
    return (latest or 0) + 1
