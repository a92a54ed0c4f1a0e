"""Photographs of works: the original kept private, what it says of time and place, and a copy fit to be shown."""

import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited, touch
from habitat.lib.jobs import Job
from habitat.lib.models import PublicRecord, StoredFile, private_path
from modalities.models import PhotoStage
from projects.models.projects import Action, Project
from projects.querysets.works import PhotoQuerySet


@audited(exclude=("attempts", "lease_until"))
class Photo(PublicRecord, StoredFile, Job):
    """`file` is the original as it came, `sha256` its own; the row is the job that makes the copies from it.

    Nobody but the territory sees it until a person has released it: then the public sees the copies. What is removed or
    replaced stays readable to the territory, with its reason.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being prepared")
        DONE = "done", pgettext_lazy("photograph", "Ready")
        FAILED = "failed", _("Not readable")

    project = models.ForeignKey(Project, models.PROTECT, related_name="photos", verbose_name=_("project"))
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("action")
    )
    stage = models.CharField(_("stage"), max_length=8, choices=PhotoStage)
    caption = models.CharField(_("what it shows"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    # Why it could not be read, in a sentence.
    problem = models.CharField(max_length=300, blank=True)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    is_time_typed = models.BooleanField(_("time given by hand"), default=False)
    # EPSG:4326.
    position = models.PointField(_("position"), srid=4326, null=True, blank=True)
    is_position_typed = models.BooleanField(_("position given by hand"), default=False)
    # Metres on the ellipsoid from the position to the nearest point of the site; NULL where either is not known.
    distance_m = models.FloatField(_("distance to the site"), null=True)
    # 64 bits of a perceptual hash (OpenCV's PHash), as a signed number; NULL until it is prepared.
    look = models.BigIntegerField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Rectangles [x, y, width, height] as parts of the picture, 0 to 1: faces found, and those drawn by a person.
    faces = models.JSONField(default=list)
    covers = models.JSONField(default=list)
    # Longest side 1600 and 400 points, JPEG, without metadata, faces and covers blurred.
    copy = models.FileField(upload_to=private_path, max_length=200, blank=True)
    thumbnail = models.FileField(upload_to=private_path, max_length=200, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released to the public"), null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(_("removed"), null=True)
    removed_reason = models.CharField(_("reason"), max_length=300, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")

    objects = PhotoQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["project", "stage", "taken_at", "pk"]
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        indexes = [models.Index(fields=["project", "stage"]), models.Index(fields=["status", "lease_until"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by=None)
                | models.Q(released_at__isnull=False, released_by__isnull=False, status="done"),
                name="photo_released_whole",
            ),
            # Who took it to the portal does not say that it may be shown.
            models.CheckConstraint(
                condition=models.Q(released_by=None) | models.Q(by=None) | ~models.Q(released_by=models.F("by")),
                name="two_people_show",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None, removed_by=None)
                | (models.Q(removed_at__isnull=False, removed_by__isnull=False) & ~models.Q(removed_reason="")),
                name="photo_removed_whole",
            ),
        ]
        triggers = [touch(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.project_id} {self.stage} {self.original_name}"


class PhotoMatch(models.Model):
    """Another photograph, sent before, that is the same file (`bits` 0 and `is_same_file`) or looks the same."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="matches")
    other = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    is_same_file = models.BooleanField()
    # In how many of 64 bits their looks differ.
    bits = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["photo", "bits", "other"]
        constraints = [models.UniqueConstraint(fields=["photo", "other"], name="photo_match_once")]

    def __str__(self) -> str:
        return f"{self.photo_id} = {self.other_id} ({self.bits})"
