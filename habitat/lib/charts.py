"""Charts as figures on a drawing board: geometry here, SVG in `templates/components/charts/`.

The same SVG stands in pages and PDFs: lengths and light colours are attributes, classes bring the theme of a page.
Values are numbers in one unit; coordinates are SVG user units with the origin at the upper left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Number = int | float | Decimal
Text = str | Promise


def nice_ceiling(value: Number, steps: int = 4) -> float:
    """The smallest round number at or above a value that `steps` equal round steps reach: 29 → 40, 137 → 200."""
    if value <= 0:
        return float(steps)
    rough = float(value) / steps
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return step * steps


def _coordinate(value: float) -> str:
    # Locale-free on purpose: an SVG attribute is not for people.
    return f"{value:.1f}"


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart; `high` above `low` adds the possible to the certain. `text` is what people read."""

    label: Text
    low: Number
    text: str
    high: Number | None = None


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars on one scale; `unit` follows the figures of the axis."""

    title: Text
    bars: Sequence[Bar]
    unit: str = ""
    maximum: Number | None = None

    label_width = 150
    plot_width = 300
    row_height = 30
    width = 560

    @property
    def has_ranges(self) -> bool:
        return any(bar.high is not None for bar in self.bars)

    @cached_property
    def top(self) -> float:
        return float(self.maximum or nice_ceiling(max((bar.high or bar.low for bar in self.bars), default=0)))

    @property
    def height(self) -> int:
        return self.row_height * len(self.bars) + 30

    @property
    def axis_y(self) -> int:
        return self.height - 22

    def _length(self, value: Number) -> float:
        return min(float(value) / self.top, 1.0) * self.plot_width

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows = []
        for index, bar in enumerate(self.bars):
            low, high = self._length(bar.low), self._length(bar.high if bar.high is not None else bar.low)
            rows.append(
                {
                    "label": bar.label,
                    "text": bar.text,
                    "y": index * self.row_height + 8,
                    "middle": index * self.row_height + 19,
                    "low": _coordinate(low),
                    "span_x": _coordinate(self.label_width + low),
                    "span": _coordinate(high - low),
                    "text_x": _coordinate(self.label_width + high + 6),
                }
            )
        return rows

    @property
    def ticks(self) -> list[dict[str, str]]:
        values = [self.top * step / 4 for step in range(5)]
        decimals = 0 if all(value == int(value) for value in values) else 1
        return [
            {
                "x": _coordinate(self.label_width + self._length(value)),
                "text": f"{number_format(value, decimals, force_grouping=True)}{self.unit}",
            }
            for value in values
        ]


@dataclass(frozen=True)
class LineChart:
    """One small multiple: what was reached against what was planned.

    `labels` name the periods below the line, `periods` in the table, where there is room; `actual` may be shorter than
    them (the future is not drawn), `plan` may be empty.
    """

    title: Text
    labels: Sequence[Text]
    actual: Sequence[Number]
    plan: Sequence[Number] = ()
    unit: str = "%"
    maximum: Number | None = None
    note: Text = ""
    periods: Sequence[Text] = ()

    width = 290
    height = 150
    left = 34
    right = 272
    bottom = 128
    ceiling = 18

    @cached_property
    def top(self) -> float:
        return float(self.maximum or nice_ceiling(max([*self.actual, *self.plan], default=0), steps=2))

    def _x(self, index: int) -> float:
        return self.left + (self.right - self.left) * index / max(len(self.labels) - 1, 1)

    def _y(self, value: Number) -> float:
        return self.bottom - (self.bottom - self.ceiling) * min(float(value) / self.top, 1.0)

    def _path(self, values: Sequence[Number]) -> str:
        points = (f"{_coordinate(self._x(i))} {_coordinate(self._y(v))}" for i, v in enumerate(values))
        return "M" + " ".join(points) if values else ""

    @cached_property
    def actual_path(self) -> str:
        return self._path(self.actual)

    @property
    def plan_path(self) -> str:
        return self._path(self.plan)

    @property
    def area_path(self) -> str:
        if not self.actual:
            return ""
        end = _coordinate(self._x(len(self.actual) - 1))
        return f"{self.actual_path} {end} {self.bottom} {self.left} {self.bottom}z"

    @property
    def last(self) -> dict[str, str] | None:
        """The newest point with its figure; near the right edge the figure stands before the point."""
        if not self.actual:
            return None
        x, y = self._x(len(self.actual) - 1), self._y(self.actual[-1])
        late = x > self.right - 14
        return {
            "x": _coordinate(x),
            "y": _coordinate(y),
            "text_x": _coordinate(x - 7 if late else x + 7),
            "text_y": _coordinate(y - 6 if late else y + 10),
            "anchor": "end" if late else "start",
            "text": number_format(round(self.actual[-1]), 0, force_grouping=True),
        }

    @property
    def x_ticks(self) -> list[dict[str, object]]:
        return [{"x": _coordinate(self._x(i)), "label": label} for i, label in enumerate(self.labels)]

    @property
    def y_ticks(self) -> list[dict[str, object]]:
        return [
            {
                "y": _coordinate(self._y(value)),
                "text_y": _coordinate(self._y(value) + 4),
                "text": number_format(value, 0, force_grouping=True),
                "is_axis": value == 0,
            }
            for value in (0, self.top / 2, self.top)
        ]

    @cached_property
    def table(self) -> list[tuple[Text, Number | None, Number | None]]:
        """Period, reached, planned: what the table twin says."""
        return [
            (
                label,
                self.actual[i] if i < len(self.actual) else None,
                self.plan[i] if i < len(self.plan) else None,
            )
            for i, label in enumerate(self.periods or self.labels)
        ]


@dataclass(frozen=True)
class Spark:
    """A line without axes beside a figure; decoration, so the figure itself must say it all."""

    values: Sequence[Number]

    @property
    def points(self) -> list[tuple[str, str]]:
        low, high = min(self.values), max(self.values)
        span = float(high) - float(low) or 1.0
        last = max(len(self.values) - 1, 1)
        return [
            (_coordinate(1 + 84 * i / last), _coordinate(28 - 24 * (float(value) - float(low)) / span))
            for i, value in enumerate(self.values)
        ]

    @property
    def path(self) -> str:
        return "M" + " ".join(f"{x} {y}" for x, y in self.points)

    @property
    def end(self) -> tuple[str, str]:
        return self.points[-1]


# Source → name and light colour, in the order money is always split.
SOURCES: dict[str, tuple[Text, str]] = {
    "federal": (_("Federal"), "#611232"),
    "state": (pgettext_lazy("source of money", "State"), "#a57f2c"),
    "municipal": (_("Municipal"), "#1e5b4f"),
    "beneficiaries": (_("Beneficiaries"), "#5d6b75"),
}


@dataclass(frozen=True)
class SourceSplit:
    """Pesos by source (missing sources count as 0) as parts of a bar 1,000 units long."""

    amounts: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum((self.amounts.get(source) or Decimal(0) for source in SOURCES), Decimal(0))

    @property
    def parts(self) -> list[dict[str, Any]]:
        parts, x = [], Decimal(0)
        for source, (label, colour) in SOURCES.items():
            amount = self.amounts.get(source) or Decimal(0)
            share = amount / self.total if self.total else Decimal(0)
            parts.append(
                {
                    "source": source,
                    "label": label,
                    "colour": colour,
                    "amount": amount,
                    "share": share * 100,
                    "x": f"{x:.1f}",
                    "width": f"{share * 1000:.1f}",
                }
            )
            x += share * 1000
        return parts

    @property
    def sentence(self) -> str:
        """What the bar shows, for those who hear it."""
        return ", ".join(f"{part['label']} {round(part['share'])} %" for part in self.parts)
