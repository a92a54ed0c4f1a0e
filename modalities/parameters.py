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
    Entry(
        "progress_months",
        "Meses que abarca un periodo de avance: 1 mensual, 3 trimestral",
        "Months of a period of progress: 1 monthly, 3 quarterly",
        Measure.MONTHS,
        Decimal(1),
        "Lineamientos 2012, 5.16",
    ),
    Entry(
        "progress_due_days",
        "Días hábiles después del periodo en que vence su captura, si el calendario no dice otro día",
        "Business days after a period until which it is captured, where the calendar says no other day",
        Measure.BUSINESS_DAYS,
        Decimal(10),
        "Lineamientos 2012, 5.16",
    ),
    Entry(
        "photo_far_metres",
        "Distancia al sitio desde la cual se señala una fotografía",
        "Distance to the site from which a photograph is flagged",
        Measure.METRES,
        Decimal(200),
        "Lineamientos 2012, 5.17",
    ),
    Entry(
        "photo_alike_bits",
        "Diferencia hasta la cual dos fotografías se tienen por la misma, de 64",
        "Difference up to which two photographs count as the same, of 64",
        Measure.COUNT,
        Decimal(6),
        "Lineamientos 2012, 5.17",
    ),
    Entry(
        "alert_ahead_points",
        "Puntos en que el dinero pagado puede adelantarse a la obra",
        "Points by which money paid may be ahead of the works",
        Measure.POINTS,
        Decimal(20),
        "Lineamientos 2012, 5.16",
    ),
    Entry(
        "alert_silent_days",
        "Días sin avance aceptado desde los cuales se alerta",
        "Days without accepted progress from which an alert is raised",
        Measure.DAYS,
        Decimal(60),
        "Lineamientos 2012, 5.16",
    ),
    Entry(
        "alert_unpaid_days",
        "Días después de terminada una obra en que debe estar pagada",
        "Days after the end of a work by which it must be paid",
        Measure.DAYS,
        Decimal(30),
        "Lineamientos 2012, 5.8",
    ),
    Entry(
        "alert_december_percent",
        "Avance físico bajo el cual una obra peligra a fin de año, desde el 1 de noviembre",
        "Physical progress below which a work is at risk at the year's end, from 1 November on",
        Measure.PERCENT,
        Decimal(80),
        "Lineamientos 2012, 5.13",
    ),
    Entry(
        "advance_most",
        "Anticipo más alto de un contrato",
        "Highest advance of a contract",
        Measure.PERCENT,
        Decimal(30),
        "LOPSRM, art. 50",
    ),
    Entry(
        "withheld_inspection",
        "Retención por inspección y vigilancia (cinco al millar)",
        "Withheld for inspection (five per thousand)",
        Measure.PERCENT,
        Decimal("0.5"),
        "Ley Federal de Derechos, art. 191",
    ),
    Entry(
        "withheld_training",
        "Retención para capacitación de la industria de la construcción",
        "Withheld for training in the building trade",
        Measure.PERCENT,
        Decimal(0),
        "Convenio con la cámara de la industria",
        note="Cero: no se retiene si el contrato no lo pacta.",
    ),
    Entry(
        "refund_days",
        "Días naturales para reintegrar lo no devengado",
        "Calendar days to refund what was not accrued",
        Measure.DAYS,
        Decimal(15),
        "LFPRH, art. 54",
    ),
    Entry(
        "refund_interest",
        "Carga financiera por reintegro tardío",
        "Interest on a late refund",
        Measure.MONTHLY_PERCENT,
        Decimal("1.47"),
        "Ley de Ingresos de la Federación, recargos",
    ),
    Entry(
        "amendment_days_of_delegation",
        "Prórroga que decide la delegación",
        "Extension of time that the delegation decides",
        Measure.DAYS,
        Decimal(30),
        "Lineamientos 2012, 5.9",
    ),
    Entry(
        "amendment_percent_of_delegation",
        "Cambio de meta que decide la delegación",
        "Change of a quantity that the delegation decides",
        Measure.PERCENT,
        Decimal(10),
        "Lineamientos 2012, 5.9",
    ),
    Entry(
        "amendment_percent_of_contract",
        "Cambio más alto de un contrato por convenio modificatorio",
        "Largest change of a contract by a modificatory agreement",
        Measure.PERCENT,
        Decimal(25),
        "LOPSRM, art. 59",
    ),
    Entry(
        "sics_capture_days",
        "Días para capturar en el SICS cada acto del comité",
        "Days to enter each act of a committee in SICS",
        Measure.BUSINESS_DAYS,
        Decimal(15),
        "Contraloría social, instrumentos de la SFP",
        note="La memoria de operación habla de 10 a 15 días hábiles por captura.",
    ),
    Entry(
        "committee_balance_percent",
        "Parte mínima de cada sexo en un comité",
        "Least part of each sex in a committee",
        Measure.PERCENT,
        Decimal(40),
        "Lineamientos 2012, 4.2",
    ),
    Entry(
        "complaint_days",
        "Días para responder una queja o denuncia",
        "Days to answer a complaint",
        Measure.BUSINESS_DAYS,
        Decimal(15),
        "Contraloría social, quejas y denuncias",
    ),
    Entry(
        "warranty_months",
        "Meses de garantía por vicios ocultos",
        "Months of warranty against hidden defects",
        Measure.MONTHS,
        Decimal(12),
        "LOPSRM, artículo 66",
    ),
    Entry(
        "verification_months",
        "Meses tras la entrega en que se verifica la obra, y entre una verificación y la siguiente",
        "Months after the handover in which a work is verified, and between verifications",
        Measure.MONTHS,
        Decimal(12),
        "Lineamientos 2012, 5.14",
    ),
    Entry(
        "inspection_months",
        "Meses entre una inspección de un Centro de Desarrollo Comunitario y la siguiente",
        "Months between inspections of a Community Development Centre",
        Measure.MONTHS,
        Decimal(12),
        "Lineamientos 2012, 5.14",
    ),
    Entry(
        "course_completion_percent",
        "Parte de las horas planeadas con que se acredita un curso o taller",
        "Part of the planned hours with which a course or workshop is completed",
        Measure.PERCENT,
        Decimal(80),
        "Lineamientos 2012, 4.5",
    ),
    Entry(
        "retention_years",
        "Años que se conserva el expediente después del cierre",
        "Years the file is kept after the closure",
        Measure.YEARS,
        Decimal(5),
        "Lineamientos 2012, 5.18",
        note="Cinco años o más; cotejar con el catálogo de disposición documental vigente.",
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
