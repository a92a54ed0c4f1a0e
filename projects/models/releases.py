"""Ministraciones: when each source's money was to come, and when it came."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited
from projects.models.acts import MONEY, MoneyAct, act_constraints, act_triggers, reference
from projects.models.money import Source, pesos
from projects.models.projects import Project
from projects.querysets.works import OfProject


class PlannedRelease(models.Model):
    """What one source owes a work by a day: made from the schedule at approval, made anew by an amendment."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="planned_releases")
    source = models.CharField(_("source"), max_length=14, choices=Source)
    on = models.DateField(_("planned"))
    amount = pesos(_("amount"))

    # Set by `due.late_releases()`.
    missing: Decimal

    objects = OfProject.as_manager()

    class Meta:
        ordering = ["on", "source"]
        constraints = [
            models.UniqueConstraint(fields=["project", "source", "on"], name="planned_release_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="planned_release_positive"),
        ]


@audited()
class Release(MoneyAct):
    """Money of one source that reached the executor. `planned_on`: the earliest planned day it makes up for."""

    class LateReason(models.TextChoices):
        DOCUMENTS = "documents", _("Papers were missing")
        ACCOUNT = "account", _("The bank account was not ready")
        LOCAL_PART = "local_part", _("The local part had not been deposited")
        BUDGET = "budget", _("No budget was available")
        ELECTIONS = "elections", _("Electoral restrictions")
        OTHER = "other", pgettext_lazy("reason", "Other, said in the note")

    source = models.CharField(_("source"), max_length=14, choices=Source)
    reference = reference()
    planned_on = models.DateField(_("planned"), null=True, blank=True)
    late_reason = models.CharField(_("why it was late"), max_length=10, choices=LateReason, blank=True)

    class Meta(MoneyAct.Meta):
        ordering = ["-on", "-pk"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            *act_constraints("release"),
            models.CheckConstraint(
                name="late_release_says_why",
                condition=models.Q(planned_on=None)
                | models.Q(on__lte=models.F("planned_on"))
                | ~models.Q(late_reason=""),
            ),
        ]
        triggers = act_triggers(*MONEY, "reference", "source", "planned_on", "late_reason")

    def __str__(self) -> str:
        return self.reference

    @property
    def days_late(self) -> int:
        return max((self.on - self.planned_on).days, 0) if self.planned_on else 0
