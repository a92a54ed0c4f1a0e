"""Classes of the set shown, for the map and its legend: one measure, or need against spending in nine classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from habitat.lib.classes import class_of, limits_of
from polygons.deficits import MAPPED
from polygons.models import MarginalisationScore
from reports.explorer.found import Found
from reports.explorer.grains import POLYGONS
from reports.explorer.measures import Measure, Unit

UNKNOWN = -1
SIDE = 3
GRADES = [1.0, 2.0, 3.0, 4.0]


@dataclass(frozen=True)
class Classes:
    """`of` is each row's class from the smallest value up, UNKNOWN where none is certain enough.

    `is_open` marks rows whose possible value lies in a higher class than the certain one.
    """

    measure: Measure
    limits: list[float]
    ends: tuple[float, float] | None
    of: NDArray[np.intp]
    is_open: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return len(self.limits) + 1

    def shade(self, number: int) -> int:
        """From 0, palest; the worse end of a need is always the strongest."""
        return number if self.measure.is_worse_high else self.count - 1 - number


def classify(found: Found, measure: Measure, method: str, count: int) -> Classes:
    """Limits come from what is certain. A row whose certain value is nothing and whose possible one is more than the
    first class has no class: confidential is not zero.
    """
    low, high = found.values(measure.name)
    known = ~np.isnan(low) & ~np.isnan(high)
    sure = known & ((low > 0) | (high <= low))
    limits = GRADES if measure.unit is Unit.GRADE else _limits(low[sure], method, count)
    of, of_high = class_of(np.where(known, low, 0), limits), class_of(np.where(known, high, 0), limits)
    is_open = known & (of_high > of)
    unknown = ~known | ~sure & (is_open | (not limits))
    ends = (float(low[sure].min()), float(low[sure].max())) if sure.any() else None
    return Classes(measure, limits, ends, np.where(unknown, UNKNOWN, of), is_open & ~unknown)


def _limits(values: NDArray[np.float64], method: str, count: int) -> list[float]:
    zeros = values <= 0
    if method == "quantile" and zeros.sum() * count > len(values):
        # Where many have nothing, nothing is a class of its own and the others share the rest.
        return [0.0, *limits_of(values[~zeros], method, count - 1)] if not zeros.all() else []
    return limits_of(values, method, count)


# ---- Words -----------------------------------------------------------------------------------------------------------
def scale_of(measure: Measure, greatest: float) -> tuple[float, str]:
    """What to multiply by, and the unit's name."""
    if measure.unit is Unit.SHARE:
        return 100.0, "%"
    if measure.unit in (Unit.PESOS, Unit.PESOS_EACH):
        if greatest >= 1_000_000:
            return 1e-6, _("millions of pesos")
        return (1e-3, _("thousands of pesos")) if greatest >= 10_000 else (1.0, _("pesos"))
    return 1.0, ""


def _decimals(numbers: Sequence[float]) -> int:
    """As few as keep neighbours apart."""
    for decimals in range(4):
        if len({round(number, decimals) for number in numbers}) == len(set(numbers)):
            return decimals
    return 4


def labels_of(classes: Classes) -> tuple[list[str], str]:
    """From-to of each class, and the unit they are in."""
    if classes.measure.unit is Unit.GRADE:
        return [str(label) for label in MarginalisationScore.Grade.labels], ""
    if classes.ends is None:
        return [], ""
    scale, unit = scale_of(classes.measure, classes.ends[1])
    edges = [edge * scale for edge in (classes.ends[0], *classes.limits, classes.ends[1])]
    decimals = _decimals(edges)
    texts = [number_format(round(edge, decimals), decimals, force_grouping=True) for edge in edges]
    return [low if low == high else f"{low}–{high}" for low, high in pairwise(texts)], unit


def legend_of(classes: Classes) -> dict[str, Any]:
    """Rows from the palest to the strongest with shade, words and number of members; how many are unknown and open."""
    labels, unit = labels_of(classes)
    rows = [
        {"shade": classes.shade(number) + 1, "label": label, "count": int((classes.of == number).sum())}
        for number, label in enumerate(labels)
    ]
    return {
        "title": classes.measure.label,
        "unit": unit,
        "rows": sorted(rows, key=lambda row: row["shade"]),
        "unknown": int((classes.of == UNKNOWN).sum()),
        "open": int(classes.is_open.sum()),
        "ramp": "need" if classes.measure.is_need else "spend",
        "shades": max(3, classes.count),
        "is_turned": not classes.measure.is_worse_high,
    }


# ---- Two at once -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pair:
    """Need by spending, three classes each; `of` is 3 × need + spending, UNKNOWN where the need is."""

    need: Classes
    spent: Classes
    of: NDArray[np.intp]


def pair_of(found: Found, need: Measure, spent: Measure, method: str) -> Pair:
    first, second = (classify(found, measure, method, SIDE) for measure in (need, spent))
    row = np.where(first.of == UNKNOWN, 0, first.of)
    if not need.is_worse_high:
        row = first.count - 1 - row
    # Five published grades make three: very low and low, medium, high and very high.
    row = np.where(row >= SIDE, SIDE - 1, row) if first.count <= SIDE else (row * SIDE) // first.count
    # A ratio without base, such as pesos per dwelling where nobody lives, has spent nothing.
    column = np.minimum(np.where(second.of == UNKNOWN, 0, second.of), SIDE - 1)
    return Pair(first, second, np.where(first.of == UNKNOWN, UNKNOWN, SIDE * row + column))


def pair_legend(pair: Pair) -> dict[str, Any]:
    need, spent = legend_of(pair.need), legend_of(pair.spent)
    grid = [
        [
            {"shade": SIDE * row + column + 1, "count": int((pair.of == SIDE * row + column).sum())}
            for column in range(SIDE)
        ]
        for row in reversed(range(SIDE))
    ]
    return {
        "need": need,
        "spent": spent,
        "grid": grid,
        "unknown": int((pair.of == UNKNOWN).sum()),
        "ramp": "pair",
        "shades": SIDE * SIDE,
    }


# ---- For the map -----------------------------------------------------------------------------------------------------
def _packed(found: Found, mask: NDArray[np.bool_]) -> Any:
    """Codes of the rows; of blocks as AGEB key → the last three digits, one behind the other."""
    codes = [found.rows.codes[at] for at in np.flatnonzero(mask)]
    if found.grain is POLYGONS:
        return codes
    packed: dict[str, str] = {}
    for code in codes:
        packed[code[:13]] = packed.get(code[:13], "") + code[13:]
    return packed


def for_map(found: Found, classes: Classes | Pair) -> dict[str, Any]:
    """Which codes have which shade. Blocks under polygons take the same limits where the tiles carry the figures."""
    of = classes.of
    if isinstance(classes, Pair):
        shades = [_packed(found, of == number) for number in range(SIDE * SIDE)]
        return {"shades": shades, "unknown": _packed(found, of == UNKNOWN), "open": [], "blocks": None}
    by_shade = sorted(range(classes.count), key=classes.shade)
    is_mapped = found.grain is POLYGONS and classes.measure.name in {deficit.name for deficit in MAPPED}
    return {
        "shades": [_packed(found, of == number) for number in by_shade],
        "unknown": _packed(found, of == UNKNOWN),
        "open": _packed(found, classes.is_open),
        "blocks": {"variable": classes.measure.name, "limits": classes.limits} if is_mapped else None,
    }
