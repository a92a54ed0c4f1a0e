"""Places a reader can choose in the explorer."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from modalities.models import FiscalYear
from polygons.models import Block, City, Municipality, State
from reports.explorer.grains import POLYGONS, Grain, polygons_of

# So many names in a list still help; beyond that a state is chosen first.
HELPFUL = 150


def _municipalities(user: Any, grain: Grain) -> QuerySet[Municipality]:
    if grain is POLYGONS:
        return Municipality.objects.filter(pk__in=polygons_of(user).values("municipality"))
    return Municipality.objects.visible_to(user).filter(Exists(Block.objects.filter(municipality=OuterRef("pk"))))


def states(user: Any, grain: Grain) -> QuerySet[State]:
    return State.objects.filter(Exists(_municipalities(user, grain).filter(state=OuterRef("pk"))))


def municipalities(user: Any, grain: Grain, asked: dict[str, str]) -> QuerySet[Municipality]:
    """Those of the chosen state, or all of them where they are few."""
    found = _municipalities(user, grain).order_by("name")
    state = asked["state"] or asked["municipality"][:2]
    if state:
        return found.filter(state=state)
    few = found.values("pk")[:HELPFUL]
    return found if len(few) < HELPFUL else found.none()


def cities(user: Any, grain: Grain, state: str) -> QuerySet[City]:
    if grain is POLYGONS:
        seen = polygons_of(user).filter(municipality__state=state) if state else polygons_of(user)
        found = City.objects.filter(pk__in=seen.values("city"))
    else:
        found = City.objects.visible_to(user).filter(Exists(Block.objects.filter(city=OuterRef("pk"))))
        if state:
            found = found.filter(Exists(Block.objects.filter(city=OuterRef("pk"), municipality__state=state)))
    return found.defer("point").order_by("name")


def years() -> list[int]:
    return list(FiscalYear.objects.order_by("-year").values_list("year", flat=True))
