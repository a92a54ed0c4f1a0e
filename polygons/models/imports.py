from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One run of an import command: what was read, what was written, what was refused and why."""

    command = models.CharField(_("command"), max_length=40)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # File name -> sha256.
    files = models.JSONField(default=dict)
    # Name of a count -> rows: read, inserted, updated, rejected, without_polygon, without_census…
    counts = models.JSONField(default=dict)
    # What blocks without polygon, polygons without census row and rejected rows were: [{line, key, reason}].
    rejects = models.JSONField(default=list)

    class Meta:
        ordering = ["-started_at"]
