"""Files of large lists: the row is the job (`habitat/lib/jobs.py`)."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from habitat.lib.jobs import Job
from habitat.lib.lists import files


@audited(exclude=("progress", "attempts", "lease_until"))
class Export(Job):
    """A list as a file, asked for by a person and made as that person sees it; theirs alone until it expires."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Could not be made")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    LONGEST_ADDRESS = 2_000

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    # The list's own address with filters, order and columns: path and query.
    address = models.CharField(max_length=LONGEST_ADDRESS)
    format = models.CharField(_("format"), max_length=4, choices=files.LABELS)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    # What the list is called, in that language, and how its file is.
    title = models.CharField(_("list"), max_length=200)
    name = models.CharField(max_length=120)
    # Part and territory of who asked: with others, the file opens no more.
    rights = models.CharField(max_length=60)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.WAITING)
    # Rows the list had when it was asked for, then rows written.
    rows = models.PositiveIntegerField(_("rows"))
    progress = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to="accounts.export/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            # Whoever presses twice gets the one that is being made.
            models.UniqueConstraint(
                fields=["asked_by", "address", "format", "language"],
                condition=models.Q(status__in=["waiting", "running"]),
                name="one_export_in_the_making",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_format_display()})"

    @cached_property
    def original_name(self) -> str:
        return f"{self.name}.{self.format}"

    @property
    def content_type(self) -> str:
        return files.CONTENT_TYPES[self.format]

    def is_open_at(self, at: dt.datetime) -> bool:
        return self.status == self.Status.DONE and bool(self.expires_at and at < self.expires_at)
