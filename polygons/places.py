"""A place by its key: who it is, what it is part of and made of, and what each census says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from polygons.concepts import INDICATORS, VINTAGE_BY_YEAR, Indicator, Vintage
from polygons.models import (
    AreaTotal,
    Block,
    CensusTotal,
    City,
    ContextIndicator,
    HouseholdPoverty,
    KeyChange,
    Level,
    Locality,
    Municipality,
    Polygon,
    PolygonVersion,
    State,
)

# Level -> how long its key is, from the widest place to the smallest.
LENGTHS = {"state": 2, "municipality": 5, "locality": 9, "ageb": 13, "block": 16}
BELOW = {"state": "municipality", "municipality": "locality", "locality": "ageb", "ageb": "block"}


@dataclass(frozen=True)
class Place:
    level: str
    code: str
    name: str
    # Level and key -> name, from the state down.
    parents: tuple[tuple[str, str, str], ...]
    # Several only for a municipality that is in no metropolitan zone: the cities of its localities.
    cities: Sequence[City] = ()

    @property
    def level_name(self) -> str:
        return str(Level(self.level).label)

    @property
    def below(self) -> str:
        return BELOW.get(self.level, "")

    @property
    def municipality(self) -> str:
        return self.code[:5] if len(self.code) >= 5 else ""


@dataclass(frozen=True)
class Counted:
    """What the blocks add up to, as a range, beside what the place's own row of the census prints.

    `missing` is "*" or "N/D" where the row has no figure.
    """

    indicator: Indicator
    column: str
    low: int | None
    high: int | None
    base: int | None
    total: int | None
    total_base: int | None
    missing: str = ""

    @property
    def is_recovered(self) -> bool:
        """The row gives what the blocks hide."""
        return self.total is not None and self.low is not None and self.low < self.total


def find(user: Any, level: str, code: str) -> Place | None:
    """None where there is no such place or it is outside the reader's territory."""
    if len(code) != LENGTHS[level]:
        return None
    name = _name(user, level, code)
    if name is None:
        return None
    wider = [above for above, length in LENGTHS.items() if length < LENGTHS[level]]
    names = {
        "state": dict(State.objects.filter(pk=code[:2]).values_list("pk", "name")),
        "municipality": dict(Municipality.objects.filter(pk=code[:5]).values_list("pk", "name")),
        "locality": dict(Locality.objects.filter(pk=code[:9]).values_list("pk", "name")),
    }
    parents = tuple((above, key := code[: LENGTHS[above]], names.get(above, {}).get(key, key)) for above in wider)
    return Place(level, code, name, parents, _cities(level, code))


def _name(user: Any, level: str, code: str) -> str | None:
    """The place's name, its key where it has none; None where the reader finds nothing."""
    if level == "state":
        return State.objects.visible_to(user).filter(pk=code).values_list("name", flat=True).first()
    if level == "municipality":
        return Municipality.objects.visible_to(user).filter(pk=code).values_list("name", flat=True).first()
    if level == "locality":
        return Locality.objects.visible_to(user).filter(pk=code).values_list("name", flat=True).first()
    if not Municipality.objects.visible_to(user).filter(pk=code[:5]).exists():
        return None
    if level == "block":
        return code if Block.objects.filter(code=code).exists() else None
    rows = CensusTotal.objects.of("ageb", code), AreaTotal.objects.filter(level="ageb", code=code)
    return code if any(found.exists() for found in rows) else None


def _cities(level: str, code: str) -> list[City]:
    if level == "state":
        return []
    # A metropolitan zone comes first, as for its blocks.
    if zone := list(City.objects.filter(municipalities=code[:5]).defer("point")[:1]):
        return zone
    inside = {"localities__municipality": code} if level == "municipality" else {"localities": code[:9]}
    pks = City.objects.filter(**inside).values("pk")
    return list(City.objects.filter(pk__in=pks).defer("point").order_by("name"))


def vintages_of(place: Place) -> list[Vintage]:
    """The censuses that know the place, the newest first."""
    if place.level == "block":
        years = set(Block.objects.filter(code=place.code).values_list("vintage", flat=True))
    else:
        years = set(CensusTotal.objects.of(place.level, place.code).values_list("vintage", flat=True))
        years |= set(AreaTotal.objects.filter(level=place.level, code=place.code).values_list("vintage", flat=True))
    return [VINTAGE_BY_YEAR[year] for year in sorted(years, reverse=True) if year in VINTAGE_BY_YEAR]


