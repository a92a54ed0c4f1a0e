"""What anyone sends about a work: text, perhaps a photo and a place; shown once the delegation has read it."""

import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import Change, audited, touch
from habitat.lib.models import PublicRecord, StoredFile
from projects.models.projects import Project
from projects.querysets.works import CommentQuerySet


@audited()
class Comment(PublicRecord):
    """`public_id` is the sender's only key to it: no name, no address, no account is asked for or kept."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting to be read")
        PUBLISHED = "published", pgettext_lazy("comment", "Published")
        REFUSED = "refused", pgettext_lazy("comment", "Not published")

    MOST_TEXT = 2_000

    project = models.ForeignKey(Project, models.PROTECT, related_name="comments")
    text = models.TextField(_("comment"), max_length=MOST_TEXT)
    place = models.PointField(_("place"), srid=4326, null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    shows_photo = models.BooleanField(_("the photo is shown"), default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Why it is not published.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-created_at", "-pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["project", "status"], name="comment_of_project")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="waiting", decided_at=None) | models.Q(decided_at__isnull=False),
                name="comment_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answer="")
                | (models.Q(answered_at__isnull=False, status="published") & ~models.Q(answer="")),
                name="comment_answered_once_published",
            ),
        ]
        triggers = [
            touch(),
            # What a citizen wrote is never written over.
            pgtrigger.Protect(
                name="as_it_was_sent",
                operation=pgtrigger.Update,
                condition=Change("project", "text", "place", "created_at"),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class CommentPhoto(StoredFile):
    """Written anew without metadata by `documents.inspect`."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="photo")
