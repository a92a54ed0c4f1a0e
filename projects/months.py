"""The same day some months later: warranties, verifications, inspections."""

import calendar
import datetime as dt


def months_after(day: dt.date, months: int) -> dt.date:
    """The last day of a shorter month: 31 January and one month is 28 February."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))
