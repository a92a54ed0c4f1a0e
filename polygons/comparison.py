"""One indicator of one place over the censuses: figures where they may be compared, and why where they may not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.contrib.gis.db.models.functions import PointOnSurface
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from polygons.concepts import INDICATOR_BY_NAME, VINTAGES, Indicator, Vintage
from polygons.models import AreaTotal, Block, CensusTotal, PolygonVersion
from polygons.territory_changes import NotTheSame, counterpart

LEVELS = ("municipality", "ageb", "polygon", "block")


@dataclass(frozen=True)
class Figure:
    """One census's figure of the place, or in `refusal` why there is none.

    `low` to `high` is what the blocks add up to; `total` is what INEGI's own total row prints, None where there is no
    row or it is masked. `base` is what shares of the blocks are taken of, `total_base` what those of the row are.
    """

    vintage: Vintage
    column: str = ""
    low: int | None = None
    high: int | None = None
    base: int | None = None
    total: int | None = None
    total_base: int | None = None
    blocks: int = 0
    masked: int = 0
    codes: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def is_known(self) -> bool:
        return not self.refusal and (self.low is not None or self.total is not None)


@dataclass
class Comparison:
    indicator: Indicator
    figures: list[Figure]
    # Sentences about the whole.
    notes: list[str] = field(default_factory=list)

    @property
    def comparable(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.is_known]


def compare(*, level: str, code: str, indicator: str, version: PolygonVersion | None = None) -> Comparison:
    """`version` is given for polygons and drawn once: its blocks at home, those that lie in it at other censuses."""
    asked = INDICATOR_BY_NAME[indicator]
    home = _home(level, code, version)
    figures = [_figure(level, code, asked, vintage, home, version) for vintage in VINTAGES]
    comparison = Comparison(asked, figures)
    if len(comparison.comparable) < 2:
        comparison.notes.append(_("There are not two censuses here whose figures may be compared."))
    elif asked.is_deficit and len({figure.vintage.denominator for figure in comparison.comparable}) > 1:
        comparison.notes.append(
            _("Each census has its own denominator, as its row says: small differences between shares mean nothing.")
        )
    return comparison


def _home(level: str, code: str, version: PolygonVersion | None) -> Vintage:
    """The newest census that knows the place; that of a polygon is its version's."""
    if version:
        years = {version.vintage}
    elif level == "block":
        years = set(Block.objects.filter(code=code).values_list("vintage", flat=True))
    else:
        years = set(CensusTotal.objects.of(level, code).values_list("vintage", flat=True))
        years |= set(AreaTotal.objects.filter(level=level, code=code).values_list("vintage", flat=True))
    known = [vintage for vintage in VINTAGES if vintage.year in years]
    return known[-1] if known else VINTAGES[-1]


def _figure(
    level: str, code: str, indicator: Indicator, vintage: Vintage, home: Vintage, version: PolygonVersion | None
) -> Figure:
    if vintage.year not in indicator.asked:
        return Figure(vintage, refusal=_another_concept(indicator, vintage))
    if version:
        return _of_polygon(version, indicator, vintage)
    codes = {code}
    if vintage is not home:
        try:
            codes = _codes_then(level, code, home, vintage)
        except NotTheSame as refusal:
            return Figure(vintage, refusal=str(refusal))
    if level == "block":
        return _of_blocks(Block.objects.filter(code__in=codes, vintage=vintage.year), indicator, vintage, codes)
    return _of_places(level, codes, indicator, vintage)


def _codes_then(level: str, code: str, home: Vintage, vintage: Vintage) -> set[str]:
    """The place's keys at `vintage`. Raises NotTheSame."""
    if level != "block":
        return set(counterpart(level, code, home, vintage).codes)
    # Blocks are renumbered at every census: each step needs its own equivalence, also where the key looks the same.
    on_the_way = VINTAGES[min(_place(home), _place(vintage)) : max(_place(home), _place(vintage)) + 1]
    road = on_the_way[::-1] if vintage.day < home.day else on_the_way
    codes = {code}
    for start, end in pairwise(road):
        steps = [counterpart(level, one, start, end) for one in codes]
        if not all(step.is_told for step in steps):
            raise NotTheSame(_renumbered(code, start, end))
        codes = set().union(*(step.codes for step in steps))
    return codes


