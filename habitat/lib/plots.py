"""Distributions as figures on a drawing board: a histogram with its cuts, a curve of shares. See `habitat.lib.charts`.

SVG user units, origin at the upper left; lengths and light colours are attributes, classes bring the theme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import number_format

from habitat.lib.charts import Number, Text, nice_ceiling


def _at(value: float) -> str:
    return f"{value:.1f}"


class _Plot:
    width, height = 560, 250
    left, right, ceiling, bottom = 56, 546, 26, 216

    def _x(self, share: float) -> float:
        return self.left + (self.right - self.left) * share

    def _y(self, share: float) -> float:
        return self.bottom - (self.bottom - self.ceiling) * share


@dataclass(frozen=True)
class Histogram(_Plot):
    """How many units lie in each class of equal width from `lowest` to `highest`; `cuts` part the `strata` named."""

    title: Text
    frequencies: Sequence[int]
    lowest: float
    highest: float
    cuts: Sequence[float] = ()
    strata: Sequence[Text] = ()
    decimals: int = 1

    @cached_property
    def top(self) -> float:
        return nice_ceiling(max(self.frequencies, default=0))

    def _share(self, value: float) -> float:
        return (value - self.lowest) / ((self.highest - self.lowest) or 1)

    @property
    def bars(self) -> list[dict[str, str]]:
        count = len(self.frequencies)
        return [
            {
                "x": _at(self._x(place / count) + 0.5),
                "width": _at(max(self._x(1 / count) - self.left - 1, 0.5)),
                "y": _at(self._y(held / self.top)),
                "height": _at(self.bottom - self._y(held / self.top)),
            }
            for place, held in enumerate(self.frequencies)
            if held
        ]

    @property
    def marks(self) -> list[dict[str, str]]:
        return [{"x": _at(self._x(self._share(cut)))} for cut in self.cuts]

    @property
    def names(self) -> list[dict[str, object]]:
        """The strata's names over their part, where there is room for a word."""
        edges = [0.0, *(self._share(cut) for cut in self.cuts), 1.0]
        places = zip(self.strata, edges, edges[1:], strict=False)
        return [
            {"x": _at(self._x((start + end) / 2)), "text": name}
            for name, start, end in places
            if (end - start) * (self.right - self.left) > 7 * len(str(name))
        ]

    @property
    def x_ticks(self) -> list[dict[str, str]]:
        return [
            {"x": _at(self._x(step / 4)), "text": self._written(self.lowest + (self.highest - self.lowest) * step / 4)}
            for step in range(5)
        ]

    @property
    def y_ticks(self) -> list[dict[str, object]]:
        return [
            {"y": _at(self._y(step / 2)), "text": number_format(self.top * step / 2, 0, force_grouping=True)}
            for step in range(3)
        ]

    def _written(self, value: float) -> str:
        return number_format(round(value, self.decimals), self.decimals, force_grouping=True)

    @property
    def table(self) -> list[tuple[str, str, int]]:
        """From, to, how many: the table twin."""
        width = (self.highest - self.lowest) / (len(self.frequencies) or 1)
        return [
            (self._written(self.lowest + place * width), self._written(self.lowest + (place + 1) * width), held)
            for place, held in enumerate(self.frequencies)
        ]


@dataclass(frozen=True)
class Curve(_Plot):
    """What share of one thing (`points` y, 0 to 1) the first share of another (x) holds; the diagonal is equality."""

    title: Text
    points: Sequence[tuple[float, float]]
    x_label: Text
    y_label: Text

    width, height = 420, 360
    left, right, ceiling, bottom = 56, 404, 18, 300

    @property
    def path(self) -> str:
        return "M" + " ".join(f"{_at(self._x(x))} {_at(self._y(y))}" for x, y in self.points)

    @property
    def diagonal(self) -> dict[str, str]:
        return {"x1": _at(self._x(0)), "y1": _at(self._y(0)), "x2": _at(self._x(1)), "y2": _at(self._y(1))}

    @property
    def ticks(self) -> list[dict[str, object]]:
        return [
            {"x": _at(self._x(step / 4)), "y": _at(self._y(step / 4)), "text": f"{step * 25} %"} for step in range(5)
        ]

    @property
    def middle(self) -> dict[str, str]:
        return {"x": _at(self._x(0.5)), "y": _at(self._y(0.5))}

    def at(self, share: Number) -> float:
        """The curve's height where x is `share`, on the straight line between its neighbours."""
        before = (0.0, 0.0)
        for point in self.points:
            if point[0] >= share:
                run = point[0] - before[0]
                return before[1] + (point[1] - before[1]) * ((float(share) - before[0]) / run if run else 1)
            before = point
        return before[1]

    @property
    def table(self) -> list[tuple[int, float]]:
        """Per cent of the first thing in tenths, and what it holds of the second."""
        return [(tenth * 10, self.at(tenth / 10) * 100) for tenth in range(1, 11)]
