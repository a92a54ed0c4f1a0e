"""The results matrix (MIR): indicators as rows of data, each with its two figures in SQL over the facts.

Official formulas were not found; the list is a reconstruction (domain report, 5.5), so no row counts as verified. What
the portal cannot measure yet stands in the matrix without a value, and says why.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    GOAL = "goal", _("Goal (Fin)")
    PURPOSE = "purpose", _("Purpose (Propósito)")
    COMPONENT = "component", _("Component (Componente)")
    ACTIVITY = "activity", _("Activity (Actividad)")
    COVERAGE = "coverage", _("Coverage (Cobertura)")


class Frequency(TextChoices):
    QUARTERLY = "quarterly", _("Quarterly")
    YEARLY = "yearly", _("Yearly")
    CENSUS = "census", _("With each census")


_RECORDS = _("The portal's own records.")


@dataclass(frozen=True)
class Indicator:
    """`numerator` and `denominator`: what they count, in words; the SQL of each is a scalar, or empty: not measured.

    Without a denominator the value is the numerator itself; else 100 × one by the other.
    """

    code: str
    level: Level
    name: Promise
    numerator: Promise
    denominator: Promise | str
    numerator_sql: str
    denominator_sql: str
    frequency: Frequency = Frequency.QUARTERLY
    source: Promise = _RECORDS
    note: Promise | str = ""
    # Said in place of the note while there is nothing to measure with.
    unmeasured: Promise | str = ""


_LEDGER = _("The portal's ledger.")
_CENSUS = _("INEGI, census by city block.")
_NO_SECOND = _("Not measured yet: it needs a second census of the same polygons.")
_DRAINED = _("Drainage and electricity, of polygons that two censuses counted; censuses ask for water otherwise.")
_FINISHED = "('finished', 'handed_over', 'proven', 'closed')"


def _sum(column: str) -> str:
    return f"(SELECT coalesce(sum({column}), 0) FROM universe)"


def _gap(when: str) -> str:
    """Points by which attended polygons lack more than their cities, by the census before or after."""
    return f"""(
        (SELECT 100 * sum(lack_{when}) / sum(base_{when}) FROM twice)
        - (SELECT 100 * sum(area.drainage_low + area.electricity_low) / nullif(2 * sum(area.base), 0)
           FROM polygons_areatotal AS area
           JOIN (SELECT DISTINCT city_id, vintage_{when} AS vintage FROM twice) AS counted
             ON area.level = 'city' AND area.code = counted.city_id AND area.vintage = counted.vintage)
    )"""


def _served(code: str, name: Promise, numerator: Promise, column: str) -> Indicator:
    """At least: what may lack the service counts as lacking it."""
    return Indicator(
        code,
        Level.PURPOSE,
        name,
        numerator,
        _("Dwellings with known characteristics in the polygons"),
        f"(SELECT coalesce(sum(base - {column}), 0) FROM universe)",
        _sum("base"),
        Frequency.CENSUS,
        _CENSUS,
        _("At least: a dwelling that may lack it counts as lacking it."),
    )


MATRIX: tuple[Indicator, ...] = (
    Indicator(
        "F1",
        Level.GOAL,
        _("Gap in basic services between polygons and their city"),
        _("Coverage in the city less coverage in its polygons, now"),
        _("The same difference at the start"),
        _gap("after"),
        _gap("before"),
        Frequency.CENSUS,
        _CENSUS,
        _DRAINED,
        _NO_SECOND,
    ),
    Indicator(
        "P1",
        Level.PURPOSE,
        _("Polygons attended whose deficit of services fell"),
        _("Polygons attended with a smaller deficit than at the start"),
        _("Polygons attended that two censuses counted"),
        """(SELECT nullif(count(*), 0) - count(*) FILTER (WHERE most_after * base_before >= lack_before * base_after)
            FROM twice)""",
        "(SELECT nullif(count(*), 0) FROM twice)",
        Frequency.CENSUS,
        _CENSUS,
        _DRAINED,
        _NO_SECOND,
    ),
    _served(
        "P2",
        _("Dwellings in polygons with water"),
        _("Dwellings in the polygons with water"),
        "coalesce(water_high, base)",
    ),
    _served(
        "P3", _("Dwellings in polygons with drainage"), _("Dwellings in the polygons with drainage"), "drainage_high"
    ),
    _served(
        "P4",
        _("Dwellings in polygons with electricity"),
        _("Dwellings in the polygons with electricity"),
        "electricity_high",
    ),
    Indicator(
        "C1",
        Level.COMPONENT,
        _("Federal subsidy for infrastructure of first priority"),
        _("Federal pesos of approved actions of water, drainage and electricity"),
        _("Federal pesos of approved actions of the modality ME"),
        "(SELECT coalesce(sum(federal), 0) FROM subsidies WHERE modality_id = 'ME' AND priority = 1)",
        "(SELECT coalesce(sum(federal), 0) FROM subsidies WHERE modality_id = 'ME')",
    ),
    Indicator(
        "C2",
        Level.COMPONENT,
        _("Polygons attended with integral projects"),
        _("Polygons with approved works in two modalities or more"),
        _("Polygons attended"),
        "(SELECT count(*) FROM attended WHERE modalities >= 2)",
        "(SELECT count(*) FROM attended)",
    ),
    Indicator(
        "C3",
        Level.COMPONENT,
        _("Community Development Centres supported"),
        _("Centres with an approved work of the year"),
        "",
        "(SELECT count(DISTINCT id) FROM centres)",
        "",
    ),
    Indicator(
        "C4",
        Level.COMPONENT,
        _("Community Development Centres supported that operate"),
        _("Of these, centres that operate"),
        _("Centres with an approved work of the year"),
        "(SELECT count(DISTINCT id) FROM centres WHERE standing = 'operating')",
        "(SELECT count(DISTINCT id) FROM centres)",
    ),
    Indicator(
        "C5",
        Level.COMPONENT,
        _("Municipalities supported with planning instruments"),
        _("Municipalities with an approved action of the modality PD"),
        _("Municipalities with an approved project"),
        "(SELECT count(DISTINCT municipality_id) FROM approved WHERE modality_id = 'PD')",
        "(SELECT count(DISTINCT municipality_id) FROM approved)",
    ),
    Indicator(
        "A1",
        Level.ACTIVITY,
        _("Federal pesos approved of the ceiling"),
        _("Federal pesos approved"),
        _("Federal ceiling of the place"),
        "(SELECT coalesce(sum(amount), 0) FROM entries WHERE moment = 'approved' AND source = 'federal')",
        """(SELECT sum(amount) FROM ceilings WHERE modality_id IS NULL
            AND state_id IS NOT DISTINCT FROM %(state)s::text
            AND municipality_id IS NOT DISTINCT FROM %(municipality)s::text)""",
        source=_LEDGER,
    ),
    Indicator(
        "A2",
        Level.ACTIVITY,
        _("Works finished of those approved"),
        _("Approved projects that are finished"),
        _("Approved projects"),
        f"(SELECT count(*) FROM approved WHERE status IN {_FINISHED})",
        "(SELECT count(*) FROM approved)",
    ),
    Indicator(
        "A3",
        Level.ACTIVITY,
        _("Works with a committee"),
        _("Projects in execution that a committee watches"),
        _("Projects in execution"),
        "(SELECT count(*) FROM approved WHERE status = 'in_execution' AND is_watched)",
        "(SELECT count(*) FROM approved WHERE status = 'in_execution')",
    ),
    Indicator(
        "K1",
        Level.COVERAGE,
        _("Polygons attended of those eligible"),
        _("Polygons attended"),
        _("Polygons of the year's published list"),
        "(SELECT count(*) FROM attended)",
        "(SELECT count(*) FROM universe JOIN target ON target.polygon_id = universe.id)",
        Frequency.YEARLY,
    ),
    Indicator(
        "K2",
        Level.COVERAGE,
        _("Households in polygons attended"),
        _("Households in the blocks of polygons attended"),
        _("Households in the blocks of all polygons"),
        "(SELECT coalesce(sum(households), 0) FROM universe JOIN attended ON attended.polygon_id = universe.id)",
        _sum("households"),
        Frequency.YEARLY,
        _CENSUS,
    ),
)


def unit_of(indicator: Indicator) -> str:
    return gettext("per cent") if indicator.denominator else gettext("number")
