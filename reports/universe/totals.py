"""How much of everything the synthetic nation holds, and how a total is handed out to the unit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

STATES = 32
CITIES = 384
# Where the universe is small there are fewer cities, of so many blocks on average at least.
SMALLEST_CITY = 20


@dataclass(frozen=True)
class Totals:
    """One home is one dwelling of known characteristics, so that shares of homes and of dwellings are the same.

    `water_house` (inside the house, the question of 2005), `drainage` and `electricity` are 28 %, 3.5 % and 0.7 % of
    the homes. `water` (house or plot, the question since 2010), `floor` and `poor` are ours: 16 %, 5 % and 40 %.
    """

    cities: int
    blocks: int
    homes: int
    water_house: int
    water: int
    drainage: int
    electricity: int
    floor: int
    poor: int


def totals(scale: float = 1.0) -> Totals:
    """Raises ValueError where so little is asked for that not every service is lacked by somebody."""
    blocks = round(296_043 * scale)
    homes = round(6_700_000 * scale)
    if blocks < 500:
        raise ValueError("a universe needs at least 500 blocks: a scale of 0.002")
    return Totals(
        cities=min(CITIES, blocks // SMALLEST_CITY),
        blocks=blocks,
        homes=homes,
        water_house=round(homes * 0.28),
        water=round(homes * 0.16),
        drainage=round(homes * 0.035),
        electricity=round(homes * 0.007),
        floor=round(homes * 0.05),
        poor=round(homes * 0.40),
    )


def hand_out(weights: Any, total: int, at_most: Any = None) -> Whole:
    """Whole shares of exactly `total`, as near to the weights as whole numbers get, none above its limit.

    Raises ValueError where the limits do not hold so many.
    """
    weights = np.asarray(weights, dtype=float)
    limits = np.full(len(weights), total) if at_most is None else np.asarray(at_most)
    limits = np.where(weights > 0, limits, 0).astype(np.int64)
    if limits.sum() < total:
        raise ValueError(f"no room for {total} in {limits.sum()}")
    exact = np.minimum(_factor(weights, limits, total) * weights, limits)
    shares = np.floor(exact).astype(np.int64)
    # The largest remainders get the units left over; where rounding up meets limits, those with room get more.
    while rest := int(total - shares.sum()):
        room = np.flatnonzero(shares < limits)
        shares[room[np.argsort(shares[room] - exact[room], kind="stable")[:rest]]] += 1
    return shares


def _factor(weights: Real, limits: Whole, total: int) -> float:
    """What the weights are multiplied by so that, cut off at the limits, they add up to the total."""
    low, high = 0.0, 1.0
    while np.minimum(high * weights, limits).sum() < total and high < 1e12:
        high *= 2
    for _turn in range(80):
        middle = (low + high) / 2
        if np.minimum(middle * weights, limits).sum() < total:
            low = middle
        else:
            high = middle
    return low
