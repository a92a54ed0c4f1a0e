"""CONAPO's marginalisation index by the method of distances (DP2), and strata after Dalenius and Hodges.

Arithmetic alone: arrays in, arrays out. Indicators are columns that grow with deprivation, units are rows. **Higher
values of the index mean less marginal.** Source: domain report, 7.5, which reproduces CONAPO's published values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Relative change of the index at which it stands still.
TOLERANCE = 1e-12
MOST_ITERATIONS = 100
# What is left of an indicator's variance beside the earlier ones, below which it is theirs entirely.
REDUNDANT = 1e-12
STRATA = 5


class Unrankable(Exception):  # noqa: N818 - a refusal, not a fault
    """No index can be made of these figures. `reason` is a word, `columns` the indicators at fault, by place."""

    def __init__(self, reason: str, columns: Sequence[int] = ()) -> None:
        self.reason, self.columns = reason, tuple(columns)
        super().__init__(reason)


@dataclass(frozen=True)
class Distance:
    """The index of every unit and what it was made with; `weights`, `reference`, `deviations` one an indicator.

    `order` holds the indicators' places as they entered; `redundant` those that earlier ones say entirely, which
    weigh nothing. `zero_deprivation` is the index of a unit that lacks nothing.
    """

    values: Numbers
    weights: Numbers
    reference: Numbers
    deviations: Numbers
    order: tuple[int, ...]
    redundant: tuple[int, ...]
    iterations: int
    zero_deprivation: float

    @property
    def normalised(self) -> Numbers:
        return self.values / self.zero_deprivation


def distance(figures: Numbers, reference: Numbers | None = None) -> Distance:
    """The index of `figures` (units × indicators) from `reference`, the worst values; theirs own where None.

    Raises Unrankable: not_finite, too_few (two units more than indicators are needed), constant (an indicator),
    reference (one that some unit surpasses), no_direction (the index itself is the same everywhere) or no_convergence.
    """
    units, indicators = figures.shape
    if not np.isfinite(figures).all():
        raise Unrankable("not_finite", np.flatnonzero(~np.isfinite(figures).all(axis=0)).tolist())
    if units < indicators + 2:
        raise Unrankable("too_few")
    worst = figures.max(axis=0)
    reference = worst if reference is None else reference
    if (reference < worst).any():
        raise Unrankable("reference", np.flatnonzero(reference < worst).tolist())
    deviations = figures.std(axis=0)
    flat = deviations <= 1e-12 * np.maximum(np.abs(figures).max(axis=0), 1)
    if flat.any():
        raise Unrankable("constant", np.flatnonzero(flat).tolist())
    distances = np.abs(figures - reference) / deviations
    standard = (figures - figures.mean(axis=0)) / deviations
    weights, order, iterations = _converge(distances, standard)
    return Distance(
        values=distances @ weights,
        weights=weights,
        reference=reference,
        deviations=deviations,
        order=tuple(order),
        redundant=tuple(np.flatnonzero(weights == 0).tolist()),
        iterations=iterations,
        zero_deprivation=float(np.abs(reference / deviations) @ weights),
    )


def _converge(distances: Numbers, standard: Numbers) -> tuple[Numbers, list[int], int]:
    """From the sum of distances (Fréchet's) to the index that orders its own indicators."""
    index = distances.sum(axis=1)
    seen: set[tuple[int, ...]] = set()
    for iteration in range(1, MOST_ITERATIONS + 1):
        order = _order(index, standard)
        weights = _weights(standard, order)
        new = distances @ weights
        if np.abs(new - index).max() <= TOLERANCE * np.abs(new).max():
            return weights, order, iteration
        # The weights follow from the order alone: one that returns without standing still goes round in a circle.
        if tuple(order) in seen:
            break
        seen.add(tuple(order))
        index = new
    raise Unrankable("no_convergence")


def _order(index: Numbers, standard: Numbers) -> list[int]:
    """Indicators by their correlation with the index, the strongest first; of equals, the first column."""
    centred = index - index.mean()
    spread = np.sqrt((centred**2).mean())
    if spread <= 1e-12 * max(np.abs(index).max(), 1):
        raise Unrankable("no_direction")
    correlations = np.abs(standard.T @ centred) / (spread * len(index))
    # Rounded, so that equal indicators do not change places by the last digit.
    return np.argsort(-correlations.round(13), kind="stable").tolist()


def _weights(standard: Numbers, order: list[int]) -> Numbers:
    """1 − R² of each indicator on those before it.

    In the QR decomposition of the ordered, standardised columns the diagonal is what each has beside the earlier ones.
    """
    remainder = np.diagonal(np.linalg.qr(standard[:, order])[1]) ** 2 / len(standard)
    remainder[remainder < REDUNDANT] = 0
    weights = np.empty(len(order))
    weights[order] = np.minimum(remainder, 1)
    return weights


@dataclass(frozen=True)
class Strata:
    """`cuts` are the upper limits of the strata from the lowest values up, the last left out.

    They are limits of some of the `classes` of equal width between the smallest and the largest value, closed at the
    right; `after` says of which (counted from 1), `frequencies` how many units each class holds.
    """

    classes: int
    frequencies: NDArray[np.int64]
    after: tuple[int, ...]
    cuts: tuple[float, ...]

    def of(self, values: Numbers) -> NDArray[np.int64]:
        """Stratum of each value: 1 is the lowest values', here the most marginal."""
        return np.searchsorted(np.array(self.cuts), values, side="left") + 1


def stratify(values: Numbers, classes: int, strata: int = STRATA) -> Strata:
    """Cuts where the cumulative root of the frequencies comes nearest to equal parts (Dalenius and Hodges, 1959).

    Raises Unrankable("strata") where the classes are too few or too empty to tell so many strata apart.
    """
    edges = edges_of(float(values.min()), float(values.max()), classes)
    places = np.minimum(np.searchsorted(edges[1:], values, side="left"), classes - 1)
    frequencies = np.bincount(places, minlength=classes)
    roots = np.sqrt(frequencies).cumsum()
    after = [int(np.abs(roots - roots[-1] * part / strata).argmin()) + 1 for part in range(1, strata)]
    counts = np.diff([0, *(frequencies.cumsum()[place - 1] for place in after), len(values)])
    if classes < strata or edges[0] == edges[-1] or (counts <= 0).any():
        raise Unrankable("strata")
    return Strata(classes, frequencies, tuple(after), tuple(float(edges[place]) for place in after))


def edges_of(lowest: float, highest: float, classes: int) -> Numbers:
    """The limits of the classes, one more than there are classes; the last is the highest value itself."""
    edges: Numbers = np.asarray(lowest + (highest - lowest) / classes * np.arange(classes + 1), dtype=np.float64)
    edges[-1] = highest
    return edges
