"""The set that map, table, legend and files all show: cut, ordered and summed."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polygons.deficits import MAPPED
from reports.explorer import spending
from reports.explorer.grains import Grain, Rows, most_common
from reports.explorer.measures import MEASURES
from reports.explorer.needs import Figures

DOTS_FROM_DEGREES = 2
Box = tuple[float, float, float, float]


class Found:
    """Rows of `grain`, with any measure's figures on demand; each is read from the database once."""

    def __init__(self, grain: Grain, rows: Rows, user: Any, year: int) -> None:
        self.grain, self.rows, self.user, self.year = grain, rows, user, year
        self._figures: dict[str, Figures] = {}

    def __len__(self) -> int:
        return len(self.rows.ids)

    # ---- Figures ---------------------------------------------------------------------------------------------------
    def figures(self, name: str) -> Figures:
        """Low, high and base of every row."""
        if name not in self._figures:
            self.read([name])
        return self._figures[name]

    def read(self, names: Iterable[str]) -> None:
        """Figures of several measures at once, in as few queries as can be."""
        wanted = [MEASURES[name] for name in names if name in MEASURES and name not in self._figures]
        needs = [measure for measure in wanted if measure.is_need]
        if needs:
            self._figures |= self.grain.needs(needs, self.rows.ids)
        for measure in wanted:
            if not measure.is_need:
                self._figures[measure.name] = self._spent(measure.name)

    @cached_property
    def _money(self) -> spending.Sums:
        return self.grain.spending(self.user, self.year, self.rows.owners)

    @cached_property
    def _ledger(self) -> spending.Sums:
        return spending.of_ledger(self.user, self.rows.owners)

    def _spent(self, name: str) -> Figures:
        sums = self._ledger if name in ("released", "proven") else self._money

        def column(key: str) -> NDArray[np.float64]:
            return np.array([float(sums[owner][key]) for owner in self.rows.owners], dtype=np.float64)

        one = np.ones(len(self))
        top, base = {
            "per_dwelling": ("approved", lambda: self.rows.sums["dwellings"]),
            "per_deprived": ("approved", self._deprived),
            "federal": ("federal", lambda: column("approved")),
            "proven": ("proven", lambda: column("released")),
        }.get(name, (name, lambda: one))
        amount = column(top)
        return np.column_stack([amount, amount, base()])

    def _deprived(self) -> NDArray[np.float64]:
        """Dwellings of a row that certainly lack the service it lacks most."""
        self.read(deficit.name for deficit in MAPPED)
        lows = [self.figures(deficit.name)[:, 0] for deficit in MAPPED]
        return np.fmax.reduce(lows)

    def values(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is certain and what is possible, in the measure's unit (shares 0 to 1); NaN where nothing is known."""
        low, high, base = self.figures(name).T
        if not MEASURES[name].is_ratio:
            return low, high
        whole = np.where(base > 0, base, np.nan)
        return low / whole, high / whole

    # ---- Cutting and ordering --------------------------------------------------------------------------------------
    def where(self, mask: NDArray[np.bool_]) -> "Found":
        if mask.all():
            return self
        kept = Found(self.grain, self.rows.where(mask), self.user, self.year)
        kept._figures = {name: figures[mask] for name, figures in self._figures.items()}
        return kept

    def between(self, name: str, least: float | None, most: float | None) -> "Found":
        """Rows of which it is certain that the measure reaches `least` and does not pass `most`."""
        if least is None and most is None:
            return self
        low, high = self.values(name)
        mask = np.ones(len(self), dtype=bool)
        with np.errstate(invalid="ignore"):
            if least is not None:
                mask &= low >= least
            if most is not None:
                mask &= high <= most
        return self.where(mask)

    def order(self, names: Sequence[str]) -> list[int]:
        """Positions ordered by columns, "-" for falling; what is not known stands last, equals stand by key."""
        order = list(range(len(self)))
        for name in reversed(names):
            order = self._by(name.lstrip("-"), name.startswith("-"), order)
        return order

    def _by(self, name: str, falls: bool, order: list[int]) -> list[int]:
        if name in MEASURES:
            column = self.values(name)[0]
        elif name in self.rows.sums:
            column = self.rows.sums[name]
        elif name == "place":
            return sorted(order, key=lambda at: self.rows.municipalities[at], reverse=falls)
        else:
            return sorted(order, key=lambda at: self.rows.names[at].casefold(), reverse=falls)
        arranged = np.array(order, dtype=int)
        keys = column[arranged]
        # NaN stands last either way.
        return [int(at) for at in arranged[np.argsort(-keys if falls else keys, kind="stable")]]

    # ---- Over all rows ---------------------------------------------------------------------------------------------
    def total(self, name: str) -> tuple[float, float, float]:
        """Sums of low, high and base; a ratio's rows count where its base is known."""
        figures = self.figures(name)
        known = figures[~np.isnan(figures).any(axis=1)]
        low, high, base = known.sum(axis=0) if len(known) else (0.0, 0.0, 0.0)
        return float(low), float(high), float(base)

    def sum_of(self, name: str) -> int:
        return int(np.nansum(self.rows.sums[name]))

    @property
    def bounds(self) -> Box | None:
        return _around(self.rows.boxes)

    @property
    def opening(self) -> Box | None:
        """Everything, or the municipality with most rows where all would be mere dots."""
        bounds = self.bounds
        if bounds is None or max(bounds[2] - bounds[0], bounds[3] - bounds[1]) < DOTS_FROM_DEGREES:
            return bounds
        place = most_common(self.rows.municipalities)
        return _around(self.rows.boxes[np.array(self.rows.municipalities) == place])


def _around(boxes: NDArray[np.float64]) -> Box | None:
    known = boxes[~np.isnan(boxes).any(axis=1)] if len(boxes) else boxes
    if not len(known):
        return None
    west, south = known[:, :2].min(axis=0)
    east, north = known[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
