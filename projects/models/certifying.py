"""Between preparer and certifier, before anything is submitted: comments that send a draft back, a PH-01 on paper."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited
from projects.models.documents import Document
from projects.models.projects import Project
from projects.models.review import Observation


@audited()
class DraftComment(models.Model):
    """What the certifier wants mended in one section of a draft; settled when it is marked ready again."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="draft_comments")
    section = models.CharField(_("section"), max_length=10, choices=Observation.Section)
    text = models.TextField(_("comment"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]


class PaperSignature(models.Model):
    """A PH-01 signed by hand whose scan was certified; it speaks of the draft with this fingerprint and no other.

    Append-only: a draft that changed afterwards is signed anew.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="paper_signatures")
    # SHA-256 of what the PH-01 says (`projects.fingerprints`), as printed on it.
    fingerprint = models.CharField(max_length=64)
    signer = models.CharField(_("who signed it"), max_length=200)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    certified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))

    class Meta:
        ordering = ["pk"]
        triggers = append_only()
