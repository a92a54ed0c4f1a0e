from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, tombstone, touch
from habitat.lib.models import AbstractTombstone, PublicRecord, StoredFile
from modalities.models import DocumentKind
from projects.models.projects import OF_PROJECT, Project
from projects.querysets.works import DocumentQuerySet


class Tombstone(AbstractTombstone):
    pass


@audited()
class Document(PublicRecord, StoredFile):
    """A paper of the technical file. A newer one of the same kind stands beside the older, which stays readable."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="documents")
    kind = models.CharField(_("document"), max_length=24, choices=DocumentKind)

    objects = DocumentQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["kind", "-uploaded_at"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        triggers = [touch(), tombstone("documents", "projects_tombstone", OF_PROJECT)]
