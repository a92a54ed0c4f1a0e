"""When a municipality may send proposals, in words, on its own clock."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from modalities.models import FiscalYear, Milestone
from modalities.services import wall_clock, window
from polygons.models import Municipality
from polygons.time_zones import city_of


def moment_there(moment: dt.datetime, place: str) -> str:
    """A wall clock's moment with the place whose clock it is."""
    words = {"day": date_format(moment), "time": time_format(moment, "H:i"), "place": place}
    return _("%(day)s at %(time)s h of %(place)s") % words


def how_long(now: dt.datetime, then: dt.datetime) -> str:
    if then - now < dt.timedelta(minutes=1):
        return _("less than a minute")  # Django would say 0 minutes
    # Django's Spanish joins both units without a space.
    return ", ".join(part.strip() for part in timeuntil(then, now).split(","))


@dataclass(frozen=True)
class Capture:
    """The capture window of one municipality at one moment."""

    row: Milestone
    time_zone: str
    at: dt.datetime

    @property
    def is_open(self) -> bool:
        return self.row.opens <= wall_clock(self.time_zone, self.at) <= self.row.closes

    @property
    def is_over(self) -> bool:
        return wall_clock(self.time_zone, self.at) > self.row.closes

    @property
    def turns_at(self) -> dt.datetime | None:
        """The first moment that is otherwise than now (UTC); None once it is over."""
        if self.is_over:
            return None
        turn = self.row.closes + dt.timedelta(seconds=1) if self.is_open else self.row.opens
        return turn.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(dt.UTC)

    @property
    def words(self) -> str:
        if self.turns_at is None:
            return self.over
        place = city_of(self.time_zone)
        said = {"opens": moment_there(self.row.opens, place), "closes": moment_there(self.row.closes, place)}
        said["left"] = how_long(self.at, self.turns_at)
        if self.is_open:
            return _("Capture closes in %(left)s: %(closes)s.") % said
        return _("Capture opens in %(left)s: %(opens)s.") % said

    @property
    def over(self) -> str:
        """What holds once it has closed."""
        closes = moment_there(self.row.closes, city_of(self.time_zone))
        said = _("Capture closed on %(closes)s. The draft can be read; it can no longer be submitted.")
        return said % {"closes": closes}


def capture_of(year: FiscalYear, municipality: Municipality, at: dt.datetime | None = None) -> Capture | None:
    """None where the year's calendar is silent."""
    row = window(year, Milestone.Kind.CAPTURE, municipality.state_id)
    return Capture(row, municipality.time_zone, at or timezone.now()) if row else None
