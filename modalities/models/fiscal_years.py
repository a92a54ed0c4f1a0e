import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited
from habitat.lib.models import PublicRecord
from modalities.querysets import PublicQuerySet

FIRST_SECOND, LAST_SECOND = dt.time(0, 0, 0), dt.time(23, 59, 59)


@audited()
class FiscalYear(PublicRecord):
    """Ejercicio fiscal: a calendar year with its own rules, ceilings and calendar."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", pgettext_lazy("fiscal year", "Open")
        CLOSING = "closing", _("Closing")
        CLOSED = "closed", pgettext_lazy("fiscal year", "Closed")

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PLANNED)

    objects = PublicQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-year"]
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")

    def __str__(self) -> str:
        return str(self.year)


@audited()
class Milestone(models.Model):
    """A stretch of the year's calendar, in local days, both included.

    A window opens at `opens_time` of `opens_on` and closes once the second `closes_time` of `closes_on` is over, on the
    municipality's own clock. `state_code` narrows it to one state; blank means the whole country. A state's own row
    wins over the country's.
    """

    class Kind(models.TextChoices):
        GUIDELINES = "guidelines", _("Operating guidelines issued")
        CAPTURE = "capture", _("Capture of proposals")
        CUT_OFF = "cut_off", _("Cut-off for uncovered ceilings")
        START_CUT_OFF = "start_cut_off", _("Cut-off for works not started")
        FEDERAL_SPENDING = "federal_spending", _("Last day to apply federal money")
        PROGRESS = "progress", _("Capture of progress")
        REFUND = "refund", _("Refund to the Treasury")
        CLOSURE = "closure", _("Closure of the fiscal year")

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="milestones")
    kind = models.CharField(_("milestone"), max_length=20, choices=Kind)
    state_code = models.CharField(_("state"), max_length=2, blank=True)
    # Of a progress milestone: the month reported on.
    month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True)
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("closes"))
    opens_time = models.TimeField(_("at"), default=FIRST_SECOND, db_default=FIRST_SECOND)
    closes_time = models.TimeField(_("at"), default=LAST_SECOND, db_default=LAST_SECOND)
    source = models.CharField(_("source"), max_length=300, blank=True)
    is_verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        ordering = ["opens_on", "kind", "state_code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(closes_on__gte=models.F("opens_on")), name="milestone_in_order"),
            models.CheckConstraint(
                condition=models.Q(closes_on__gt=models.F("opens_on"))
                | models.Q(closes_time__gt=models.F("opens_time")),
                name="milestone_hours_in_order",
            ),
            models.UniqueConstraint(
                fields=["fiscal_year", "kind", "state_code", "month"],
                name="one_milestone_of_a_kind",
                nulls_distinct=False,
            ),
        ]

    @property
    def opens(self) -> dt.datetime:
        """Wall clock of the place concerned, without zone."""
        return dt.datetime.combine(self.opens_on, self.opens_time)

    @property
    def closes(self) -> dt.datetime:
        """The last second, included; wall clock without zone."""
        return dt.datetime.combine(self.closes_on, self.closes_time)

    @property
    def first_of_month(self) -> dt.date | None:
        """Of a progress milestone: the first day of the month reported on."""
        return dt.date(self.fiscal_year_id, self.month, 1) if self.month else None
