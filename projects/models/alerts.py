"""What does not look right with a project, found by the clock; who sees to it, and how it ended."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from habitat.lib.audit import audited
from habitat.lib.models import PublicRecord
from projects.models.projects import Project
from projects.querysets.works import AlertQuerySet


@audited()
class Alert(PublicRecord):
    """One episode of one kind (a code of `projects/alerts`) on one project, from when it was found.

    It ends in one of two ways: a person closes it with a reason, or the condition is over, `ended_at`, and the clock
    closes it. One that a person closed stays closed while the condition lasts; once it ended and comes back, a new row
    opens, `times` + 1.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="alerts", verbose_name=_("project"))
    kind = models.CharField(_("alert"), max_length=40)
    # What the sentence is made of, as it stood at `refreshed_at`.
    facts = models.JSONField(default=dict)
    owner = models.CharField(_("owner"), max_length=12, choices=Role)
    times = models.PositiveSmallIntegerField(_("times"), default=1)
    opened_at = models.DateTimeField(_("opened"))
    refreshed_at = models.DateTimeField(_("looked at"))
    ended_at = models.DateTimeField(_("condition over"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    # NULL on a closed one: by itself, when the condition was over.
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [models.Index(fields=["kind", "closed_at"])]
        constraints = [
            # Also one that a person closed holds the place of its condition until that is over.
            models.UniqueConstraint(
                fields=["project", "kind"], condition=models.Q(ended_at=None), name="one_alert_of_a_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_by=None) | (models.Q(closed_at__isnull=False) & ~models.Q(reason="")),
                name="alert_closed_with_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(closed_at__isnull=False), name="alert_ended_is_closed"
            ),
        ]
        triggers = [
            *PublicRecord.Meta.triggers,
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.project_id}"
