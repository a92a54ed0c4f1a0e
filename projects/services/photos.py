"""Photographs of works: sent, looked through, released to the public by another person, replaced with a trace."""

import datetime as dt
from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.accounts.security import watching
from habitat.lib import malware, photographs
from habitat.lib.documents import fingerprint
from habitat.lib.tasks import enqueue
from modalities.models import PhotoStage
from projects import tasks
from projects.models import Photo, Project
from projects.photographs.facts import measure_distance
from projects.refusals import Refused, StepForbidden
from projects.services.editing import acts_in
from projects.workflow import ENDED

# Rectangles a person may draw on one picture.
MOST_COVERS = 20
EXTENSIONS = {photographs.JPEG: ".jpg", photographs.PNG: ".png", photographs.HEIC: ".heic"}


def may_photograph(project: Project, user: User) -> bool:
    """The municipality, and the delegation on its visits, until the project has ended."""
    if not user.is_authenticated or not user.can_write or project.status in ENDED:
        return False
    return (user.is_local or user.is_delegation) and acts_in(user, project.municipality_id)


def may_release(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_delegation)


def add_photo(
    project: Project, stage: str, upload: File, *, by: User, caption: str = "", replaces: Photo | None = None
) -> Photo:
    """Keeps the original as it came and has a worker read it. Raises PermissionDenied, or ValidationError in words."""
    with watching(by, upload.name or ""):
        content_type = _inspect(upload)
    name = (upload.name or "").replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    with transaction.atomic():
        locked = Project.objects.select_for_update().get(pk=project.pk)
        need_photographer(locked, by)
        if stage not in PhotoStage.values:
            raise ValidationError(_("Say whether it was taken before, during or after the works."), code="stage")
        photo = Photo.objects.create(
            project=locked,
            stage=stage,
            caption=caption.strip()[:200],
            file=upload,
            original_name=f"{name[:150] or 'foto'}{EXTENSIONS[content_type]}",
            content_type=content_type,
            size=upload.size or 0,
            sha256=fingerprint(upload),
            by=by,
        )
        if replaces is not None:
            _remove(replaces, _("Replaced by a newer one."), by, replaced_by=photo)
        _hand_on(photo)
    return photo


def _inspect(upload: File) -> str:
    if not upload.size:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file has %(size)s; the most accepted is %(limit)s. Reduce it or divide it."),
            code="too_large",
            params={"size": filesizeformat(upload.size), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)},
        )
    content_type = photographs.content_type_of(upload)
    malware.scan(upload)
    upload.seek(0)
    return content_type


def need_photographer(project: Project, by: User) -> None:
    if not may_photograph(project, by):
        raise PermissionDenied(_("You cannot add photographs to this project now."))


@transaction.atomic
def tell_photo(photo: Photo, *, taken_at: dt.datetime | None, place: tuple[float, float] | None, by: User) -> Photo:
    """What the file did not say, by hand and marked so; what it said itself stays. `place`: longitude, latitude."""
    locked = _lock(photo, by)
    if taken_at and (locked.taken_at is None or locked.is_time_typed):
        locked.taken_at, locked.is_time_typed = taken_at, True
    if place and (locked.position is None or locked.is_position_typed):
        locked.position, locked.is_position_typed = Point(*place, srid=4326), True
    locked.save(update_fields=["taken_at", "is_time_typed", "position", "is_position_typed"])
    measure_distance(locked)
    return locked


@transaction.atomic
def remove_photo(photo: Photo, *, reason: str, by: User) -> Photo:
    """It stays readable to the territory, with who, when and why. Raises Refused without a reason."""
    locked = _lock(photo, by)
    if not reason.strip():
        raise Refused(_("Give the reason."))
    return _remove(locked, reason, by)


def _remove(photo: Photo, reason: str, by: User, replaced_by: Photo | None = None) -> Photo:
    locked = Photo.objects.select_for_update(of=("self",)).get(pk=photo.pk)
    if locked.removed_at is not None:
        raise Refused(_("This photograph has been removed already."))
    locked.removed_at, locked.removed_by, locked.removed_reason = timezone.now(), by, reason.strip()[:300]
    locked.replaced_by = replaced_by
    locked.save(update_fields=["removed_at", "removed_by", "removed_reason", "replaced_by"])
    return locked


@transaction.atomic
def release_photo(photo: Photo, *, by: User, at: dt.datetime | None = None) -> Photo:
    """The delegation's word that nobody, no child above all, can be known on the copy; never of who sent it."""
    locked = _lock_for_release(photo, by)
    if locked.status != Photo.Status.DONE or locked.removed_at:
        raise Refused(_("Only a photograph that is ready is released."))
    if locked.by_id == by.pk:
        raise StepForbidden(_("Who sent a photograph does not release it."))
    locked.released_at, locked.released_by = at or timezone.now(), by
    locked.save(update_fields=["released_at", "released_by"])
    return locked


@transaction.atomic
def withhold_photo(photo: Photo, *, by: User) -> Photo:
    """Back from the public."""
    locked = _lock_for_release(photo, by)
    locked.released_at = locked.released_by = None
    locked.save(update_fields=["released_at", "released_by"])
    return locked


@transaction.atomic
def cover_photo(photo: Photo, covers: Sequence[Sequence[float]], *, by: User) -> Photo:
    """Further rectangles to be made unknowable; the copies are made anew, and released anew by a person.

    Parts of the picture, 0 to 1: x, y, width, height. Raises ValidationError.
    """
    locked = _lock_for_release(photo, by)
    kept = [*locked.covers, *([round(float(part), 4) for part in cover] for cover in covers)]
    for x, y, width, height in kept:
        if not (0 <= x < 1 and 0 <= y < 1 and 0 < width <= 1 - x + 0.01 and 0 < height <= 1 - y + 0.01):
            raise ValidationError(_("The rectangle does not lie in the picture."), code="outside")
    if len(kept) > MOST_COVERS:
        raise ValidationError(_("These are too many rectangles for one picture."), code="too_many")
    locked.covers, locked.released_at, locked.released_by = kept, None, None
    locked.status, locked.attempts, locked.lease_until = Photo.Status.WAITING, 0, None
    locked.save(update_fields=["covers", "released_at", "released_by", "status", "attempts", "lease_until"])
    _hand_on(locked)
    return locked


def _lock(photo: Photo, by: User) -> Photo:
    locked = Photo.objects.select_for_update(of=("self",)).select_related("project").get(pk=photo.pk)
    need_photographer(locked.project, by)
    return locked


def _lock_for_release(photo: Photo, by: User) -> Photo:
    locked = Photo.objects.visible_to(by).select_for_update(of=("self",)).select_related("project").get(pk=photo.pk)
    if not may_release(by) or not acts_in(by, locked.project.municipality_id):
        raise StepForbidden(_("The delegation releases photographs to the public."))
    return locked


def _hand_on(photo: Photo) -> None:
    """Where the queue is away, the sweeper finds the row."""
    transaction.on_commit(partial(enqueue, tasks.prepare_photo, photo.pk), robust=True)
