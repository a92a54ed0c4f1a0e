"""Days on which the country, or a state, works or rests other than the federal calendar says."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from habitat.lib.calendar import BusinessDays


class CalendarExceptionQuerySet(models.QuerySet):
    def of(self, state_code: str) -> Self:
        """What holds in a state: its own and the country's."""
        return self.filter(state_code__in={"", state_code})

    def as_calendar(self) -> BusinessDays:
        """One query; the calendar is for one page or one job, so that it never holds what was changed since."""
        rows = self.values_list("state_code", "day", "is_business_day")
        return BusinessDays({(state, day): counts for state, day, counts in rows})


@audited()
class CalendarException(models.Model):
    """`state_code` blank: the whole country. A state's own row wins over the country's."""

    day = models.DateField(_("day"))
    state_code = models.CharField(_("state"), max_length=2, blank=True)
    is_business_day = models.BooleanField(_("counts as a business day"), default=False)
    reason = models.CharField(_("reason"), max_length=200)
    source = models.CharField(_("Where it is ordered"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))

    objects = CalendarExceptionQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "state_code"]
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")
        constraints = [models.UniqueConstraint(fields=["state_code", "day"], name="one_exception_of_a_day")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.state_code}".strip()


def business_days() -> BusinessDays:
    """The calendar that deadlines go by just now: one query."""
    return CalendarException.objects.order_by().as_calendar()