def _place(vintage: Vintage) -> int:
    return VINTAGES.index(vintage)


def _another_concept(indicator: Indicator, vintage: Vintage) -> str:
    if indicator.name in ("water", "water_house"):
        return _(
            "The count of 2005 asked for water inside the house, the censuses of 2010 and 2020 for water in the house"
            " or on the plot: different concepts are not compared."
        )
    return _("The census of %(year)s did not ask for it.") % {"year": vintage.year}


def _renumbered(code: str, home: Vintage, vintage: Vintage) -> str:
    return _(
        "INEGI renumbers blocks between censuses, and it has given no equivalence of %(code)s between %(home)s and"
        " %(year)s: the same key may be another block. Compare its AGEB instead."
    ) % {"code": code, "home": home.year, "year": vintage.year}


def _nothing(vintage: Vintage) -> Figure:
    return Figure(vintage, refusal=_("Nothing of this place has been imported for %(year)s.") % {"year": vintage.year})


def _ends(indicator: Indicator) -> tuple[str, str]:
    return (f"{indicator.name}_low", f"{indicator.name}_high") if indicator.is_deficit else (indicator.count,) * 2


def _of_places(level: str, codes: set[str], indicator: Indicator, vintage: Vintage) -> Figure:
    low, high = _ends(indicator)
    names = dict.fromkeys((low, high, "base", "block_count", "masked_blocks"))
    sums = AreaTotal.objects.filter(level=level, code__in=codes, vintage=vintage.year).aggregate(
        **{f"of_{name}": Sum(name) for name in names}
    )
    rows = list(
        CensusTotal.objects.filter(level=level, code__in=codes, vintage=vintage.year).values_list(
            indicator.count, "known_dwellings"
        )
    )
    if not rows and sums["of_block_count"] is None:
        return _nothing(vintage)
    return Figure(
        vintage,
        column=vintage.column(indicator.count),
        low=sums[f"of_{low}"],
        high=sums[f"of_{high}"],
        base=sums["of_base"],
        total=_whole(value for value, _base in rows) if len(rows) == len(codes) else None,
        total_base=_whole(base for _value, base in rows) if len(rows) == len(codes) else None,
        blocks=sums["of_block_count"] or 0,
        masked=sums["of_masked_blocks"] or 0,
        codes=tuple(sorted(codes)),
    )


def _whole(values: Iterable[int | None]) -> int | None:
    """The sum, None where one of them is not known."""
    listed = list(values)
    return None if not listed or None in listed else sum(value for value in listed if value is not None)


def _of_blocks(blocks: Any, indicator: Indicator, vintage: Vintage, codes: Iterable[str] = ()) -> Figure:
    low, high = _ends(indicator)
    sums = blocks.aggregate(
        rows=Count("pk"),
        low=Sum(low),
        high=Sum(high),
        bases=Sum(F("base")),
        masked=Count("pk", filter=Q(**{f"{indicator.count}__isnull": True})),
    )
    if not sums["rows"]:
        return _nothing(vintage)
    return Figure(
        vintage,
        column=vintage.column(indicator.count),
        low=sums["low"],
        high=sums["high"],
        base=sums["bases"],
        blocks=sums["rows"],
        masked=sums["masked"],
        codes=tuple(sorted(codes)),
    )


def _of_polygon(version: PolygonVersion, indicator: Indicator, vintage: Vintage) -> Figure:
    if vintage.year == version.vintage:
        return _of_blocks(version.blocks.all(), indicator, vintage)
    # By place, never by key: a point of the block lies inside the outline.
    near = Block.objects.filter(vintage=vintage.year, geometry__bboverlaps=version.geometry)
    inside = near.annotate(point=PointOnSurface("geometry")).filter(point__within=version.geometry)
    return _of_blocks(inside, indicator, vintage)
