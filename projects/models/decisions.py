"""One step decided on for many projects: chosen on a desk, looked at row by row, confirmed, carried out apart."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited
from projects.models.projects import Project
from projects.models.review import StatusChange


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who asked for it, and auditors."""
        return self if user.is_authenticated and user.role == "auditor" else self.filter(asked_by=user.pk)


@audited(exclude=("done", "lease_until"))
class BulkDecision(models.Model):
    """The row is the job: `checking` looks at each project, `ready` waits for its person, `running` decides.

    Who holds the lease goes on with the rows that have no verdict, or no outcome, yet. `attempts` tells one worker's
    turn from the next one's.
    """

    class Status(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Waits for confirmation")
        RUNNING = "running", _("Being carried out")
        DONE = "done", _("Carried out")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    step = models.CharField(_("step"), max_length=20)
    reason = models.TextField(_("reason"), blank=True)
    # Of a return: the sections that open again, each with the reason as its remark.
    sections = models.JSONField(default=list)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.CHECKING)
    total = models.PositiveIntegerField(_("projects"), default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]

    @property
    def is_at_work(self) -> bool:
        return self.status in (self.Status.CHECKING, self.Status.RUNNING)


class BulkRow(models.Model):
    """One project of a decision: what was found before, what came of it, and why not."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("step", "Taken")
        REFUSED = "refused", pgettext_lazy("step", "Refused")

    decision = models.ForeignKey(BulkDecision, models.CASCADE, related_name="rows")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    # NULL: not looked at yet.
    is_free = models.BooleanField(_("can be taken"), null=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    words = models.TextField(_("why not"), blank=True)
    change = models.ForeignKey(StatusChange, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["decision", "project"], name="decided_once")]
