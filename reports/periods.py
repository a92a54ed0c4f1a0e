"""Months that reports speak of, and the day on which nothing more can be captured for them."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from django.db.models import Max, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from modalities.models import Milestone


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "2026-10"; raises ValueError with a sentence."""
        year, _dash, month = text.partition("-")
        if len(text) != 7 or not (year + month).isdecimal() or not (2000 <= int(year) < 2100 and 1 <= int(month) <= 12):
            raise ValueError(_("Write the month as 2026-10."))
        return cls(int(year), int(month))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def previous(self) -> "Month":
        return Month.of(self.first_day - timedelta(days=1))

    @property
    def label(self) -> str:
        return date_format(self.first_day, "YEAR_MONTH_FORMAT")

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def closes_on(month: Month, state_code: str | None) -> date:
    """The last local day on which progress of the month is captured; the month's own last day where no rule says.

    A state's own milestone wins over the country's; for the nation (None) the latest of all counts.
    """
    captures = Milestone.objects.filter(fiscal_year=month.year, kind=Milestone.Kind.PROGRESS, month=month.month)
    if state_code:
        captures = captures.filter(Q(state_code=state_code) | Q(state_code="")).order_by("-state_code")
        last = captures.values_list("closes_on", flat=True).first()
    else:
        last = captures.aggregate(last=Max("closes_on"))["last"]
    return max(last or month.last_day, month.last_day)
