"""Workbooks of proposals: who sent which, what came of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from habitat.lib.models import PublicRecord, StoredFile
from modalities.models import FiscalYear
from polygons.models import Municipality
from projects.models.projects import Project
from projects.querysets.works import BatchQuerySet


@audited()
class Batch(PublicRecord, StoredFile):
    """One workbook: tried first, then all of its proposals or none; undone while nobody touched one of them.

    `errors` are {sheet, cell, text} in the language of who sent it.
    """

    class Status(models.TextChoices):
        REFUSED = "refused", _("With errors")
        TRIED = "tried", _("Without errors, nothing kept yet")
        CREATED = "created", _("Drafts created")
        UNDONE = "undone", _("Undone")

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    status = models.CharField(_("result"), max_length=8, choices=Status)
    projects_count = models.PositiveIntegerField(_("projects"), default=0)
    actions_count = models.PositiveIntegerField(_("actions"), default=0)
    errors = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    drafts_at = models.DateTimeField(_("drafts created"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)

    objects = BatchQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-uploaded_at", "-pk"]


class BatchProject(models.Model):
    """A draft that a batch made, and the row (as the workbook counts) of its first sheet that it came from."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="rows")
    project = models.OneToOneField(Project, models.PROTECT, related_name="batch_row")
    row = models.PositiveIntegerField()

    class Meta:
        ordering = ["batch", "row"]