def sums_of(place: Place, vintage: Vintage) -> Block | AreaTotal | None:
    """The block itself, or what the place's blocks add up to."""
    if place.level == "block":
        found = Block.objects.filter(code=place.code, vintage=vintage.year).defer("geometry", "mercator")
        return found.select_related("city", "locality").first()
    return AreaTotal.objects.filter(level=place.level, code=place.code, vintage=vintage.year).first()


def row_of(place: Place, vintage: Vintage) -> CensusTotal | None:
    return CensusTotal.objects.of(place.level, place.code).filter(vintage=vintage.year).first()


def counts_of(place: Place, vintage: Vintage, sums: Any, row: CensusTotal | None) -> list[Counted]:
    """Each indicator that the census asked for, with its column and concept."""
    counts = []
    for indicator in INDICATORS:
        if vintage.year not in indicator.asked:
            continue
        low, high = (indicator.count,) * 2
        if indicator.is_deficit:
            low, high = f"{indicator.name}_low", f"{indicator.name}_high"
        printed = sums if place.level == "block" else row
        counts.append(
            Counted(
                indicator,
                vintage.column(indicator.count),
                getattr(sums, low, None),
                getattr(sums, high, None),
                getattr(sums, "base", None),
                getattr(printed, indicator.count, None),
                getattr(printed, "known_dwellings", None),
                printed.missing.get(indicator.count, "") if printed else "",
            )
        )
    return counts


def children_of(place: Place, vintage: Vintage | None) -> QuerySet | None:
    """The places right below with their sums; blocks are rows of their own. None where nothing is below."""
    if not place.below or vintage is None:
        return None
    if place.below == "block":
        return (
            Block.objects.filter(ageb_code=place.code, vintage=vintage.year)
            .order_by("code")
            .defer("geometry", "mercator")
        )
    return AreaTotal.objects.filter(level=place.below, vintage=vintage.year, code__startswith=place.code).order_by(
        "code"
    )


def polygons_of(place: Place, user: Any) -> QuerySet:
    """Habitat Polygons that have a block of the place."""
    rows = Polygon.objects.visible_to(user)
    if place.level in ("state", "municipality"):
        return rows.filter(municipality__in=Municipality.objects.filter(pk__startswith=place.code))
    member = {"locality": "locality", "ageb": "ageb_code", "block": "code"}[place.level]
    blocks = Block.objects.filter(**{member: place.code})
    return rows.filter(versions__status="published", versions__blocks__in=blocks).distinct()


def changes_of(place: Place) -> QuerySet[KeyChange]:
    return KeyChange.objects.filter(Q(old_code=place.code) | Q(new_code=place.code), level=place.level)


def poverty_of(place: Place, vintage: Vintage) -> HouseholdPoverty | None:
    """The estimate of one block, with its method and source."""
    if place.level != "block":
        return None
    return HouseholdPoverty.objects.filter(code=place.code, vintage=vintage.year).first()


@dataclass(frozen=True)
class AgebOfPolygon:
    """An AGEB that a polygon takes blocks of; `sums` are over all its blocks, `row` is INEGI's total row."""

    code: str
    members: int
    sums: AreaTotal | None
    row: CensusTotal | None


def agebs_of(version: PolygonVersion) -> list[AgebOfPolygon]:
    """By key, with how many of the version's blocks lie in each."""
    counted = version.blocks.order_by("ageb_code").values_list("ageb_code").annotate(Count("pk"))
    members = dict(counted)
    of_agebs = {"level": "ageb", "vintage": version.vintage, "code__in": members}
    sums = {total.code: total for total in AreaTotal.objects.filter(**of_agebs)}
    rows = {row.code: row for row in CensusTotal.objects.filter(**of_agebs)}
    return [AgebOfPolygon(code, count, sums.get(code), rows.get(code)) for code, count in members.items()]


def poverty_sources(version: PolygonVersion) -> list[tuple[str, str]]:
    """Method and source of the estimates of its blocks."""
    codes = version.blocks.values("code")
    found = HouseholdPoverty.objects.filter(vintage=version.vintage, code__in=codes).order_by("method", "source")
    return list(found.values_list("method", "source").distinct())


def context_of(user: Any, level: str, code: str, municipality: str) -> QuerySet[ContextIndicator]:
    """Dated figures of the place itself and of the municipality and state it lies in, for this reader."""
    here = Q(level=level, code=code)
    if municipality and level != "municipality":
        here |= Q(level="municipality", code=municipality)
    if level != "state":
        here |= Q(level="state", code=municipality[:2])
    return ContextIndicator.objects.visible_to(user).filter(here).order_by("concept", "name", "-on")
