"""What each census counted, under which of INEGI's column names, and what may be compared with what.

2010 and 2020 are as INEGI's dictionaries of those years say. For 2005 no dictionary was at hand: the names are those
of the domain report (7.4, prefix VP_, marked "medium") beside those that published programs read from INEGI's files of
that count (VPH_…); all but the population and the denominator may be absent. VPH_AGDV and VPH_NOAG of 2005 count
water *of the public network*, which is neither of our two concepts of water: they are not read.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Vintage:
    """One census. `columns` maps a count to its column, the usual spelling first; a count it lacks was not asked.

    `only_here` are columns that no other vintage's file has: a file is known by them.
    """

    year: int
    label: Promise
    columns: Mapping[str, tuple[str, ...]]
    only_here: tuple[str, ...]
    # What shares are taken of, by INEGI's own name and in words.
    denominator: str
    denominator_label: Promise
    # A file may come without these; they are then "not available".
    optional: frozenset[str] = frozenset()

    # The day the figures speak of, to order changes of keys by.
    day: dt.date = dt.date.max

    @property
    def counts(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def column(self, count: str) -> str:
        """INEGI's name of a count; empty where it was not asked."""
        return self.columns.get(count, ("",))[0]


_SINCE_2010 = {
    "population": ("POBTOT",),
    "women": ("POBFEM",),
    "men": ("POBMAS",),
    "households": ("TOTHOG",),
    "dwellings": ("VIVTOT",),
    "inhabited_dwellings": ("TVIVHAB",),
    "known_dwellings": ("VIVPARH_CV",),
    "earth_floor": ("VPH_PISOTI",),
    "firm_floor": ("VPH_PISODT",),
    "with_electricity": ("VPH_C_ELEC",),
    "without_electricity": ("VPH_S_ELEC",),
    "with_water": ("VPH_AGUADV",),
    "without_water": ("VPH_AGUAFV",),
    "with_drainage": ("VPH_DRENAJ",),
    "without_drainage": ("VPH_NODREN",),
    "all_services": ("VPH_C_SERV",),
}
_IN_2005 = {
    "population": ("P_TOTAL", "POBTOT"),
    "women": ("P_FEM", "POBFEM"),
    "men": ("P_MAS", "POBMAS"),
    "households": ("TOT_HOG", "TOTHOG"),
    "inhabited_dwellings": ("T_VIVHAB", "TVIVHAB"),
    "known_dwellings": ("VIVPARHAB", "VIVPARHA"),
    "earth_floor": ("VPH_CON_PT", "VP_PISOTI"),
    "firm_floor": ("VPH_PIDT", "VP_PISODT"),
    "with_electricity": ("VPH_ENEL", "VP_ELECTR"),
    "with_water_house": ("VP_AGUADV",),
    "without_water_house": ("VP_AGUAFV",),
    "with_drainage": ("VPH_DREN", "VP_DRENAJ"),
    "without_drainage": ("VPH_NODREN", "VP_NODREN"),
}

VINTAGES = (
    Vintage(
        2005,
        _("II Count of Population and Housing 2005"),
        _IN_2005,
        ("VIVPARHAB", "VIVPARHA"),
        "VIVPARHAB",
        _("inhabited private dwellings"),
        optional=frozenset(_IN_2005) - {"population", "known_dwellings"},
        day=dt.date(2005, 10, 17),
    ),
    Vintage(
        2010,
        _("Census of Population and Housing 2010"),
        _SINCE_2010 | {"known_dwellings": ("VIVPAR_HAB",)},
        (),
        "VIVPAR_HAB",
        _("inhabited private dwellings, without those nobody informed about"),
        day=dt.date(2010, 6, 12),
    ),
    Vintage(
        2020,
        _("Census of Population and Housing 2020"),
        _SINCE_2010,
        ("VIVPARH_CV", "VPH_AEASP"),
        "VIVPARH_CV",
        _("inhabited private dwellings with known characteristics"),
        day=dt.date(2020, 3, 15),
    ),
)


@dataclass(frozen=True)
class Indicator:
    """A figure of places with what it counts in words; `asked` are the censuses that counted just that.

    `count` is the count that the census's rows print; a deficit's range is named by the indicator itself.
    """

    name: str
    label: Promise
    concept: Promise
    count: str
    asked: tuple[int, ...] = (2005, 2010, 2020)
    is_deficit: bool = True


INDICATORS = (
    Indicator(
        "population",
        _("population"),
        _("all persons, with an estimate for the dwellings that nobody informed about"),
        "population",
        is_deficit=False,
    ),
    Indicator(
        "water",
        _("without piped water in the house or on the plot"),
        _("water from a public tap, another dwelling, a tanker, a well, a river or a lake"),
        "without_water",
        asked=(2010, 2020),
    ),
    Indicator(
        "water_house",
        _("without piped water inside the house"),
        _("no water inside the house: water on the plot outside it counts as lacking"),
        "without_water_house",
        asked=(2005,),
    ),
    Indicator(
        "drainage",
        _("without drainage"),
        _("no drain to the public network, a septic tank, a ravine, a crack, a river, a lake or the sea"),
        "without_drainage",
    ),
    Indicator("electricity", _("without electricity"), _("no electric light in the dwelling"), "without_electricity"),
    Indicator("floor", _("with an earth floor"), _("floor of earth"), "earth_floor"),
)
INDICATOR_BY_NAME = {indicator.name: indicator for indicator in INDICATORS}
VINTAGE_BY_YEAR = {vintage.year: vintage for vintage in VINTAGES}
YEARS = tuple(VINTAGE_BY_YEAR)


def vintage_of(header: Collection[str]) -> Vintage | None:
    """The census a file's columns are of, None where they are of none."""
    for vintage in VINTAGES:
        if any(name in header for name in vintage.only_here):
            return vintage
    return VINTAGE_BY_YEAR[2010] if "VIVPAR_HAB" in header else None
