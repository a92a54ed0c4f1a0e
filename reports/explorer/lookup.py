"""Finding a place by name or key, of what the reader may see, and the way there."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.gis.db.models import Extent
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from polygons.maps import written
from polygons.models import Block, City, Locality, Municipality, Polygon, PolygonVersion, State
from polygons.tiles import latest_vintage
from reports.explorer.grains import polygons_of

MOST_A_LEVEL = 5
SHORTEST = 2
# What of the explorer's address goes along to another place.
KEPT = ("grain", "colour", "against", "method", "classes", "columns", "patterns", "variable", "year")
LEVELS: dict[str, str | Promise] = {
    "state": _("State"),
    "municipality": _("Municipality"),
    "city": _("City"),
    "polygon": _("Polygon"),
    "locality": _("Locality"),
    "ageb": _("AGEB"),
    "block": _("Block"),
}


class Place(NamedTuple):
    level: str
    code: str
    name: str
    within: str

    @property
    def kind(self) -> str:
        return str(LEVELS[self.level])


def _keyed(rows: QuerySet, field: str, text: str) -> QuerySet:
    """Keys that begin with `text`; between two ends, so that an index serves whatever the collation."""
    return rows.filter(**{f"{field}__gte": text, f"{field}__lte": f"{text}ZZZ"})


def _matching(rows: QuerySet, text: str, field: str = "code") -> QuerySet:
    is_key = text[:1].isdigit()
    found = _keyed(rows, field, text.upper()) if is_key else rows.filter(name__plain__contains=text)
    return found.order_by("name", field)[:MOST_A_LEVEL]


def search(user: Any, text: str) -> Iterator[Place]:
    """At most five places a level, from the widest to the narrowest."""
    text = text.strip()
    if len(text) < SHORTEST:
        return
    for state in _matching(State.objects.visible_to(user), text):
        yield Place("state", state.code, state.name, "")
    for place in _matching(Municipality.objects.visible_to(user).select_related("state"), text):
        yield Place("municipality", place.code, place.name, place.state.name)
    for city in _matching(City.objects.visible_to(user).defer("point"), text):
        yield Place("city", city.code, city.name, "")
    named = Q(name__plain__contains=text) | Q(code__istartswith=text)
    polygons = Polygon.objects.visible_to(user).filter(named).select_related("municipality__state")
    for polygon in polygons.order_by("name", "code")[:MOST_A_LEVEL]:
        yield Place("polygon", polygon.code, polygon.name, polygon.municipality.name)
    for locality in _matching(Locality.objects.visible_to(user).select_related("municipality"), text):
        yield Place("locality", locality.code, locality.name, locality.municipality.name)
    if text[0].isdigit() and len(text) > 5:
        yield from _of_blocks(user, text.upper())


def _of_blocks(user: Any, text: str) -> Iterator[Place]:
    blocks = Block.objects.visible_to(user).filter(vintage=latest_vintage()).select_related(None)
    agebs = _keyed(blocks, "ageb_code", text[:13]).order_by("ageb_code").values_list("ageb_code", "municipality__name")
    for code, municipality in agebs.distinct()[:MOST_A_LEVEL]:
        yield Place("ageb", code, code, municipality)
    found = _keyed(blocks, "code", text).order_by("code").values_list("code", "municipality__name")
    for code, municipality in found[: MOST_A_LEVEL if len(text) > 12 else 0]:
        yield Place("block", code, code, municipality)


BLOCKS_OF = {
    "state": "municipality__state",
    "municipality": "municipality",
    "city": "city",
    "locality": "locality",
    "ageb": "ageb_code",
    "block": "code",
}


def way_to(user: Any, level: str, code: str, kept: list[tuple[str, str]]) -> str | None:
    """The explorer's query that shows the place; None where the reader sees no such place."""
    query = [(name, value) for name, value in kept if name in KEPT]
    if level == "polygon":
        rows: QuerySet = PolygonVersion.objects.visible_to(user).current().filter(polygon__code=code)
        query.append(("selected", code))
    elif level in BLOCKS_OF:
        rows = Block.objects.visible_to(user).filter(vintage=latest_vintage(), **{BLOCKS_OF[level]: code})
    else:
        return None
    extent = rows.aggregate(extent=Extent("geometry"))["extent"]
    if extent is None:
        return None
    is_narrow = level in ("ageb", "block")
    if is_narrow:
        query = [("grain", "blocks"), *((name, value) for name, value in query if name != "grain")]
    query += _filters(user, level, code, of_blocks=("grain", "blocks") in query)
    if level == "block":
        query.append(("selected", code))
    return urlencode([*query, ("bbox", written(extent))])


def _filters(user: Any, level: str, code: str, *, of_blocks: bool) -> list[tuple[str, str]]:
    """The place as filters, as far as the set has such a place."""
    if level == "polygon":
        return []
    if level == "city":
        has = of_blocks or polygons_of(user).filter(city=code).exists()
        return [("city", code)] if has else []
    municipality = code[:5]
    if level == "state" or not (of_blocks or polygons_of(user).filter(municipality=municipality).exists()):
        has = of_blocks or polygons_of(user).filter(municipality__state=code[:2]).exists()
        return [("state", code[:2])] if has and level == "state" else []
    return [("state", code[:2]), ("municipality", municipality)]
