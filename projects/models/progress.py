"""Progress by period: when it is due, what was measured of each action, what each source spent."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, touch
from habitat.lib.models import PublicRecord
from polygons.models import State
from projects.models.money import Source, pesos
from projects.models.projects import Action, Project
from projects.models.totals import kept_in_totals
from projects.querysets.works import OfProject, ProgressQuerySet

LOCKED = """
    IF EXISTS (
        SELECT 1 FROM projects_progressreport WHERE id = {row}.report_id AND status IN ('accepted', 'superseded')
    ) THEN
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
class ProgressPeriod(models.Model):
    """A month or a quarter of one state whose capture has opened, from `first_month` to `month`, both included.

    `due_on`, the last local day of capture, is written when the period opens. While it lies ahead it follows the
    calendar; once it has passed nothing moves it.
    """

    state = models.ForeignKey(State, models.PROTECT, related_name="+", verbose_name=_("state"))
    year = models.PositiveSmallIntegerField(_("year"))
    first_month = models.PositiveSmallIntegerField(_("first month"))
    month = models.PositiveSmallIntegerField(_("last month"))
    opens_on = models.DateField(_("opens"))
    due_on = models.DateField(_("due"))
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        ordering = ["year", "month", "state"]
        verbose_name = _("progress period")
        verbose_name_plural = _("progress periods")
        constraints = [
            models.UniqueConstraint(fields=["state", "year", "month"], name="progress_period_once"),
            models.CheckConstraint(
                condition=models.Q(first_month__gte=1, month__lte=12, first_month__lte=models.F("month")),
                name="progress_period_months",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("opens_on")), name="progress_period_in_order"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="past_due_date_stays",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF OLD.due_on < CURRENT_DATE AND NEW.due_on <> OLD.due_on THEN
                        RAISE EXCEPTION 'a due date that has passed is never moved' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.year}-{self.first_month:02}…{self.month:02}"


@audited()
class ProgressReport(PublicRecord):
    """A period of one project, captured by the municipality, accepted or returned by the delegation.

    `month` is the period's last. An accepted report that is reopened stays as it was, superseded by `version` + 1.
    """

    class Status(models.TextChoices):
        EXPECTED = "expected", _("To be captured")
        DRAFT = "draft", _("Being captured")
        SUBMITTED = "submitted", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")
        SUPERSEDED = "superseded", _("Reopened since")

    project = models.ForeignKey(Project, models.PROTECT, related_name="progress")
    # NULL: loaded as history, before periods were opened by the clock.
    period = models.ForeignKey(ProgressPeriod, models.PROTECT, null=True, related_name="reports")
    version = models.PositiveSmallIntegerField(_("version"), default=1, db_default=1)
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
            models.UniqueConstraint(
                fields=["project", "year", "month"],
                condition=~models.Q(status="superseded"),
                name="progress_once_a_month",
            ),
            models.UniqueConstraint(fields=["project", "year", "month", "version"], name="progress_version_once"),
            models.CheckConstraint(condition=models.Q(month__range=(1, 12)), name="progress_month"),
        ]
        indexes = [
            # The list of progress begins with these: few beside years of accepted months.
            models.Index(
                fields=["project"],
                condition=models.Q(status__in=["expected", "draft", "submitted", "returned"]),
                name="waiting_progress",
            ),
            # Asked for all of them, it reads from the newest month on.
            models.Index(fields=["year", "month"], condition=~models.Q(status="superseded"), name="standing_progress"),
        ]
        triggers = [
            touch(),
            pgtrigger.Trigger(
                name="locked_once_accepted",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status__in=("accepted", "superseded")),
                # A granted reopening sets it aside; nothing else of it changes.
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.status = 'accepted' AND NEW.status = 'superseded'
                       AND (to_jsonb(NEW) - 'status' - 'updated_at') = (to_jsonb(OLD) - 'status' - 'updated_at')
                       AND EXISTS (
                           SELECT FROM projects_progressreopening WHERE report_id = OLD.id AND is_granted
                       ) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'accepted progress is locked' USING ERRCODE = 'check_violation';
                """,
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


@audited()
class ProgressReopening(PublicRecord):
    """An accepted report to be captured anew: asked for by one person with a reason, granted by another."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="reopenings")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    is_granted = models.BooleanField(_("granted"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.TextField(_("note of who decided"), blank=True)

    objects = OfProject.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["report"], condition=models.Q(is_granted=None), name="one_open_reopening"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="two_people_reopen",
            ),
            models.CheckConstraint(
                condition=models.Q(is_granted=None, decided_by=None, decided_at=None)
                | models.Q(is_granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="reopening_decided_whole",
            ),
        ]
        triggers = [
            *PublicRecord.Meta.triggers,
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="decided_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__is_granted__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.asked_at:%Y-%m-%d}"
