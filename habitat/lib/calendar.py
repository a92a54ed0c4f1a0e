"""Business days of the Mexican federal calendar: Ley Federal del Trabajo, art. 74, with its moved Mondays."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

FEDERAL_HOLIDAYS = country_holidays("MX")
DAY = timedelta(days=1)
# The country's key where states have theirs.
COUNTRY = ""


# A list of cases asks for the same few weeks once a row.
@cache
def is_federal_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in FEDERAL_HOLIDAYS


def federal_holidays(year: int) -> list[tuple[date, str]]:
    """The year's holidays with their Spanish names, as the law has them."""
    return sorted(country_holidays("MX", years=year, language="es").items())


class BusinessDays:
    """The federal calendar with what was ordered otherwise: (state code, or COUNTRY, and day) → whether it counts.

    A state's own word wins over the country's.
    """

    def __init__(self, exceptions: Mapping[tuple[str, date], bool] | None = None) -> None:
        self.exceptions = exceptions or {}

    def counts(self, day: date, state: str = COUNTRY) -> bool:
        for place in (state, COUNTRY):
            if (place, day) in self.exceptions:
                return self.exceptions[place, day]
        return is_federal_business_day(day)

    def add(self, day: date, number: int, state: str = COUNTRY) -> date:
        """The `number`-th business day after `day`; `day` itself is not counted."""
        while number > 0:
            day += DAY
            number -= self.counts(day, state)
        return day

    def until(self, due: date, today: date, state: str = COUNTRY) -> int:
        """Business days left after today up to and including `due`; 0 on the day itself, negative once it is past."""
        if due < today:
            return -self.until(today, due, state)
        return sum(self.counts(today + DAY * n, state) for n in range(1, (due - today).days + 1))
