"""How blocks become polygons: the choice a person makes, checked and put into words. No SQL here."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from polygons.variables import VARIABLE_BY_NAME, VARIABLES, Variable

GRADE = "grade"
MARGINALISATION = "marginalisation"
# Shares of dwellings or households, and CONAPO's index: what says that a block is deprived.
DELINEATING = tuple(
    variable.name for variable in VARIABLES if variable.is_share or variable.name in (MARGINALISATION, GRADE)
)
# Wider than these and a whole city is one cluster; narrower and every block is its own.
GAPS_M = (1, 1_000)
# What moving the threshold by a tenth does says how much a drawing depends on it.
TENTH = Decimal("0.1")


class Kind(models.TextChoices):
    """What the threshold is: the variable's own value (a share from 0 to 1), the worst tenths of the place, a grade."""

    VALUE = "value", gettext_lazy("Threshold")
    DECILE = "decile", gettext_lazy("Worst deciles")
    GRADE = "grade", gettext_lazy("Grade and above")


@dataclass(frozen=True)
class Method:
    """How blocks become polygons. Raises ValueError, with a sentence, where the choice makes no sense.

    `variable` is one of `DELINEATING`. A `value` is a share 0 to 1 that the certain count must reach (a masked count
    never makes a block deprived), or an index that must not be exceeded; a `decile` 1 to 9 takes that many worst
    tenths of the place's blocks with a known figure, and never a block without deficit; a `grade` 1 to 5 that grade
    and the worse ones. Blocks up to `gap_m` metres apart are joined. Clusters under `min_dwellings` are dropped.
    """

    vintage: int
    variable: str
    threshold: Decimal
    kind: str = Kind.VALUE
    gap_m: int = 60
    min_dwellings: int = 100

    def __post_init__(self) -> None:
        if self.variable not in DELINEATING:
            raise ValueError(_("Polygons are not drawn by “%(variable)s”.") % {"variable": self.variable})
        if (self.variable == GRADE) != (self.kind == Kind.GRADE):
            raise ValueError(_("A grade goes with the marginalisation grade, and only with it."))
        highest = {Kind.VALUE: 1 if self.of.is_share else None, Kind.DECILE: 9, Kind.GRADE: 5}[Kind(self.kind)]
        if self.threshold <= 0 or (highest and self.threshold > highest):
            raise ValueError(self._limits)
        if not GAPS_M[0] <= self.gap_m <= GAPS_M[1]:
            raise ValueError(_("The gap is %(least)s to %(most)s metres.") % {"least": GAPS_M[0], "most": GAPS_M[1]})
        if self.min_dwellings < 0:
            raise ValueError(_("The least number of dwellings is not negative."))

    @property
    def of(self) -> Variable:
        return VARIABLE_BY_NAME[self.variable]

    @property
    def _limits(self) -> str:
        if self.kind == Kind.DECILE:
            return _("Deciles go from 1, the worst tenth, to 9.")
        if self.kind == Kind.GRADE:
            return _("Grades go from 1, very low, to 5, very high marginalisation.")
        return (
            _("The threshold is a share: more than 0 %, at most 100 %.")
            if self.of.is_share
            else _("It is more than 0.")
        )

    def moved(self, step: int) -> Self | None:
        """The same with the threshold a tenth lower (-1) or higher (1); a grade moves by one, None beyond the last."""
        if self.kind == Kind.GRADE:
            return replace(self, threshold=self.threshold + step) if 1 <= self.threshold + step <= 5 else None
        moved = self.threshold * (1 + step * TENTH)
        if self.kind == Kind.DECILE:
            return replace(self, threshold=min(moved, Decimal(9)))
        return replace(self, threshold=min(moved, Decimal(1)) if self.of.is_share else moved)

    def as_json(self, **more: Any) -> str:
        return json.dumps(
            {
                "variable": self.variable,
                "kind": str(self.kind),
                "threshold": str(self.threshold),
                "gap_m": self.gap_m,
                "min_dwellings": self.min_dwellings,
            }
            | more
        )

    def in_words(self) -> str:
        """One sentence for a polygon's page."""
        words = {
            "threshold": written(self.threshold),
            "share": written(self.threshold * 100),
            "what": self.of.label,
            "gap": self.gap_m,
            "dwellings": self.min_dwellings,
        }
        if self.kind == Kind.GRADE:
            chosen = _("Blocks of AGEBs of marginalisation grade %(threshold)s or worse")
        elif self.kind == Kind.DECILE:
            chosen = _("Blocks in the worst %(threshold)s tenths of the place by: %(what)s")
        elif not self.of.is_share:
            chosen = _("Blocks of AGEBs whose marginalisation index is at most %(threshold)s (lower is more marginal)")
        elif self.variable == "poverty":
            chosen = _("Blocks where at least %(share)s %% of the households are in poverty")
        else:
            chosen = _("Blocks where at least %(share)s %% of the dwellings are %(what)s")
        rest = _("joined where they lie within %(gap)s m; at least %(dwellings)s dwellings.")
        return f"{chosen}, {rest}" % words


def written(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def read(stored: dict[str, Any], vintage: int) -> Method | None:
    """The method a version keeps; None for one that was drawn or imported. Older rows say `deficit`, not `variable`."""
    if "threshold" not in stored:
        return None
    try:
        return Method(
            vintage=vintage,
            variable=stored.get("variable") or stored["deficit"],
            kind=stored.get("kind", Kind.VALUE),
            threshold=Decimal(stored["threshold"]),
            gap_m=stored["gap_m"],
            min_dwellings=stored["min_dwellings"],
        )
    except (KeyError, ValueError):
        return None
