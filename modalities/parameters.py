"""Numbers of the program that are neither shares, caps, mixes nor deadlines: what each is of, and its working value.

A version of the rules holds each as a row (`Parameter`), changed in its draft like any rule. A version in force from
before the portal knew a number has no row of it: it goes by the working value here, which nobody has verified.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from modalities.models import RulesVersion

WORKING = "Valor de trabajo del portal; falta cotejar con la fuente"


class Measure(models.TextChoices):
    """What a number counts. `WHOLE` names those without decimals."""

    DAYS = "days", _("days")
    BUSINESS_DAYS = "business_days", _("business days")
    MONTHS = "months", _("months")
    YEARS = "years", _("years")
    COUNT = "count", _("times or pieces")
    METRES = "metres", _("metres")
    PERCENT = "percent", _("per cent")
    MONTHLY_PERCENT = "monthly_percent", _("per cent a month")
    POINTS = "points", _("points")
    PESOS = "pesos", _("pesos")


WHOLE = {Measure.DAYS, Measure.BUSINESS_DAYS, Measure.MONTHS, Measure.YEARS, Measure.COUNT}


class Entry(NamedTuple):
    """`clause` and `source` are cited in Spanish, as the law prints them."""

    code: str
    name_es: str
    name_en: str
    measure: Measure
    value: Decimal
    clause: str
    source: str = WORKING
    note: str = ""

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_es


# By topic; a code says what the number is of and is never given another sense.
ENTRIES = (
    Entry(
        "reminder_days",
        "Días de anticipación con que se recuerda un plazo",
        "Days before a deadline on which it is told of",
        Measure.BUSINESS_DAYS,
        Decimal(2),
        "Lineamientos 2012, 5.4",
    ),
    Entry(
        "escalation_days",
        "Días de atraso con que se avisa a quien sigue en la línea",
        "Days after a deadline on which the next in line is told",
        Measure.BUSINESS_DAYS,
        Decimal(3),
        "Lineamientos 2012, 5.4",
    ),
)
CATALOGUE: dict[str, Entry] = {entry.code: entry for entry in ENTRIES}


def value(rules: "RulesVersion", code: str) -> Decimal:
    """What a version says, else the working value. Raises KeyError on a code that is not in the catalogue."""
    working = CATALOGUE[code].value
    said = rules.parameters.filter(code=code).values_list("value", flat=True).first()
    return working if said is None else said


def values(rules: "RulesVersion") -> dict[str, Decimal]:
    """Code → value of every entry, in one query."""
    return {entry.code: entry.value for entry in ENTRIES} | dict(rules.parameters.values_list("code", "value"))


def by_version(versions: Iterable["RulesVersion"]) -> dict[int, dict[str, Decimal]]:
    """`values` of several versions by their pk; prefetch `parameters` for one query in all."""
    working = {entry.code: entry.value for entry in ENTRIES}
    return {version.pk: working | {row.code: row.value for row in version.parameters.all()} for version in versions}
