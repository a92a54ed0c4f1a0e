"""Under which keys a place stood at another census, as far as the table of equivalences knows."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from polygons.concepts import Vintage
from polygons.models import KeyChange

# A chain of changes longer than this is a mistake in the table.
MOST_STEPS = 10


class NotTheSame(Exception):  # noqa: N818 - a refusal, not a fault
    """The place cannot be told apart, or together, at the other census; the message says why."""


@dataclass(frozen=True)
class Counterpart:
    """Keys that made up the place then; `is_told` where the table of equivalences has a row about it."""

    codes: frozenset[str]
    is_told: bool


def counterpart(level: str, code: str, home: Vintage, other: Vintage) -> Counterpart:
    """The keys at `other` of the place that `home` knows as `code`. Raises NotTheSame."""
    codes, told = {code}, False
    between = KeyChange.objects.filter(
        level=level, valid_from__gt=min(home.day, other.day), valid_from__lte=max(home.day, other.day)
    )
    back = other.day < home.day
    seen: set[int] = set()
    for _step in range(MOST_STEPS):
        found = between.filter(**{"new_code__in" if back else "old_code__in": codes}).exclude(pk__in=seen)
        changes = list(found.order_by("valid_from"))
        if not changes:
            break
        for change in changes:
            _check_whole(change, between, codes, back)
        seen |= {change.pk for change in changes}
        told = True
        codes -= {change.new_code if back else change.old_code for change in changes}
        codes |= {change.old_code if back else change.new_code for change in changes}
    _check_nothing_left(level, code, between, back)
    return Counterpart(frozenset(codes), told)


def _day(change: KeyChange) -> str:
    return date_format(change.valid_from, "SHORT_DATE_FORMAT")


def _check_whole(change: KeyChange, between, codes: set[str], back: bool) -> None:
    """A part of what was split, or one of those that were merged, cannot be told from the rest."""
    words = {"old": change.old_code, "new": change.new_code, "day": _day(change)}
    if change.kind == KeyChange.Kind.DROPPED:
        raise NotTheSame(_("%(old)s was dropped on %(day)s and has no equivalent.") % words)
    if change.kind == KeyChange.Kind.SPLIT and back:
        parts = set(between.filter(old_code=change.old_code).values_list("new_code", flat=True))
        # One part alone: the rest kept the old key.
        if len(parts) < 2 or not parts <= codes:
            raise NotTheSame(
                _("%(new)s was split off from %(old)s on %(day)s: what %(old)s had before cannot be divided.") % words
            )
    if change.kind == KeyChange.Kind.MERGED and not back:
        merged = set(between.filter(new_code=change.new_code).values_list("old_code", flat=True))
        if not merged <= codes:
            raise NotTheSame(_("%(old)s was merged with others into %(new)s on %(day)s.") % words)


def _check_nothing_left(level: str, code: str, between, back: bool) -> None:
    """A place that keeps its key but lost a part is not the place it was."""
    if not back:
        return
    lost = between.filter(old_code=code, kind=KeyChange.Kind.SPLIT).exclude(new_code=code).first()
    if lost:
        raise NotTheSame(
            _("A part of %(old)s became %(new)s on %(day)s: it is no longer the same territory.")
            % {"old": code, "new": lost.new_code, "day": _day(lost)}
        )
