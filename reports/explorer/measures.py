"""What the explorer colours, sorts, cuts and shows by: needs from `polygons.variables`, and spending."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from polygons.variables import VARIABLES, Variable


class Unit(StrEnum):
    SHARE = "share"  # of `base`, shown in per cent
    PESOS = "pesos"
    PESOS_EACH = "pesos_each"  # pesos by `base`
    NUMBER = "number"
    MEAN = "mean"  # a weighted sum by `base`, the sum of weights
    GRADE = "grade"  # 1 to 5


RATIOS = (Unit.SHARE, Unit.PESOS_EACH, Unit.MEAN)


@dataclass(frozen=True)
class Measure:
    """`title` heads a column; `label` says in full what is measured."""

    name: str
    title: str | Promise
    label: str | Promise
    unit: Unit
    is_need: bool
    is_worse_high: bool = True
    # Read from the ledger, which the public does not see.
    is_internal: bool = False
    # Kept by polygon alone.
    is_of_polygons: bool = False

    @property
    def is_ratio(self) -> bool:
        return self.unit in RATIOS

    @property
    def is_summed(self) -> bool:
        """Whether a total over rows means anything."""
        return self.unit not in (Unit.GRADE,)


TITLES = {
    "water": _("Without water"),
    "water_house": _("Without water inside"),
    "drainage": _("Without drainage"),
    "electricity": _("Without electricity"),
    "floor": _("Earth floor"),
    "any": _("Worst deficit"),
    "services": _("Lacking a service"),
    "poverty": _("In poverty"),
    "marginalisation": _("Marginalisation index"),
    "grade": _("Marginalisation grade"),
    "crowding": _("Persons a dwelling"),
    "dwellings": _("Dwellings"),
}
LABELS = {
    "water": _("Dwellings without piped water"),
    "water_house": _("Dwellings without piped water inside the house (2005)"),
    "drainage": _("Dwellings without drainage"),
    "electricity": _("Dwellings without electricity"),
    "floor": _("Dwellings with an earth floor"),
    "any": _("Dwellings with the worst of the four deficits"),
    "services": _("Dwellings lacking water, drainage or electricity"),
    "poverty": _("Households in poverty"),
    "marginalisation": _("Marginalisation index of the AGEBs (higher is less marginal)"),
    "grade": _("Marginalisation grade of the AGEBs"),
    "crowding": _("Persons a dwelling"),
    "dwellings": _("Dwellings"),
}


def _unit(variable: Variable) -> Unit:
    if variable.is_share:
        return Unit.SHARE
    return {"grade": Unit.GRADE, "dwellings": Unit.NUMBER}.get(variable.name, Unit.MEAN)


NEEDS = tuple(
    Measure(
        variable.name,
        TITLES.get(variable.name, variable.label),
        LABELS.get(variable.name, variable.label),
        _unit(variable),
        is_need=True,
        is_worse_high=variable.is_worse_high,
    )
    for variable in VARIABLES
)
SPENDING = (
    Measure("approved_year", _("Approved in the year"), _("Pesos approved in the year"), Unit.PESOS, False),
    Measure("approved", _("Approved ever"), _("Pesos approved since ever"), Unit.PESOS, False),
    Measure("per_dwelling", _("Pesos per dwelling"), _("Pesos approved per dwelling"), Unit.PESOS_EACH, False),
    Measure(
        "per_deprived",
        _("Pesos per deprived dwelling"),
        _("Pesos approved per dwelling that certainly lacks the scarcest service"),
        Unit.PESOS_EACH,
        False,
    ),
    Measure("projects", _("Projects"), _("Number of projects"), Unit.NUMBER, False),
    Measure("federal", _("Federal share"), _("Federal share of what was approved"), Unit.SHARE, False),
    Measure(
        "released",
        _("Released"),
        _("Pesos released"),
        Unit.PESOS,
        False,
        is_internal=True,
        is_of_polygons=True,
    ),
    Measure(
        "proven",
        _("Proven of released"),
        _("Share of the released pesos that was proven"),
        Unit.SHARE,
        False,
        is_internal=True,
        is_of_polygons=True,
    ),
)
MEASURES = {measure.name: measure for measure in (*NEEDS, *SPENDING)}


def offered(user, *, of_polygons: bool) -> dict[str, Measure]:
    """The measures this reader may choose for polygons or for blocks."""
    return {
        name: measure
        for name, measure in MEASURES.items()
        if (user.is_authenticated or not measure.is_internal) and (of_polygons or not measure.is_of_polygons)
    }
