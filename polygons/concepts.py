"""What each census counted, under which of INEGI's column names, and what may be compared with what.

2010 and 2020 are as INEGI's dictionaries of those years say. For 2005 no dictionary was at hand: the names are those
of the domain report (7.4, prefix VP_, marked "medium") beside those that published programs read from INEGI's files of
that count (VPH_…); all but the population and the denominator may be absent. VPH_AGDV and VPH_NOAG of 2005 count
water *of the public network*, which is neither of our two concepts of water: they are not read.
"""

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

    @property
    def counts(self) -> tuple[str, ...]:
        return tuple(self.columns)


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
    ),
    Vintage(
        2010,
        _("Census of Population and Housing 2010"),
        _SINCE_2010 | {"known_dwellings": ("VIVPAR_HAB",)},
        (),
        "VIVPAR_HAB",
        _("inhabited private dwellings, without those nobody informed about"),
    ),
    Vintage(
        2020,
        _("Census of Population and Housing 2020"),
        _SINCE_2010,
        ("VIVPARH_CV", "VPH_AEASP"),
        "VIVPARH_CV",
        _("inhabited private dwellings with known characteristics"),
    ),
)
VINTAGE_BY_YEAR = {vintage.year: vintage for vintage in VINTAGES}
YEARS = tuple(VINTAGE_BY_YEAR)


def vintage_of(header: Collection[str]) -> Vintage | None:
    """The census a file's columns are of, None where they are of none."""
    for vintage in VINTAGES:
        if any(name in header for name in vintage.only_here):
            return vintage
    return VINTAGE_BY_YEAR[2010] if "VIVPAR_HAB" in header else None
