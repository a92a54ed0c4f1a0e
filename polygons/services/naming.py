"""Codes and names for new polygons."""

import re
from collections import defaultdict
from collections.abc import Sequence

from polygons.models import Polygon, State


def free_codes(states: Sequence[str]) -> list[str]:
    """Opaque codes "EE-NNNN", consecutive within each state; one per entry of `states`, in order.

    Call inside a transaction: the states' rows are locked, so that two runs cannot draw the same number.
    """
    list(State.objects.filter(code__in=set(states)).order_by("code").select_for_update())
    last: dict[str, int] = defaultdict(int)
    for code in Polygon.objects.filter(code__regex=r"^\d{2}-\d+$").values_list("code", flat=True):
        state, number = code.split("-")
        last[state] = max(last[state], int(number))
    codes = []
    for state in states:
        last[state] += 1
        codes.append(f"{state}-{last[state]:04d}")
    return codes


def free_names(places: Sequence[tuple[str, str]]) -> list[str]:
    """The locality's name with a number that goes on within the municipality; `places` are (municipality, name)."""
    last: dict[tuple[str, str], int] = defaultdict(int)
    known = Polygon.objects.filter(municipality__in={municipality for municipality, _name in places})
    for municipality, name in known.values_list("municipality", "name"):
        if numbered := re.fullmatch(r"(.+) (\d+)", name):
            place = (municipality, numbered[1])
            last[place] = max(last[place], int(numbered[2]))
    names = []
    for municipality, name in places:
        last[municipality, name] += 1
        names.append(f"{name[:110]} {last[municipality, name]}")
    return names
