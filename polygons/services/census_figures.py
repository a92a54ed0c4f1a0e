"""Indicators of deprivation from our own census totals, for an index over AGEBs or municipalities."""

from collections.abc import Sequence

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from polygons.deficits import MAPPED
from polygons.models import CensusTotal, Level
from polygons.services.figures import Figures
from polygons.services.imports import ImportRefused

AT_MOST = "at_most"
_BASE = "coalesce(known_dwellings, inhabited_dwellings)"
# Name -> SQL over a total row: the printed count, and what it can be at most where INEGI keeps it confidential.
# Per cent of the dwellings of known characteristics, and persons a dwelling.
INDICATORS = {
    **{
        deficit.name: (
            f"100.0 * {deficit.without} / nullif({_BASE}, 0)",
            f"100.0 * greatest({_BASE} - {deficit.served}, 0) / nullif({_BASE}, 0)",
        )
        for deficit in MAPPED
    },
    "services": (f"100.0 * greatest({_BASE} - all_services, 0) / nullif({_BASE}, 0)", "NULL"),
    "persons": ("population::float8 / nullif(inhabited_dwellings, 0)", "NULL"),
}
LEVELS = (Level.AGEB, Level.MUNICIPALITY, Level.LOCALITY, Level.STATE)


def figures_of_census(vintage: int, level: Level, indicators: Sequence[str], *, at_most: bool) -> Figures:
    """Of every total row of that level; with `at_most`, a masked count stands at what it can be at most.

    Raises ImportRefused for an unknown indicator, a level without rows, or a census that was not imported.
    """
    unknown = [name for name in indicators if name not in INDICATORS]
    if unknown:
        raise ImportRefused(
            _("The census gives no indicator %(names)s. It gives: %(known)s.")
            % {"names": ", ".join(unknown), "known": ", ".join(INDICATORS)}
        )
    columns = [
        f"coalesce(({printed})::float8, ({highest})::float8)" if at_most else f"({printed})::float8"
        for printed, highest in (INDICATORS[name] for name in indicators)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT code, {', '.join(columns)} FROM {CensusTotal._meta.db_table}"
            " WHERE vintage = %s AND level = %s ORDER BY code",
            [vintage, level],
        )
        rows = cursor.fetchall()
    if not rows:
        raise ImportRefused(
            _("No row of this level (%(level)s) was imported of the census of %(vintage)s.")
            % {"level": str(level.label).lower(), "vintage": vintage}
        )
    values = np.array([row[1:] for row in rows], dtype=float)
    return Figures([row[0] for row in rows], values)
