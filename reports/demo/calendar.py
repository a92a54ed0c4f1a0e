"""When things happened: the events of a road spread between two days, within office hours."""

import datetime as dt
from collections.abc import Sequence

from reports.demo.works import Work

# How many times longer than others the stretch before an event takes.
WEIGHTS = {"propose": 0, "ready": 2, "work": 8, "finish": 2, "prove": 3}
# 15:00 UTC is nine in the morning in Campeche, eight in Juárez.
OPENING = dt.time(15, tzinfo=dt.UTC)
# Ten business days, the longest deadline, are two weeks.
LATELY_DAYS = 21
APART = dt.timedelta(minutes=20)


def moments(work: Work, today: dt.date, now: dt.datetime) -> list[dt.datetime]:
    """One moment an event, never decreasing, none after `now`, all within the work's fiscal year."""
    first, last = _stretch(work, today)
    weights = [WEIGHTS.get(event, 1) for event in work.events]
    days = [first + (last - first) * (sum(weights[: n + 1]) / (sum(weights) or 1)) for n in range(len(weights))]
    return [min(_office(day, first) + APART * n, now) for n, day in enumerate(days)]


def _stretch(work: Work, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day. What is still on its way moved lately, some of it too long ago for its deadline."""
    dice = work.dice
    if work.is_last_year:
        year = today.year - 1
        return dt.date(year, 2, 3) + dt.timedelta(dice.randint(0, 60)), dt.date(year, 12, 19) - dt.timedelta(
            dice.randint(0, 20)
        )
    new_year = dt.date(today.year, 1, 1)
    yesterday = max(today - dt.timedelta(1), new_year)
    span = (yesterday - new_year).days
    last = yesterday - dt.timedelta(dice.randint(0, min(LATELY_DAYS, span // 3)))
    longest = min((last - new_year).days, 20 * len(work.events))
    return last - dt.timedelta(dice.randint(longest // 2, longest)), last


def _office(day: dt.date, first: dt.date) -> dt.datetime:
    """Nobody works on Saturdays and Sundays: what falls there was done on Friday."""
    friday = day - dt.timedelta(max(day.weekday() - 4, 0))
    return dt.datetime.combine(max(friday, first), OPENING)


def months(first: dt.date, last: dt.date) -> Sequence[tuple[int, int]]:
    """Year and month of each month the stretch touches."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [divmod(first.year * 12 + first.month - 1 + n, 12) for n in range(count + 1)]
