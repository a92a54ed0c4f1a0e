"""Stretches of the calendar that reports speak of, and the day on which nothing more can be captured for them."""

import calendar
import datetime as dt
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Self

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from modalities.models import Milestone


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    noun: ClassVar[Promise] = gettext_lazy("Month")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "2026-10"; raises ValueError with a sentence."""
        year, _dash, month = text.partition("-")
        if len(text) != 7 or not _is_year(year) or not month.isdecimal() or not 1 <= int(month) <= 12:
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
    def last_month(self) -> int | None:
        """The month whose capture closes last; None where nothing is captured for the period."""
        return self.month

    @property
    def label(self) -> str:
        return date_format(self.first_day, "YEAR_MONTH_FORMAT")

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int

    noun: ClassVar[Promise] = gettext_lazy("Quarter")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "2026-Q3"; raises ValueError with a sentence."""
        year, _dash, number = text.partition("-Q")
        if not _is_year(year) or number not in ("1", "2", "3", "4"):
            raise ValueError(_("Write the quarter as 2026-Q3."))
        return cls(int(year), int(number))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        return Month(self.year, self.number * 3).last_day

    @property
    def previous(self) -> "Quarter":
        return Quarter.of(self.first_day - timedelta(days=1))

    @property
    def last_month(self) -> int | None:
        return self.number * 3

    @property
    def label(self) -> str:
        return _("quarter %(number)s of %(year)s") % {"number": self.number, "year": self.year}

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


@dataclass(frozen=True, order=True)
class Year:
    year: int

    noun: ClassVar[Promise] = gettext_lazy("Year")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "2026"; raises ValueError with a sentence."""
        if not _is_year(text):
            raise ValueError(_("Write the year as 2026."))
        return cls(int(text))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year)

    @property
    def first_day(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 12, 31)

    @property
    def previous(self) -> "Year":
        return Year(self.year - 1)

    @property
    def last_month(self) -> int | None:
        return 12

    @property
    def label(self) -> str:
        return str(self.year)

    def __str__(self) -> str:
        return str(self.year)


@dataclass(frozen=True, order=True)
class Week:
    """From Monday to Sunday, numbered as in ISO 8601; it is of the year its Sunday lies in."""

    iso_year: int
    number: int

    noun: ClassVar[Promise] = gettext_lazy("Week")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "2026-W47"; raises ValueError with a sentence."""
        year, _dash, number = text.partition("-W")
        try:
            if not _is_year(year) or len(number) != 2:
                raise ValueError(text)
            date.fromisocalendar(int(year), int(number), 1)
        except ValueError as error:
            raise ValueError(_("Write the week as 2026-W47.")) from error
        return cls(int(year), int(number))

    @classmethod
    def of(cls, day: date) -> Self:
        year, number, _weekday = day.isocalendar()
        return cls(year, number)

    @property
    def year(self) -> int:
        return self.last_day.year

    @property
    def first_day(self) -> date:
        return date.fromisocalendar(self.iso_year, self.number, 1)

    @property
    def last_day(self) -> date:
        return date.fromisocalendar(self.iso_year, self.number, 7)

    @property
    def previous(self) -> "Week":
        return Week.of(self.first_day - timedelta(days=1))

    @property
    def last_month(self) -> int | None:
        return None

    @property
    def label(self) -> str:
        return _("week %(number)s, %(first)s to %(last)s") % {
            "number": self.number,
            "first": date_format(self.first_day, "SHORT_DATE_FORMAT"),
            "last": date_format(self.last_day, "SHORT_DATE_FORMAT"),
        }

    def __str__(self) -> str:
        return f"{self.iso_year}-W{self.number:02}"


Period = Month | Quarter | Year | Week
PERIODS: tuple[type[Period], ...] = (Month, Quarter, Year, Week)


def period_of(text: str) -> Period:
    """Of whatever kind it is written as; raises ValueError with a sentence."""
    for kind in PERIODS:
        try:
            return kind.parse(text)
        except ValueError:
            continue
    raise ValueError(_("“%(text)s” is no period.") % {"text": text})


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdecimal() and 2000 <= int(text) < 2100


def closes_on(period: Period, state_code: str | None) -> date:
    """The last local day on which progress of the period is captured; its own last day where no rule says.

    A state's own milestone wins over the country's; for the nation (None) the latest of all counts.
    """
    if period.last_month is None:
        return period.last_day
    captures = Milestone.objects.filter(fiscal_year=period.year, kind=Milestone.Kind.PROGRESS, month=period.last_month)
    if state_code:
        captures = captures.filter(Q(state_code=state_code) | Q(state_code="")).order_by("-state_code")
        last = captures.values_list("closes_on", flat=True).first()
    else:
        last = captures.aggregate(last=Max("closes_on"))["last"]
    return max(last or period.last_day, period.last_day)


def midnight_after(day: date) -> dt.datetime:
    """The moment at which the day is over, in the portal's own time zone."""
    return timezone.make_aware(
        dt.datetime.combine(day + timedelta(days=1), dt.time.min), timezone.get_default_timezone()
    )


def closing_of(period: Period, state_code: str | None) -> dt.datetime:
    """From this moment on what the period's report says never changes."""
    return midnight_after(closes_on(period, state_code))
