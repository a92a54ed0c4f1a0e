"""The rules of 2012 as the portal applies them, one row each. Citations stay in Spanish, as the law prints them.

What could be read in a source is marked verified; what is remembered is not, whatever the confidence; what is not known
at all is None and never a guess. Only the first pages of the Rules (DOF 30/12/2011) and of the Guidelines (31/01/2012)
were at hand, so a clause names a chapter at most. Domain report, sections 2.2, 3.2 to 3.4, 4.3 to 4.5 and 12.

What the engine judges (`projects`):
    indicators of criteria, of the project's polygon version
        city_population    inhabitants of its city
        service_deficit    per cent of dwellings, the largest of the four mapped deficits, as a range low to high
                           (`polygons.deficits.MAPPED`): passes when low reaches the threshold, fails when high does not
        household_poverty  per cent of households in poverty, as imported by block, as a range: households that
                           nobody estimated may all be poor, or none; unknown where no block has an estimate
        blank              a person judges and leaves an `Assessment`; without `required_at` it informs and never stops
    codes of conduct rules: `CONDUCT` below, where each name says what must hold
"""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from modalities.models import CapRule, DocumentKind, EligibilityCriterion, Milestone

YEAR = 2012
WORKFLOW = "lineamientos-2012"
PUBLISHED_ON = dt.date(2011, 12, 30)
SOURCE = "Reglas de Operación 2012 (DOF 30/12/2011) y Lineamientos de Operación (31/01/2012)"

RULES, GUIDELINES = "Reglas de Operación 2012", "Lineamientos 2012"
UNREAD = f"{RULES}, numeral por cotejar"
HIGH, MEDIUM, LOW = (f"De memoria, confianza {grade}; falta cotejar con el DOF" for grade in ("alta", "media", "baja"))
OWN_CHECK = "Control propio del portal sobre el capítulo citado"

Kind = Milestone.Kind


class Stretch(NamedTuple):
    kind: str
    opens_on: dt.date
    closes_on: dt.date
    source: str
    is_verified: bool = False
    month: int | None = None


