"""What blocks can be compared, coloured and delineated by: one table of variables, in SQL over `block`.

A share is a range (see `polygons.deficits`): `low` and `high` count dwellings or households, `base` is what they are
a share of. Any other variable has its value in `low` and no base. `is_worse_high` says which end is the worse one:
CONAPO's index by distance falls as marginalisation rises.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from polygons.deficits import DEFICITS, MAPPED

# Name -> join that a variable may need; `block` is polygons_block.
JOINS = {
    "poverty": (
        "LEFT JOIN polygons_householdpoverty AS poverty"
        " ON poverty.code = block.code AND poverty.vintage = block.vintage"
    ),
    "marginalisation": (
        "LEFT JOIN (SELECT score.code, score.value, score.grade FROM polygons_marginalisationscore AS score"
        " JOIN polygons_marginalisationindex AS index ON index.id = score.index_id"
        " WHERE index.level = 'ageb' AND index.is_reference) AS marginalisation"
        " ON marginalisation.code = block.ageb_code"
    ),
}


@dataclass(frozen=True)
class Variable:
    name: str
    label: str | Promise
    low: str
    high: str
    # Empty: the variable is no share.
    base: str = ""
    join: str = ""
    is_worse_high: bool = True

    @property
    def is_share(self) -> bool:
        return bool(self.base)

    @property
    def value(self) -> str:
        """What is certain, as a share 0 to 1 or in the variable's own unit; NULL where nothing is known."""
        return f"({self.low})::float8 / nullif({self.base}, 0)" if self.base else f"({self.low})::float8"

    @property
    def highest(self) -> str:
        """What is possible, as `value`."""
        return f"({self.high})::float8 / nullif({self.base}, 0)" if self.base else f"({self.high})::float8"

    @property
    def blocks(self) -> str:
        """A FROM clause that has `block` and what the variable needs."""
        return f"polygons_block AS block {JOINS[self.join]}" if self.join else "polygons_block AS block"


def _worst(end: str) -> str:
    return f"greatest({', '.join(f'block.{getattr(deficit, end)}' for deficit in MAPPED)})"


_THREE = [deficit for deficit in MAPPED if deficit.name != "floor"]
_PERSONS = "block.population::float8 / nullif(block.inhabited_dwellings, 0)"

VARIABLES = (
    *(
        Variable(deficit.name, deficit.label, f"block.{deficit.low}", f"block.{deficit.high}", "block.base")
        for deficit in DEFICITS
    ),
    Variable("any", _("with the worst of the four deficits"), _worst("low"), _worst("high"), "block.base"),
    Variable(
        "services",
        _("lacking water, drainage or electricity"),
        # At least the worst single one of the three lacks something. GREATEST would take a missing count for 0.
        "CASE WHEN block.all_services IS NOT NULL THEN greatest(block.base - block.all_services, 0) "
        f"ELSE greatest({', '.join(f'block.{deficit.low}' for deficit in _THREE)}) END",
        "CASE WHEN block.all_services IS NOT NULL THEN greatest(block.base - block.all_services, 0) "
        f"ELSE least(block.base, {' + '.join(f'block.{deficit.high}' for deficit in _THREE)}) END",
        "block.base",
    ),
    Variable(
        "poverty",
        _("households in poverty"),
        "poverty.poor_households",
        "poverty.poor_households",
        "poverty.households",
        join="poverty",
    ),
    Variable(
        "marginalisation",
        _("marginalisation index of the AGEB"),
        "marginalisation.value",
        "marginalisation.value",
        join="marginalisation",
        is_worse_high=False,
    ),
    Variable(
        "grade",
        _("marginalisation grade of the AGEB"),
        "marginalisation.grade",
        "marginalisation.grade",
        join="marginalisation",
    ),
    Variable("crowding", _("persons a dwelling"), _PERSONS, _PERSONS),
    Variable("dwellings", _("dwellings"), "block.dwellings", "block.dwellings"),
)
VARIABLE_BY_NAME = {variable.name: variable for variable in VARIABLES}
