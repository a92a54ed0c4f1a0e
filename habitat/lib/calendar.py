"""Business days of the Mexican federal calendar: Ley Federal del Trabajo, art. 74, with its moved Mondays."""

from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

FEDERAL_HOLIDAYS = country_holidays("MX")
DAY = timedelta(days=1)


# A list of cases asks for the same few weeks once a row.
@cache
def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in FEDERAL_HOLIDAYS


def add_business_days(day: date, count: int) -> date:
    """The `count`-th business day after `day`; `day` itself is not counted."""
    while count > 0:
        day += DAY
        count -= is_business_day(day)
    return day


def business_days_until(due: date, today: date) -> int:
    """Business days left after today up to and including `due`; 0 on the day itself, negative once it is past."""
    if due < today:
        return -business_days_until(today, due)
    return sum(is_business_day(today + DAY * n) for n in range(1, (due - today).days + 1))
