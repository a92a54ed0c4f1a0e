"""Geometry that people send: kept as a private file, read by a worker with limits, never by the web process."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited
from habitat.lib.models import PublicRecord, StoredFile
from polygons.models.territory import Municipality
from polygons.querysets import GeometryUploadQuerySet


@audited(exclude=("lease_until", "geometry"))
class GeometryUpload(PublicRecord, StoredFile):
    """One file with a geometry for one municipality; the row is the job.

    `geometry` is EPSG:4326 and set once the file was found good. `faults` says what is wrong otherwise:
    [{"reason": code, "feature": number from 1 or null, "detail": text, "place": [longitude, latitude] or null}].
    """

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("uploaded file", "Waiting")
        RUNNING = "running", pgettext_lazy("uploaded file", "Running")
        GOOD = "good", pgettext_lazy("uploaded file", "Read")
        REFUSED = "refused", pgettext_lazy("uploaded file", "Refused")
        FAILED = "failed", pgettext_lazy("uploaded file", "Failed")

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # What the file said: format, layer, coordinate system, features.
    found = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    geometry = models.GeometryField(srid=4326, null=True, spatial_index=False)

    objects = GeometryUploadQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("uploaded geometry")
        verbose_name_plural = _("uploaded geometries")

    def __str__(self) -> str:
        return self.original_name
