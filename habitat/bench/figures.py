"""Rows `figures`: an index over many places, and polygons drawn over the whole nation."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from habitat.bench import nation
from habitat.bench.frame import Bench, Row, race, timed
from polygons import services as territory
from polygons.marginalisation import distance, stratify
from reports.universe.census import MASKED

UNITS, INDICATORS = 50_000, 11
CLASSES = 600
INDEX_S, DELINEATION_S = 5.0, 15.0
# Not the method the universe's own polygons were drawn by: they are all drawn anew.
METHOD = territory.Method(vintage=MASKED, variable="any", threshold=Decimal("0.26"))


def rows(bench: Bench) -> Iterator[Row]:
    yield from index(bench)
    nation.stand_up(bench)
    yield delineation(bench)


def index(bench: Bench) -> Iterator[Row]:
    """DP2 and its strata, against one least-squares fit of the same table."""
    units = max(int(UNITS * min(bench.scale, 1)), 100)
    random = np.random.default_rng(1)
    figures = random.gamma(2.0, 12.0, (units, INDICATORS)) @ (np.eye(INDICATORS) + 0.1)
    target = figures.sum(axis=1)

    def dp2() -> None:
        stratify(distance(figures).values, CLASSES)

    ways = {
        "dp2": lambda: timed(dp2),
        "fit": lambda: timed(lambda: np.linalg.lstsq(figures, target, rcond=None)),
    }
    taken = race(ways, bench.runs)
    what = f"{units:,} units × {INDICATORS} indicators, with strata"
    ours, fit = taken["dp2"], taken["fit"]
    yield _within("DP2", what, ours.seconds, INDEX_S * units / UNITS, ours.text, bench.runs)
    yield Row(
        "DP2/fit", what, "numpy's lstsq of as many", ours.seconds / fit.seconds, value=ours.text,
        baseline_value=fit.text, runs=bench.runs,
    )  # fmt: skip


def delineation(bench: Bench) -> Row:
    """As the command does it for the whole country, matched with the polygons that stand."""
    drawn = territory.delineate(METHOD, dry_run=True)
    taken = race({"drawn": lambda: timed(lambda: territory.delineate(METHOD, dry_run=True))}, bench.runs)["drawn"]
    what = f"{drawn.blocks:,} deprived blocks of the nation into {drawn.new + drawn.redrawn} drafts"
    return _within("delineation", what, taken.seconds, DELINEATION_S * bench.scale, taken.text, bench.runs)


def _within(name: str, what: str, seconds: float, goal: float, text: str, runs: int) -> Row:
    """The goal is that of the full scale, times the scale."""
    return Row(name, what, f"{goal:.2g} s", seconds / goal, at_most=1, value=text, runs=runs)
