"""What anyone sends about an approved work: kept without a name, read by the delegation before it shows, answered."""

import datetime as dt
from decimal import Decimal

from django.contrib.gis.geos import Point
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from habitat.lib.documents import PICTURES, inspect
from projects.models import Comment, CommentPhoto, Project
from projects.refusals import Refused, StepForbidden
from projects.workflow import PUBLIC

MODERATORS = (Role.REVIEWER, Role.DELEGATE)


def send_comment(
    project: Project,
    text: str,
    *,
    photo: File | None = None,
    place: tuple[Decimal, Decimal] | None = None,
    at: dt.datetime | None = None,
) -> Comment:
    """`place` is longitude and latitude. Raises Refused, and ValidationError for what is no photograph."""
    if project.status not in PUBLIC:
        raise Refused(_("Comments are for works that have been approved."))
    # Before the transaction: what a scanner found is kept though the comment is refused.
    with watching(None):
        upload = inspect(photo) if photo else None
    if upload and upload.content_type not in PICTURES:
        raise Refused(_("Send the photo as JPEG or PNG."))
    point = Point(float(place[0]), float(place[1]), srid=4326) if place else None
    with transaction.atomic():
        comment = Comment.objects.create(
            project=project, text=text.strip(), place=point, created_at=at or timezone.now()
        )
        if upload:
            # The name a telephone gives may say whose it is.
            name = "foto.png" if upload.content_type == "image/png" else "foto.jpg"
            CommentPhoto.objects.create(comment=comment, **upload.columns | {"original_name": name})
    return comment


def may_moderate(user: User) -> bool:
    return user.is_authenticated and user.is_valid_today and user.can_write and user.role in MODERATORS


@transaction.atomic
def publish_comment(comment: Comment, *, with_photo: bool, by: User, at: dt.datetime | None = None) -> None:
    """Raises Refused where somebody has decided already."""
    locked = _lock_waiting(comment, by)
    locked.status, locked.shows_photo = Comment.Status.PUBLISHED, with_photo
    _decided(locked, by, at)


@transaction.atomic
def refuse_comment(comment: Comment, *, reason: str, by: User, at: dt.datetime | None = None) -> None:
    """Raises Refused without a reason, or where somebody has decided already."""
    locked = _lock_waiting(comment, by)
    if not reason.strip():
        raise Refused(_("Give the reason."))
    locked.status, locked.reason = Comment.Status.REFUSED, reason.strip()
    _decided(locked, by, at)


@transaction.atomic
def answer_comment(comment: Comment, *, text: str, by: User, at: dt.datetime | None = None) -> None:
    """Once, and for everybody to read. Raises Refused."""
    locked = _lock(comment, by)
    if locked.status != Comment.Status.PUBLISHED:
        raise Refused(_("Publish the comment before you answer it."))
    if locked.answered_at:
        raise Refused(_("This comment has been answered already."))
    if not text.strip():
        raise Refused(_("Write the answer."))
    locked.answer, locked.answered_at, locked.answered_by = text.strip(), at or timezone.now(), by
    locked.save(update_fields=["answer", "answered_at", "answered_by"])


def _lock(comment: Comment, by: User) -> Comment:
    if not may_moderate(by):
        raise StepForbidden(_("This is not yours to do."))
    return Comment.objects.visible_to(by).select_for_update(of=("self",)).get(pk=comment.pk)


def _lock_waiting(comment: Comment, by: User) -> Comment:
    locked = _lock(comment, by)
    if locked.status != Comment.Status.WAITING:
        raise Refused(_("Somebody has decided on this comment already."))
    return locked


def _decided(comment: Comment, by: User, at: dt.datetime | None) -> None:
    comment.decided_at, comment.decided_by = at or timezone.now(), by
    comment.save(update_fields=["status", "shows_photo", "reason", "decided_at", "decided_by"])