def _month_after(month: int) -> dt.date:
    return dt.date(YEAR + month // 12, month % 12 + 1, 1)


MILESTONES = (
    Stretch(Kind.GUIDELINES, dt.date(2012, 1, 31), dt.date(2012, 1, 31), "Lineamientos de Operación, 31/01/2012", True),
    Stretch(Kind.CAPTURE, dt.date(2012, 3, 1), dt.date(2012, 4, 30), MEDIUM),
    Stretch(Kind.CUT_OFF, dt.date(2012, 5, 31), dt.date(2012, 5, 31), LOW),
    Stretch(Kind.START_CUT_OFF, dt.date(2012, 7, 31), dt.date(2012, 7, 31), LOW),
    Stretch(Kind.FEDERAL_SPENDING, dt.date(2012, 1, 1), dt.date(2012, 11, 30), "El Siglo de Torreón, 2012", True),
    Stretch(Kind.REFUND, dt.date(2013, 1, 1), dt.date(2013, 1, 15), f"LFPRH, artículo 54. {HIGH}"),
    Stretch(Kind.CLOSURE, dt.date(2013, 1, 1), dt.date(2013, 3, 31), MEDIUM),
    *(Stretch(Kind.PROGRESS, first := _month_after(month), first.replace(day=10), LOW, month=month)
      for month in range(1, 13)),
)  # fmt: skip


class Share(NamedTuple):
    code: str
    strand: str
    federal_max_pct: Decimal
    local_min_pct: Decimal
    source: str


SHARES = (
    Share("share-general", "G", Decimal(50), Decimal(50), MEDIUM),
    Share("share-historic-centres", "CH", Decimal(70), Decimal(30), MEDIUM),
    Share("share-preventive", "IP", Decimal(70), Decimal(30), LOW),
)

# Every type has a cap row, so that a technician sees what is missing; the basis is what is remembered of it.
CAP_SOURCE = "Monto no hallado en las fuentes consultadas"
CAP_BASES = dict.fromkeys(("DS04", "DS05", "DS06"), CapRule.Basis.MONTH) | dict.fromkeys(
    ("ME18", "ME19", "ME20"), CapRule.Basis.CENTRE
)


class Mix(NamedTuple):
    modality: str
    min_pct: Decimal | None
    max_pct: Decimal | None


MIXES = (Mix("DS", Decimal(20), None), Mix("PD", None, Decimal(15)))


class Criterion(NamedTuple):
    code: str
    name_es: str
    name_en: str
    comparator: str
    source: str
    clause: str = UNREAD
    indicator: str = ""
    threshold: Decimal | None = None
    is_verified: bool = False
    required_at: str = ""
    note: str = ""


AT_LEAST, HOLDS = EligibilityCriterion.Comparator.AT_LEAST, EligibilityCriterion.Comparator.IS_TRUE
# Works of the historic-centre strand need not lie in a polygon (domain report, 1.4).
EXEMPT_STRANDS = ("CH",)
CRITERIA = (
    Criterion(
        "city-size",
        "La ciudad del Sistema Urbano Nacional tiene al menos 15,000 habitantes",
        "The city of the National Urban System has at least 15,000 inhabitants",
        AT_LEAST,
        "Gasto federalizado, marco de referencia del Programa Hábitat (Cuenta Pública 2010)",
        indicator="city_population",
        threshold=Decimal(15000),
        is_verified=True,
        required_at="authorise",
    ),
    Criterion(
        "service-deficit",
        "El polígono tiene déficit de agua, drenaje, electricidad o piso firme",
        "The polygon lacks water, drainage, electricity or firm floors",
        AT_LEAST,
        f"Criterio: {HIGH}. Umbral: valor de trabajo del portal, ninguna fuente consultada lo da",
        indicator="service_deficit",
        threshold=Decimal(20),
        required_at="authorise",
        note="Se mide con el mayor de los cuatro déficits, como intervalo, por las cifras que el censo reserva.",
    ),
    Criterion(
        "asset-poverty",
        "Al menos la mitad de los hogares del polígono está en pobreza patrimonial",
        "At least half of the polygon's households are in asset poverty",
        AT_LEAST,
        MEDIUM,
        indicator="household_poverty",
        threshold=Decimal(50),
        note="Se mide con los hogares en pobreza importados por manzana, con su método y fuente, porque el censo no"
        " mide el ingreso; donde no los hay, lo acredita una persona con documento.",
    ),
    Criterion(
        "occupied-lots",
        "Al menos 80 % de los lotes están ocupados",
        "At least 80 % of the lots are occupied",
        AT_LEAST,
        MEDIUM,
        threshold=Decimal(80),
    ),
    Criterion(
        "land-tenure",
        "La tenencia de la tierra no es irregular ni está en conflicto",
        "Land tenure is neither irregular nor in dispute",
        HOLDS,
        HIGH,
    ),
    Criterion(
        "no-risk-zone",
        "No está en zona de riesgo, reserva ecológica, área natural protegida o zona arqueológica",
        "It is not in a risk zone, ecological reserve, protected area or archaeological zone",
        HOLDS,
        HIGH,
    ),
    Criterion(
        "urban-plan",
        "Es compatible con el plan de desarrollo urbano vigente",
        "It agrees with the urban development plan in force",
        HOLDS,
        MEDIUM,
    ),
)


class Paper(NamedTuple):
    """A document, the step that needs it, and what narrows it: a modality, an action type or a strand."""

    kind: str
    required_at: str
    modality: str | None = None
    action_type: str | None = None
    strand: str | None = None

    @property
    def code(self) -> str:
        narrowed = self.action_type or self.modality or self.strand
        return "-".join(part for part in ("doc", narrowed and narrowed.lower(), self.kind.replace("_", "-")) if part)


D = DocumentKind
PAPERS = (
    Paper(D.BUDGET, "submit"),
    Paper(D.EXECUTIVE_PROJECT, "submit", "ME"),
    Paper(D.COURSE_PROGRAMME, "submit", "DS"),
    Paper(D.TERMS_OF_REFERENCE, "submit", "PD"),
    Paper(D.PH01, "number"),
    Paper(D.ASSEMBLY_MINUTES, "number"),
    Paper(D.STATE_COMMITMENT, "number"),
    Paper(D.MUNICIPAL_COMMITMENT, "number"),
    Paper(D.LAND_PROOF, "number", "ME"),
    *(Paper(D.WATER_VALIDATION, "number", action_type=f"ME{n:02}") for n in range(1, 10)),
    Paper(D.CFE_VALIDATION, "number", action_type="ME10"),
    Paper(D.CIVIL_PROTECTION, "number", action_type="ME17"),
    Paper(D.INAH_PERMISSION, "number", strand="CH"),
    Paper(D.CONTRACT, "start"),
    Paper(D.PHOTO, "finish", "ME"),
    Paper(D.HANDOVER_CERTIFICATE, "hand_over"),
    Paper(D.EXPENDITURE_PROOF, "prove"),
)
PAPER_CLAUSE = f"{GUIDELINES}, 5.18"


class Limit(NamedTuple):
    status: str
    business_days: int | None
    clause: str


LIMITS = (
    Limit("submitted", 10, f"{GUIDELINES}, 5.3"),
    Limit("authorised", None, f"{GUIDELINES}, 5.4"),
    Limit("in_review", 10, f"{GUIDELINES}, 5.4"),
    Limit("observed", 10, f"{GUIDELINES}, 5.4"),
    Limit("numbered", 5, f"{GUIDELINES}, 5.6"),
)


class Conduct(NamedTuple):
    code: str
    name_es: str
    name_en: str
    required_at: str
    clause: str
    source: str
    is_verified: bool = False
    note: str = ""
    threshold: Decimal | None = None


CONDUCT = (
    Conduct(
        "capture_window",
        "La propuesta se presenta dentro de la ventana de captura del ejercicio",
        "The proposal is submitted within the year's capture window",
        "submit",
        f"{GUIDELINES}, 5.2",
        MEDIUM,
    ),
    Conduct(
        "works_inside_dates",
        "Las obras empiezan y terminan dentro del ejercicio fiscal",
        "The works start and end within the fiscal year",
        "submit",
        f"{GUIDELINES}, 5.7",
        HIGH,
    ),
    Conduct(
        "one_modality",
        "Todas las acciones del proyecto son de su modalidad",
        "All actions of the project belong to its modality",
        "submit",
        f"{GUIDELINES}, 6",
        OWN_CHECK,
    ),
    Conduct(
        "types_of_the_year",
        "Los tipos de obra o acción están en el catálogo del ejercicio",
        "The action types are in the year's catalogue",
        "submit",
        f"{GUIDELINES}, 6",
        OWN_CHECK,
    ),
    Conduct(
        "funding_complete",
        "Las aportaciones federal, estatal, municipal y de beneficiarios están capturadas y suman el costo",
        "The federal, state, municipal and beneficiaries' contributions are given and add up to the cost",
        "submit",
        UNREAD,
        "BID, nota sobre el préstamo de 150 millones de dólares: cuatro fuentes de financiamiento",
        True,
    ),
    Conduct(
        "people_counted",
        "Las acciones en un polígono dicen a cuántas mujeres y hombres atienden",
        "Actions in a polygon say how many women and men they serve",
        "submit",
        f"{GUIDELINES}, 4.5",
        MEDIUM,
    ),
    Conduct(
        "location_basis",
        "La ubicación corresponde al tipo de obra: en el polígono, a su servicio, o en todo el municipio",
        "The place suits the action type: in the polygon, serving it, or the whole municipality",
        "submit",
        f"{GUIDELINES}, 4.3",
        MEDIUM,
        note="Las calles limitan el polígono: que la mitad del sitio quede dentro es valor de trabajo del portal.",
        threshold=Decimal(50),
    ),
    Conduct(
        "no_duplicates",
        "Ninguna otra propuesta del ejercicio hace lo mismo en el mismo sitio",
        "No other proposal of the year does the same on the same site",
        "",
        UNREAD,
        OWN_CHECK,
        note="Mismo tipo de obra construida y al menos esa parte del sitio, dentro del municipio: valor de trabajo del"
        " portal, por lo que informa y no detiene mientras nadie lo coteje.",
        threshold=Decimal(50),
    ),
    Conduct(
        "buried_services_first",
        "Lo que se pavimenta cuenta antes con agua y drenaje",
        "What is paved has its water and drainage first",
        "number",
        UNREAD,
        MEDIUM,
        note="Por el censo de las manzanas que toca, las redes de la misma propuesta o de otras, o la validación del"
        " organismo operador. El umbral es valor de trabajo del portal.",
        threshold=Decimal(20),
    ),
    Conduct(
        "quantity_drawn",
        "La meta capturada concuerda con lo dibujado",
        "The quantity written agrees with what is drawn",
        "submit",
        UNREAD,
        OWN_CHECK,
        note="Metros lineales contra el trazo, superficie contra el área. La tolerancia es valor de trabajo del portal;"
        " quien propone puede explicar la diferencia y quien revisa la valora.",
        threshold=Decimal(20),
    ),
    Conduct(
        "overlaps_answered",
        "Quien revisa respondió por cada acción reciente de la misma línea en las mismas manzanas",
        "The reviewer answered for each recent action of the same line on the same blocks",
        "number",
        UNREAD,
        OWN_CHECK,
        note="Ejercicios hacia atrás que se buscan: valor de trabajo del portal.",
        threshold=Decimal(5),
    ),
    Conduct(
        "opinions_given",
        "Las opiniones técnicas solicitadas están emitidas y son favorables",
        "The technical opinions asked for are given and favourable",
        "number",
        f"{GUIDELINES}, 5.4",
        MEDIUM,
    ),
    Conduct(
        "committee_before_start",
        "El comité comunitario está constituido antes de iniciar",
        "The community committee is constituted before the start",
        "start",
        f"{GUIDELINES}, 4.2",
        HIGH,
        note="Se acredita con el registro del comité: acta de la asamblea e integrantes.",
    ),
    Conduct(
        "handover_signed",
        "El acta de entrega-recepción está emitida y firmada",
        "The handover certificate is issued and signed",
        "hand_over",
        f"{GUIDELINES}, 5.12",
        HIGH,
    ),
    Conduct(
        "committee_verdict",
        "El comité comunitario da su visto bueno, o su dispensa consta con motivo y documento",
        "The community committee gives its word, or a recorded waiver stands in its place",
        "close",
        f"{GUIDELINES}, 4.2",
        MEDIUM,
        note="Solo donde el tipo de acción lo pide; los estudios y planes no tienen comité.",
    ),
    Conduct(
        "points_closed",
        "Los compromisos de las visitas están atendidos",
        "The action points of visits are closed",
        "close",
        f"{GUIDELINES}, 5.17",
        OWN_CHECK,
    ),
    Conduct(
        "measured_equals_planned",
        "Lo medido en los avances aceptados alcanza la meta física",
        "What accepted progress measured reaches the physical target",
        "finish",
        f"{GUIDELINES}, 5.12",
        MEDIUM,
    ),
    Conduct(
        "proven_equals_released",
        "Lo comprobado más lo reintegrado es igual a lo ministrado",
        "What was proven plus what was refunded equals what was released",
        "prove",
        f"{GUIDELINES}, 5.11",
        HIGH,
    ),
)
