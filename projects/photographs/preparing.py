"""Reads a photograph: time and place that the file tells, copies fit to be shown, and whether it was seen before."""

from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from habitat.lib import jobs, photographs
from habitat.lib.photographs import Copies, Told
from projects.models import Photo
from projects.photographs.facts import find_alike, measure_distance
from projects.workers.looking import look_after


def prepare_photo(pk: int) -> None:
    """May be killed and run again; a second worker at the same finds nothing to do."""
    jobs.run(Photo, pk, _prepare)


def lost_photos() -> QuerySet[Photo]:
    return jobs.waiting(Photo, timezone.now())


def _prepare(pk: int) -> bool:
    photo = Photo.objects.select_related("project__municipality", "project__rules", "by").get(pk=pk)
    with photo.file.open("rb") as stream:
        try:
            told = photographs.told_by(stream, photo.content_type)
            copies = photographs.copies_of(stream, photo.content_type, photo.covers)
        except ValidationError as error:
            _refuse(photo, error)
            return False
    _keep(photo, told, copies)
    return False


def _refuse(photo: Photo, error: ValidationError) -> None:
    with translation.override(photo.by.language if photo.by else None):
        words = " ".join(error.messages)[:300]
    Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.FAILED, problem=words, lease_until=None)


@transaction.atomic
def _keep(photo: Photo, told: Told, copies: Copies) -> None:
    locked = Photo.objects.select_for_update(of=("self",)).select_related("project__rules").get(pk=photo.pk)
    before = [str(file.name) for file in (locked.copy, locked.thumbnail) if file]
    if told.taken and not locked.is_time_typed:
        # The telephone's clock showed the municipality's time, where it said no zone.
        zone = ZoneInfo(photo.project.municipality.time_zone)
        locked.taken_at = told.taken if told.taken.tzinfo else told.taken.replace(tzinfo=zone)
    if told.place and not locked.is_position_typed:
        locked.position = Point(*told.place, srid=4326)
    locked.look, locked.width, locked.height, locked.faces = copies.look, copies.width, copies.height, copies.faces
    locked.problem = ""
    locked.copy.save("copy.jpg", ContentFile(copies.copy), save=False)
    locked.thumbnail.save("thumbnail.jpg", ContentFile(copies.thumbnail), save=False)
    locked.save(
        update_fields=[
            "taken_at", "position", "look", "width", "height", "faces", "problem", "copy", "thumbnail",
        ]
    )  # fmt: skip
    measure_distance(locked)
    find_alike(locked)
    jobs.renew(locked, is_over=True)
    look_after(locked.project)
    transaction.on_commit(lambda: _forget(locked, before))


def _forget(photo: Photo, names: list[str]) -> None:
    for name in names:
        photo.file.storage.delete(name)
