"""Classes for maps: where a row of numbers is cut, and which class each number falls into.

A class reaches from above the limit before it up to its own limit, which belongs to it; the first class begins with
the smallest value. Limits rise strictly, so that few distinct values give fewer classes than asked.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
FEWEST, MOST = 3, 7
# Fisher's search takes a square table: this many values at most, quantiles of the whole where there are more.
SEARCHED = 800
# Classes of equal width that Dalenius and Hodges start from.
STEPS = 50


def _quantiles(values: Numbers, count: int) -> Numbers:
    return np.quantile(values, np.arange(1, count) / count, method="inverted_cdf")


def _equal(values: Numbers, count: int) -> Numbers:
    return np.linspace(values.min(), values.max(), count + 1)[1:-1]


def _natural(values: Numbers, count: int) -> Numbers:
    """Fisher's exact optimum: the least sum of squares within classes (Fisher 1958; known as Jenks' breaks)."""
    if len(values) > SEARCHED:
        values = np.quantile(values, np.linspace(0, 1, SEARCHED), method="inverted_cdf")
    points, weights = np.unique(values, return_counts=True)
    if len(points) <= count:
        return points[:-1]
    size = len(points)
    sums = [np.concatenate([[0.0], np.cumsum(weights * points**power)]) for power in (0, 1, 2)]
    # spread[i, j]: squares within a class of points i to j.
    number, total, squares = (s[None, 1:] - s[:-1, None] for s in sums)
    inside = np.triu(np.ones((size, size), dtype=bool))
    spread = np.where(inside, squares - total**2 / np.where(inside, number, 1), np.inf)
    best = spread[0]
    first_of_last = []
    for _ in range(count - 1):
        # A class that begins at i follows the best division of the points before i.
        before = np.concatenate([[np.inf], best[:-1]])
        candidates = before[:, None] + spread
        first_of_last.append(candidates.argmin(axis=0))
        best = candidates.min(axis=0)
    cuts, end = [], size - 1
    for starts in reversed(first_of_last):
        start = int(starts[end])
        cuts.append(points[start - 1])
        end = start - 1
    return np.array(cuts[::-1])


def _strata(values: Numbers, count: int) -> Numbers:
    """Dalenius and Hodges (1959): cut where the cumulative root of the frequencies is nearest to equal parts."""
    frequencies, edges = np.histogram(values, bins=STEPS)
    cumulative = np.cumsum(np.sqrt(frequencies))
    goals = cumulative[-1] * np.arange(1, count) / count
    nearest = np.abs(cumulative[None, :] - goals[:, None]).argmin(axis=1)
    return edges[nearest + 1]


METHODS: dict[str, Callable[[Numbers, int], Numbers]] = {
    "quantile": _quantiles,
    "equal": _equal,
    "natural": _natural,
    "strata": _strata,
}


def limits_of(values: Sequence[float] | Numbers, method: str, count: int) -> list[float]:
    """Upper limits of all classes but the last; empty where all values are alike or there are none.

    Raises ValueError on a value that is no number.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("values to classify must be finite")
    if numbers.size == 0 or numbers.min() == numbers.max():
        return []
    cuts = np.unique(METHODS[method](numbers, count))
    return [float(cut) for cut in cuts if numbers.min() <= cut < numbers.max()]


def class_of(values: Sequence[float] | Numbers, limits: Sequence[float]) -> NDArray[np.intp]:
    """Number of each value's class, from 0."""
    return np.searchsorted(np.asarray(limits, dtype=np.float64), np.asarray(values, dtype=np.float64), side="left")
