"""Signed copies of letters, scanned: each finds its letter by its QR, or waits for a person to say which it is."""

import datetime as dt
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.accounts.security import watching
from habitat.lib.documents import JPEG, PDF, PNG, inspect
from projects.letters.codes import codes_in
from projects.models import Letter, LetterScan
from projects.refusals import Refused

ACCEPTED = {PDF, JPEG, PNG}


def may_scan(user: User) -> bool:
    if not user.is_authenticated or not user.can_write or not user.is_valid_today:
        return False
    return bool(user.is_delegation or user.is_federal)


def take_scan(upload: File, *, by: User, at: dt.datetime | None = None) -> LetterScan:
    """Keep it, attached to the letter whose QR it shows; without one, or with several, it waits in the inbox.

    Raises PermissionDenied, or ValidationError about the file.
    """
    _need_scanner(by)
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    if facts.content_type not in ACCEPTED:
        raise ValidationError(_("A signed copy is a PDF, a JPEG or a PNG."), code="not_a_scan")
    codes = codes_in(facts.content, facts.content_type)
    facts.content.seek(0)
    # A letter of another territory is no letter here.
    letters = list(Letter.objects.visible_to(by).filter(code__in=codes, status=Letter.Status.ISSUED))
    letter = letters[0] if len(letters) == 1 else None
    return LetterScan.objects.create(
        letter=letter,
        found=LetterScan.Found.QR if letter else "",
        attached_by=by if letter else None,
        attached_at=(at or timezone.now()) if letter else None,
        by=by,
        **facts.columns,
    )


@transaction.atomic
def attach_scan(scan: LetterScan, letter: Letter, *, by: User, at: dt.datetime | None = None) -> LetterScan:
    """A person says which letter a waiting scan is. Raises PermissionDenied or Refused."""
    locked = _waiting(scan, by)
    if letter.status != Letter.Status.ISSUED:
        raise Refused(_("This letter has not been issued."))
    locked.letter, locked.found = letter, LetterScan.Found.PERSON
    locked.attached_by, locked.attached_at = by, at or timezone.now()
    locked.save(update_fields=["letter", "found", "attached_by", "attached_at"])
    return locked


@transaction.atomic
def discard_scan(scan: LetterScan, *, by: User) -> None:
    """Only one that waits: what is attached stays with its letter. Raises PermissionDenied or Refused."""
    locked = _waiting(scan, by)
    stored = locked.file
    locked.delete()
    transaction.on_commit(partial(stored.storage.delete, str(stored.name)))


def _waiting(scan: LetterScan, by: User) -> LetterScan:
    _need_scanner(by)
    locked = LetterScan.objects.visible_to(by).select_for_update(of=("self",)).get(pk=scan.pk)
    if locked.letter_id:
        raise Refused(_("This copy has its letter already."))
    return locked


def _need_scanner(by: User) -> None:
    if not may_scan(by):
        raise PermissionDenied(_("Delegations and the program unit attach signed copies."))
