"""Deficits as ranges, defined once for the database, the sums and the words.

Per block, in dwellings:
    low   the printed count of dwellings without the service (0 where it is masked)
    high  the printed count; where masked, every dwelling of known characteristics that is not printed as having it
    base  the dwellings the share is taken of: VIVPARH_CV, or where that is masked too, inhabited dwellings (TVIVHAB)
A masked block is never zero and never makes itself deprived: `low` decides. Design, section 3.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Deficit:
    """A service that dwellings lack. `without` and `served` are the block's columns that count it."""

    name: str
    label: Promise
    without: str
    served: str

    @property
    def low(self) -> str:
        return f"{self.name}_low"

    @property
    def high(self) -> str:
        return f"{self.name}_high"


WATER = Deficit("water", _("without piped water in the house or on the plot"), "without_water", "with_water")
WATER_HOUSE = Deficit(
    "water_house", _("without piped water inside the house"), "without_water_house", "with_water_house"
)
DRAINAGE = Deficit("drainage", _("without drainage"), "without_drainage", "with_drainage")
ELECTRICITY = Deficit("electricity", _("without electricity"), "without_electricity", "with_electricity")
FLOOR = Deficit("floor", _("with an earth floor"), "earth_floor", "firm_floor")

# Water inside the house was counted in 2005, water in the house or on the plot since 2010 (domain report, 7.4): two
# columns, never mixed, and no range where the census did not ask.
DEFICITS = (WATER, WATER_HOUSE, DRAINAGE, ELECTRICITY, FLOOR)
# What the map and the dashboards colour by.
MAPPED = (WATER, DRAINAGE, ELECTRICITY, FLOOR)
DEFICIT_BY_NAME = {deficit.name: deficit for deficit in DEFICITS}

BASE = Coalesce(F("known_dwellings"), F("inhabited_dwellings"), Value(0))


def _measured(deficit: Deficit, value: models.Expression) -> models.Expression:
    """NULL where the census of that vintage did not ask."""
    asked = {WATER: {"vintage__gt": 2005}, WATER_HOUSE: {"vintage__lte": 2005}}.get(deficit)
    return models.Case(models.When(**asked, then=value), default=Value(None)) if asked else value


def low_of(deficit: Deficit) -> models.Expression:
    return _measured(deficit, Coalesce(F(deficit.without), Value(0)))


def high_of(deficit: Deficit) -> models.Expression:
    possible = Greatest(BASE - Coalesce(F(deficit.served), Value(0)), Value(0))
    return _measured(deficit, Coalesce(F(deficit.without), possible))


def generated(expression: models.Expression) -> models.GeneratedField:
    """A stored column the database computes itself, so that COPY and raw SQL cannot leave it wrong."""
    return models.GeneratedField(expression=expression, output_field=models.IntegerField(null=True), db_persist=True)
