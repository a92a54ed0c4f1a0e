"""Money taken back at a cut-off: previewed by one person, confirmed by a second, run once by a worker."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import User
from habitat.lib.audit import audited, touch
from habitat.lib.jobs import Job
from habitat.lib.models import PublicRecord
from modalities.models import Milestone
from projects.models.money import Ceiling, pesos
from projects.models.projects import Project
from projects.querysets.money import WithdrawalLineQuerySet, WithdrawalQuerySet
from projects.querysets.works import OfProject


@audited(exclude=("lease_until",))
class Withdrawal(PublicRecord, Job):
    """The row is the job: whoever holds its lease goes on where the last stopped, line by line.

    A cut-off has one that is not discarded, so it runs once. Source: operating guidelines 2012, 5.10.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for the second person")
        WAITING = "waiting", _("Confirmed, waiting for a worker")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        DISCARDED = "discarded", _("Discarded")

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="+", verbose_name=_("cut-off"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    reason = models.TextField(_("reason"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = WithdrawalQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=~models.Q(status="discarded"), name="one_withdrawal_a_cut_off"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="two_people_withdraw",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["proposed", "discarded"]) | models.Q(confirmed_by__isnull=False),
                name="withdrawal_confirmed_first",
            ),
        ]
        triggers = [touch()]

    @property
    def decider(self) -> User:
        """The second person; a job runs only once there is one."""
        if self.confirmed_by is None:
            raise TypeError("nobody has confirmed this withdrawal")
        return self.confirmed_by


class WithdrawalLine(models.Model):
    """What one ceiling would give back, in pesos, and what it did give back: never more than was previewed."""

    withdrawal = models.ForeignKey(Withdrawal, models.CASCADE, related_name="lines")
    ceiling = models.ForeignKey(Ceiling, models.PROTECT, related_name="+", verbose_name=_("ceiling"))
    before = pesos(_("ceiling"))
    kept = pesos(_("covered"))
    amount = pesos(_("to withdraw"))
    withdrawn = models.DecimalField(_("withdrawn"), max_digits=16, decimal_places=2, null=True)
    note = models.TextField(_("note"), blank=True)

    objects = WithdrawalLineQuerySet.as_manager()

    class Meta:
        ordering = ["withdrawal", "pk"]
        constraints = [models.UniqueConstraint(fields=["withdrawal", "ceiling"], name="withdrawn_once")]


class UnstartedProject(models.Model):
    """An approved project not started at the second cut-off: cancelled by the job, or the note says why not."""

    withdrawal = models.ForeignKey(Withdrawal, models.CASCADE, related_name="unstarted")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("project"))
    federal = pesos(_("federal"))
    is_cancelled = models.BooleanField(_("cancelled"), null=True)
    note = models.TextField(_("note"), blank=True)

    objects = OfProject.as_manager()

    class Meta:
        ordering = ["withdrawal", "pk"]
        constraints = [models.UniqueConstraint(fields=["withdrawal", "project"], name="unstarted_once")]
