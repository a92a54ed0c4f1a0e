"""What does not resolve: blocks, outlines, AGEBs, localities and polygons that lack a part of their place, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Left
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from polygons.models import AreaTotal, Block, CensusTotal, Locality, Municipality, Polygon, UnmatchedShape

# What every list gives, whatever it is about.
COLUMNS = ("code", "about", "place", "place_name", "vintage")


@dataclass(frozen=True)
class Orphans:
    """One kind of orphan. `find` gives `code`, `about` (a name), `place` (municipality), `place_name`, `vintage`."""

    name: str
    # Of what the code is the key: for its link.
    level: str
    label: Promise
    why: Promise
    find: Callable[[Any], QuerySet]


TEXT, NUMBER = CharField(), IntegerField()
NO_TEXT, NO_YEAR = Value("", TEXT), Value(None, NUMBER)


def _blocks(user: Any, **lacks: Any) -> QuerySet:
    rows = Block.objects.visible_to(user).filter(**lacks)
    return rows.annotate(about=F("locality__name"), place=F("municipality_id"), place_name=F("municipality__name"))


def _by_key(rows: QuerySet, user: Any) -> QuerySet:
    """Rows without a municipality of their own: their key begins with it."""
    rows = rows.annotate(place=Left("code", 5))
    if user.is_authenticated and not user.sees_the_nation:
        rows = rows.filter(place__in=user.municipalities().values("pk"))
    name = Municipality.objects.filter(pk=OuterRef("place")).values("name")
    return rows.annotate(place_name=name[:1])


def _shapes(user: Any) -> QuerySet:
    return _by_key(UnmatchedShape.objects.defer("geometry").annotate(about=NO_TEXT), user)


def _agebs_without_row(user: Any) -> QuerySet:
    row = CensusTotal.objects.filter(level="ageb", code=OuterRef("code"), vintage=OuterRef("vintage"))
    sums = AreaTotal.objects.filter(~Exists(row), level="ageb").annotate(about=NO_TEXT)
    return _by_key(sums, user)


def _agebs_without_blocks(user: Any) -> QuerySet:
    sums = AreaTotal.objects.filter(level="ageb", code=OuterRef("code"), vintage=OuterRef("vintage"))
    return _by_key(CensusTotal.objects.filter(~Exists(sums), level="ageb").annotate(about=NO_TEXT), user)


def _localities(user: Any) -> QuerySet:
    rows = Locality.objects.visible_to(user)
    return rows.annotate(
        about=F("name"), place=F("municipality_id"), place_name=F("municipality__name"), vintage=NO_YEAR
    )


def _localities_without_row(user: Any) -> QuerySet:
    return _localities(user).filter(~Exists(CensusTotal.objects.filter(level="locality", code=OuterRef("code"))))


def _localities_without_city(user: Any) -> QuerySet:
    in_zone = Q(municipality__metropolitan_zones__isnull=False)
    return _localities(user).filter(cities=None).exclude(in_zone)


def _polygons(user: Any) -> QuerySet:
    rows = Polygon.objects.visible_to(user)
    return rows.annotate(
        about=F("name"), place=F("municipality_id"), place_name=F("municipality__name"), vintage=NO_YEAR
    )


def _polygons_with_bare_blocks(user: Any) -> QuerySet:
    bare = Block.objects.filter(
        geometry=None, polygon_versions__polygon=OuterRef("pk"), polygon_versions__status="published"
    )
    return _polygons(user).filter(Exists(bare))


ORPHANS = (
    Orphans(
        "blocks-without-outline",
        "block",
        _("Blocks without an outline"),
        _("The census has a row, but no file of outlines has its key: often the outlines are older than the census."),
        lambda user: _blocks(user, geometry=None),
    ),
    Orphans(
        "outlines-without-row",
        "",
        _("Outlines without a census row"),
        _("A file of outlines has the key, but the census of that year has no such block: it waits for one."),
        _shapes,
    ),
    Orphans(
        "blocks-without-city",
        "block",
        _("Blocks in no city"),
        _("Their locality and municipality belong to no city of the National Urban System of 2012."),
        lambda user: _blocks(user, city=None),
    ),
    Orphans(
        "blocks-without-locality",
        "block",
        _("Blocks without a locality"),
        _("The first nine digits of the key are of no locality that is known."),
        lambda user: _blocks(user, locality=None),
    ),
    Orphans(
        "agebs-without-row",
        "ageb",
        _("AGEBs without a total row"),
        _("Blocks have the key, but the census file has no total row: what their masks hide cannot be recovered."),
        _agebs_without_row,
    ),
    Orphans(
        "agebs-without-blocks",
        "ageb",
        _("AGEBs without blocks"),
        _("The census file has a total row, but no block has come in."),
        _agebs_without_blocks,
    ),
    Orphans(
        "localities-without-row",
        "locality",
        _("Localities without a census row"),
        _("Known from the urban system alone, or the census file of their state has not come in."),
        _localities_without_row,
    ),
    Orphans(
        "localities-without-city",
        "locality",
        _("Localities in no city"),
        _("Neither they nor their municipality are in a city of the National Urban System of 2012."),
        _localities_without_city,
    ),
    Orphans(
        "polygons-without-city",
        "polygon",
        _("Habitat Polygons in no city"),
        _("Their blocks lie in no city of the National Urban System of 2012, which the rules ask for."),
        lambda user: _polygons(user).filter(city=None),
    ),
    Orphans(
        "polygons-with-bare-blocks",
        "polygon",
        _("Habitat Polygons with blocks without an outline"),
        _("Members that no outline is known of count in the figures, but are not in the drawing."),
        _polygons_with_bare_blocks,
    ),
)
ORPHANS_BY_NAME = {kind.name: kind for kind in ORPHANS}


def found(kind: Orphans, user: Any, state: str = "") -> QuerySet:
    """The orphans of one kind in the reader's territory, perhaps of one state only, in the order of their keys."""
    rows = kind.find(user)
    if state:
        rows = rows.filter(place__startswith=state)
    return rows.order_by("code").values(*COLUMNS)
