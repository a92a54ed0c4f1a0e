"""The year's calendar, on the clock of the municipality concerned."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from modalities.models import FiscalYear, Milestone

ALL_YEAR = "Abierta todo el año mientras no se publique el calendario del ejercicio"


def window(fiscal_year: FiscalYear, kind: str, state_code: str = "", month: int | None = None) -> Milestone | None:
    """The stretch that binds a state: its own row wins over the country's; None where the calendar is silent."""
    rows = fiscal_year.milestones.filter(kind=kind, month=month, state_code__in={"", state_code})
    return rows.order_by("-state_code").first()


def is_open(
    fiscal_year: FiscalYear,
    kind: str,
    state_code: str,
    *,
    time_zone: str,
    month: int | None = None,
    at: dt.datetime | None = None,
) -> bool:
    """From the first second to the last one, by the clock of `time_zone`; where there is no window nothing is open."""
    stretch = window(fiscal_year, kind, state_code, month)
    return stretch is not None and stretch.opens <= wall_clock(time_zone, at) <= stretch.closes


def wall_clock(time_zone: str, at: dt.datetime | None = None) -> dt.datetime:
    """What clocks there show, to the second, without zone."""
    return timezone.localtime(at, ZoneInfo(time_zone)).replace(microsecond=0, tzinfo=None)


def copy_calendar(source: FiscalYear, target: FiscalYear) -> None:
    """The same days of another year, unverified."""
    years = target.year - source.year
    Milestone.objects.bulk_create(
        Milestone(
            fiscal_year=target,
            kind=row.kind,
            state_code=row.state_code,
            month=row.month,
            opens_on=_shift(row.opens_on, years),
            closes_on=_shift(row.closes_on, years),
            opens_time=row.opens_time,
            closes_time=row.closes_time,
            source=copied_from(source.year, row.source),
        )
        for row in source.milestones.all()
    )


def open_capture_all_year(fiscal_year: FiscalYear) -> None:
    """Until the year's own calendar is known, nobody is kept from proposing by the dates of another year."""
    fiscal_year.milestones.filter(kind=Milestone.Kind.CAPTURE, state_code="").update(
        opens_on=dt.date(fiscal_year.year, 1, 1), closes_on=dt.date(fiscal_year.year, 12, 31), source=ALL_YEAR
    )


def copied_from(year: int, source: str) -> str:
    """What a copied row says of its origin; a copy of a copy keeps the first."""
    return source if source.startswith("Copia de ") else f"Copia de {year}, sin verificar. {source}"[:300]


def _shift(day: dt.date, years: int) -> dt.date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if is_leap_day else day.day)
