"""Veda electoral: written down by the program unit; while one runs, what promotes the program is silent by itself."""

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from modalities.services import wall_clock
from polygons.models import Municipality, State
from projects.models import Silence
from projects.refusals import StepForbidden, StepRefused

# No clock of the country is further from another's.
A_DAY = dt.timedelta(days=1)


def may_write_silences(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.role == Role.MANAGER and user.sees_the_nation)


@transaction.atomic
def save_silence(silence: Silence, *, by: User) -> Silence:
    if not may_write_silences(by):
        raise StepForbidden(_("The program unit writes the electoral silences."))
    if silence.ends <= silence.starts:
        raise StepRefused([_("It must end after it begins.")])
    silence.by = by
    silence.save()
    return silence


@transaction.atomic
def drop_silence(silence: Silence, *, by: User, at: dt.datetime | None = None) -> None:
    """One that has not begun; what was in force stays written."""
    if not may_write_silences(by):
        raise StepForbidden(_("The program unit writes the electoral silences."))
    if silence.starts_on <= timezone.localdate(at):
        raise StepRefused([_("It has begun: change its end instead.")])
    silence.delete()


def silences_now(at: dt.datetime | None = None) -> list[Silence]:
    """Those running somewhere at a moment: on any clock of the state; two queries, one where there is none."""
    at = at or timezone.now()
    day = at.date()
    near = list(Silence.objects.filter(starts_on__lte=day + A_DAY, ends_on__gte=day - A_DAY).select_related("state"))
    if not near:
        return []
    zones = Municipality.objects.order_by().values_list("state", "time_zone").distinct()
    clocks: dict[str, set[str]] = {}
    for state, zone in zones:
        clocks.setdefault(state, set()).add(zone)
    everywhere = set().union(*clocks.values()) if clocks else {timezone.get_default_timezone_name()}
    return [row for row in near if _runs(row, clocks.get(row.state_id, set()) if row.state_id else everywhere, at)]


def _runs(silence: Silence, zones: set[str], at: dt.datetime) -> bool:
    return any(silence.starts <= wall_clock(zone, at) <= silence.ends for zone in zones)


def silent_states(at: dt.datetime | None = None) -> set[str]:
    """Codes of the states where promotion is silent; all of them where a silence holds for the nation."""
    running = silences_now(at)
    if any(row.state_id is None for row in running):
        return set(State.objects.values_list("pk", flat=True))
    return {str(row.state_id) for row in running}


def is_silent(state: str, at: dt.datetime | None = None) -> bool:
    """Whether photographs and events of this state are not shown to the public now."""
    return _first(state, at) is not None


def silence_over(state: str, user: User | AnonymousUser, at: dt.datetime | None = None) -> Silence | None:
    """What keeps photographs of this state from this reader now; nothing from those who work with them."""
    return None if user.is_authenticated else _first(state, at)


def _first(state: str, at: dt.datetime | None) -> Silence | None:
    return next((row for row in silences_now(at) if row.state_id in (None, state)), None)


def silence_of(state: str, day: dt.date) -> Silence | None:
    """Under which whatever is held in the state on this day, a handover above all, is held without a public act."""
    return Silence.objects.of_state(state).filter(starts_on__lte=day, ends_on__gte=day).first()
