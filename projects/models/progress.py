"""Progress by period: what was measured of each action, what each source spent."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, touch
from habitat.lib.models import PublicRecord
from projects.models.money import Source, pesos
from projects.models.projects import Action, Project
from projects.models.totals import kept_in_totals
from projects.querysets import ProgressQuerySet

LOCKED = """
    IF EXISTS (SELECT 1 FROM projects_progressreport WHERE id = {row}.report_id AND status = 'accepted') THEN
        RAISE EXCEPTION 'accepted progress is locked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN {row};
"""


# Lines of what is not accepted count nowhere.
ACCEPTED = (
    "SELECT report.project_id FROM {rows} AS held JOIN projects_progressreport AS report"
    " ON report.id = held.report_id AND report.status = 'accepted'"
)


def locked_with_report() -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Trigger(
            name="locked_write",
            operation=pgtrigger.Insert | pgtrigger.Update,
            when=pgtrigger.Before,
            func=LOCKED.format(row="NEW"),
        ),
        pgtrigger.Trigger(
            name="locked_delete", operation=pgtrigger.Delete, when=pgtrigger.Before, func=LOCKED.format(row="OLD")
        ),
    ]


@audited()
class ProgressReport(PublicRecord):
    """A month of one project, captured by the municipality, accepted or returned by the delegation."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being captured")
        SUBMITTED = "submitted", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")

    project = models.ForeignKey(Project, models.PROTECT, related_name="progress")
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    note = models.TextField(_("note"), blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)

    objects = ProgressQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["project", "year", "month"]
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        constraints = [
            models.UniqueConstraint(fields=["project", "year", "month"], name="progress_once_a_month"),
            models.CheckConstraint(condition=models.Q(month__range=(1, 12)), name="progress_month"),
        ]
        triggers = [
            touch(),
            pgtrigger.Protect(
                name="locked_once_accepted",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="accepted"),
            ),
            *kept_in_totals(
                "SELECT held.project_id FROM {rows} AS held",
                "(before.project_id, before.year, before.month, before.status)"
                " IS DISTINCT FROM (after.project_id, after.year, after.month, after.status)",
            ),
        ]


class ProgressLine(models.Model):
    """Quantity of one action measured in the period (not the running total), in the action type's unit."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="lines")
    action = models.ForeignKey(Action, models.PROTECT, related_name="progress_lines")
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["report", "action"]
        constraints = [
            models.UniqueConstraint(fields=["report", "action"], name="progress_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="progress_not_negative"),
        ]
        triggers = [*locked_with_report(), *kept_in_totals(ACCEPTED)]


class ProgressSpending(models.Model):
    """Pesos one source paid in the period."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="spending")
    source = models.CharField(_("source"), max_length=14, choices=Source)
    amount = pesos(_("amount"))

    class Meta:
        ordering = ["report", "source"]
        constraints = [
            models.UniqueConstraint(fields=["report", "source"], name="spending_once_a_source"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="spending_not_negative"),
        ]
        triggers = [*locked_with_report(), *kept_in_totals(ACCEPTED)]
