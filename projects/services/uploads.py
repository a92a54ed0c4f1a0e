"""Papers that arrive in pieces over a line that breaks: begun, continued where they stopped, checked once whole.

At every piece the sender must be allowed to attach the paper; what it is, `attach_document` judges at the end.
"""

import datetime as dt
import hashlib
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects.models import Document, PartialUpload, Photo, Project
from projects.models.drafting import arriving
from projects.refusals import Refused
from projects.services.documents import attach_document, may_attach
from projects.services.photos import add_photo, need_photographer

# Unfinished papers one person may have, and how long one waits for its next piece.
MOST = 20
PATIENCE = dt.timedelta(days=3)


class WrongOffset(Refused):
    """The piece does not begin where the last one ended; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(_("This piece of the file does not follow the last one."))
        self.received = received


@transaction.atomic
def begin_upload(
    project: Project,
    kind: str,
    *,
    name: str,
    size: int,
    sha256: str = "",
    photo_stage: str = "",
    by: User,
    at: dt.datetime | None = None,
) -> PartialUpload:
    """A place for the pieces; the same paper of the same sender goes on where it stopped.

    Raises PermissionDenied, ValidationError where `size` (bytes) is none or too much, Refused for too many at once.
    """
    _need_sender(project, photo_stage, by)
    if size <= 0:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file has %(size)s; the most accepted is %(limit)s. Reduce it or divide it."),
            code="too_large",
            params={"size": filesizeformat(size), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)},
        )
    # One at a time a person: the count below holds.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    same = {"project": project, "kind": kind, "name": name[-200:], "size": size, "sha256": sha256, "by": by}
    same["photo_stage"] = photo_stage
    found = PartialUpload.objects.filter(**same).first()
    if found and found.path.exists():
        return found
    if PartialUpload.objects.filter(by=by).count() >= MOST:
        raise Refused(_("You have too many unfinished uploads. Finish them or wait some days."))
    upload = PartialUpload.objects.create(**same, touched_at=at or timezone.now())
    arriving().mkdir(mode=0o700, parents=True, exist_ok=True)
    upload.path.touch(mode=0o600)
    return upload


@transaction.atomic
def receive(
    upload: PartialUpload, *, offset: int, piece: bytes, by: User, at: dt.datetime | None = None
) -> PartialUpload:
    """Add the bytes that begin at `offset`. Raises PermissionDenied, WrongOffset, or ValidationError past the end."""
    locked = _locked(upload, by)
    if offset != locked.received:
        raise WrongOffset(locked.received)
    if offset + len(piece) > locked.size:
        raise ValidationError(_("The file is longer than was said. Send it again."), code="too_long")
    # What a piece left that was cut off before it was counted is written over.
    with locked.path.open("r+b") as file:
        file.seek(offset)
        file.truncate()
        file.write(piece)
    locked.received, locked.touched_at = offset + len(piece), at or timezone.now()
    locked.save(update_fields=["received", "touched_at"])
    return locked


def finish_upload(upload: PartialUpload, *, by: User) -> Document | Photo:
    """The whole, checked like any other. Whole or refused, its pieces are gone: it is attached once or never.

    Raises PermissionDenied, or ValidationError where it is not whole, arrived damaged, or is no paper.
    """
    with transaction.atomic():
        locked = _locked(upload, by)
        if locked.received != locked.size:
            raise ValidationError(_("The file has not arrived whole yet."), code="incomplete")
        path, name, promised = locked.path, locked.name, locked.sha256
        locked.delete()
    try:
        if promised and _sha256(path) != promised:
            raise ValidationError(_("The file was damaged on its way. Send it again."), code="damaged")
        with path.open("rb") as stream:
            if locked.photo_stage:
                return add_photo(locked.project, locked.photo_stage, File(stream, name=name), by=by)
            return attach_document(locked.project, locked.kind, File(stream, name=name), by=by)
    finally:
        path.unlink(missing_ok=True)


@transaction.atomic
def drop_upload(upload: PartialUpload, *, by: User) -> None:
    """The sender thought better of it."""
    locked = _locked(upload, by)
    path = locked.path
    locked.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def sweep_pieces(*, at: dt.datetime | None = None) -> int:
    """Removes what waited too long for its next piece, and files no row knows; answers how many files went."""
    before = (at or timezone.now()) - PATIENCE
    PartialUpload.objects.filter(touched_at__lt=before).delete()
    known = {public_id.hex for public_id in PartialUpload.objects.values_list("public_id", flat=True)}
    stale = [
        path
        for path in (arriving().iterdir() if arriving().exists() else ())
        if path.name not in known and path.stat().st_mtime < before.timestamp()
    ]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _need_sender(project: Project, photo_stage: str, by: User) -> None:
    if photo_stage:
        need_photographer(project, by)
    elif not may_attach(project, by):
        raise PermissionDenied(_("You cannot add documents to this project now."))


def _locked(upload: PartialUpload, by: User) -> PartialUpload:
    locked = PartialUpload.objects.select_for_update(of=("self",)).select_related("project").get(pk=upload.pk, by=by)
    _need_sender(locked.project, locked.photo_stage, by)
    return locked


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
