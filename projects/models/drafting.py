"""What is on its way into a proposal: typed answers that do not hold yet, papers that have not arrived whole."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from modalities.models import DocumentKind, PhotoStage
from projects.models.projects import Project


class Typing(models.Model):
    """What one person has typed on one page of the form and the proposal does not hold yet, as the browser sent it.

    A rough copy and no part of the file: nobody else reads it, and it goes once the page is saved. Without a project it
    is the first page of a proposal still to be begun. `answers`: name of a control → the values it sends. `seen`: name
    → `projects.services.merging.mark` of what it showed when the typing began.
    """

    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")
    page = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    at = models.DateTimeField(_("typed"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "page", "by"], name="one_typing_a_page_and_person", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.page}"


class PartialUpload(models.Model):
    """A paper that arrives in pieces: `received` of `size` bytes lie in `path`. No part of the file until it is whole.

    `sha256` is what the sender says the whole is; blank where the browser could not tell.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=DocumentKind)
    # Of a photograph of the works; blank for a paper.
    photo_stage = models.CharField(max_length=8, choices=PhotoStage, blank=True, default="", db_default="")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    received = models.PositiveBigIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    touched_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.received} / {self.size}"

    @property
    def path(self) -> Path:
        """On this portal's own disk, whatever keeps finished files: pieces are added at its end."""
        return arriving() / self.public_id.hex


def arriving() -> Path:
    return Path(settings.MEDIA_ROOT) / "arriving"
