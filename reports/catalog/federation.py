"""Reports to the Federation: the Finance Ministry's quarterly layout, Congress, the results matrix."""

from django.utils.translation import gettext_lazy as _

from projects.models import Moment, Project, Status
from reports.catalog.base import Kind, Sheet, Topic, labels, listed, quoted, summed_up
from reports.catalog.columns import (
    APPROVED_NOTE,
    ENDS_ON,
    FILE_NUMBER,
    FOLIO,
    HOUSEHOLDS,
    LEDGER_NOTE,
    MEN,
    MODALITY,
    MUNICIPALITY,
    PHYSICAL,
    POLYGON,
    PROJECT,
    STARTS_ON,
    STATE,
    STATUS,
    WOMEN,
    Column,
    by_source,
    federal,
)
from reports.catalog.facts import known
from reports.catalog.matrix import MATRIX, Frequency, Indicator, Level, unit_of
from reports.periods import Quarter

FEDERAL_MOMENTS = (
    federal("approved", _("Approved"), APPROVED_NOTE, Moment.APPROVED),
    federal("released", _("Released"), LEDGER_NOTE, Moment.RELEASED),
    federal("committed", _("Committed"), LEDGER_NOTE, Moment.COMMITTED),
    federal("accrued", _("Accrued"), LEDGER_NOTE, Moment.ACCRUED),
    federal("paid", _("Paid"), LEDGER_NOTE, Moment.PAID),
    federal("refunded", _("Refunded"), LEDGER_NOTE, Moment.REFUNDED),
)


def _count(name: str, heading, definition) -> Column:
    return Column(name, heading, definition, "count", is_summed=True)


class FinancialProgress(Sheet):
    """Avance financiero: the program by state, municipality and modality."""

    name = "financial"
    title = _("Financial progress")
    columns = (
        STATE,
        MUNICIPALITY,
        MODALITY,
        _count("projects", _("Projects"), _("Approved projects.")),
        *FEDERAL_MOMENTS,
    )
    facts = ("approved",)
    order = "state, municipality, modality"
    key = ("state", "municipality", "modality")
    groups = ("state",)
    shown = ("approved_federal", "released_federal", "paid_federal")

    def body(self) -> str:
        return f"""
            SELECT approved.state, approved.municipality, approved.modality, count(*)::int AS projects,
                   {summed_up("money", self.ledger)}
            FROM approved JOIN money ON money.project_id = approved.id
            GROUP BY approved.state, approved.municipality, approved.modality
        """


class Indicators(Sheet):
    """The matrix's indicators with their two figures."""

    name = "indicators"
    title = _("Indicators")
    columns = (
        Column("level", _("Level"), _("Level of the matrix.")),
        Column("code", _("Code"), _("The portal's own.")),
        Column("indicator", _("Indicator"), _("Its name; a reconstruction, not verified.")),
        Column("numerator_of", _("Numerator"), _("What is counted.")),
        Column("numerator", _("Numerator's figure"), _("Empty where it is not measured yet."), "number"),
        Column("denominator_of", _("Denominator"), _("What it is counted of; empty for a plain number.")),
        Column("denominator", _("Denominator's figure"), _("Empty where there is none."), "number"),
        Column("value", _("Value"), _("100 × numerator by denominator, or the numerator itself."), "number"),
        Column("unit", _("Unit"), _("Unit of the value.")),
        Column("frequency", _("Frequency"), _("How often it is measured.")),
        Column("source", _("Source"), _("Where both figures come from.")),
        Column("note", _("Remark"), _("What to know when reading it.")),
    )
    facts = ("universe", "target", "attended", "approved", "items", "ceilings", "twice")
    order = "position"
    key = ("code",)

    def body(self) -> str:
        rows = " UNION ALL ".join(_row(number, indicator) for number, indicator in enumerate(MATRIX))
        return f"""
            WITH subsidies AS (
                SELECT approved.modality_id, items.priority, sum(paid.amount) AS federal
                FROM approved JOIN items ON items.project_id = approved.id
                JOIN projects_contribution AS paid ON paid.action_id = items.id AND paid.source = 'federal'
                GROUP BY approved.modality_id, items.priority
            ), centres AS (
                SELECT centre.id, centre.standing FROM projects_centre AS centre
                JOIN projects_centreproject AS link ON link.centre_id = centre.id
                JOIN works ON works.id = link.project_id
                WHERE {known("projects_centreprojectevent", "link.id")}
            ), watched AS (
                SELECT link.project_id FROM projects_committeeproject AS link
                WHERE {known("projects_committeeprojectevent", "link.id")}
            ), funded AS (SELECT * FROM approved), approved AS (
                SELECT funded.*, funded.id IN (SELECT project_id FROM watched) AS is_watched FROM funded
            )
            SELECT rows.*, CASE WHEN has_denominator THEN round(100 * numerator / nullif(denominator, 0), 2)
                                ELSE numerator END AS value,
                   CASE WHEN numerator IS NULL AND unmeasured <> '' THEN unmeasured ELSE remark END AS note
            FROM ({rows}) AS rows
        """


def _row(position: int, indicator: Indicator) -> str:
    cells = {
        "level": Level(indicator.level).label,
        "code": indicator.code,
        "indicator": indicator.name,
        "numerator_of": indicator.numerator,
        "denominator_of": indicator.denominator,
        "unit": unit_of(indicator),
        "frequency": Frequency(indicator.frequency).label,
        "source": indicator.source,
        "remark": indicator.note,
        "unmeasured": indicator.unmeasured,
    }
    words = ", ".join(f"{quoted(text)} AS {name}" for name, text in cells.items())
    return f"""
        SELECT {position} AS position, {words}, {str(bool(indicator.denominator)).lower()} AS has_denominator,
               {indicator.numerator_sql or "NULL"}::numeric(20, 2) AS numerator,
               {indicator.denominator_sql or "NULL"}::numeric(20, 2) AS denominator
    """


class QuarterlyShcp(Kind):
    """PASH: Gestión de Proyectos, Avance Financiero, Indicadores (domain report, 5.2)."""

    kind = "quarterly-shcp"
    topic = Topic.FEDERATION
    title = _("Quarterly report to the Finance Ministry (SHCP)")
    purpose = _("Exercise, destination and results of the federal money: projects, financial progress, indicators.")
    basis = _("LFPRH articles 85 and 107, LCF article 48; within 20 calendar days of the quarter's end (unverified).")
    period = Quarter
    columns = (
        FOLIO,
        FILE_NUMBER,
        STATE,
        Column("municipality_id", _("Municipality key"), _("INEGI's key of five digits.")),
        MUNICIPALITY,
        POLYGON,
        MODALITY,
        PROJECT,
        Column("execution", _("Form of execution"), _("By contract or by own administration.")),
        STARTS_ON,
        ENDS_ON,
        STATUS,
        PHYSICAL,
        WOMEN,
        MEN,
        HOUSEHOLDS,
        *FEDERAL_MOMENTS,
        Column("approved_total", _("Approved, all sources"), APPROVED_NOTE, "money", True, moment=Moment.APPROVED),
        Column("paid_total", _("Paid, all sources"), LEDGER_NOTE, "money", is_summed=True, moment=Moment.PAID),
    )
    facts = ("approved", "physical", "people")
    order = "municipality_id, folio"
    key = ("folio",)
    groups = ("state",)
    shown = ("approved_federal", "released_federal", "committed_federal", "paid_federal", "refunded_federal")
    more = (FinancialProgress(), Indicators())

    def body(self) -> str:
        return f"""
            SELECT approved.folio, approved.file_number, approved.state, approved.municipality_id,
                   approved.municipality, approved.polygon, approved.modality, approved.project,
                   {labels("approved.execution_form", Project.ExecutionForm)} AS execution, approved.starts_on,
                   approved.ends_on,
                   {labels("approved.status", Status)} AS status, physical.percent,
                   coalesce(people.women, 0)::int AS women,
                   coalesce(people.men, 0)::int AS men, coalesce(people.households, 0)::int AS households,
                   {listed("money", self.ledger)}
            FROM approved JOIN money ON money.project_id = approved.id
            LEFT JOIN physical ON physical.project_id = approved.id
            LEFT JOIN people ON people.project_id = approved.id
        """


class QuarterlyCongress(Kind):
    """Informe trimestral a la Cámara de Diputados: budget and targets, state by state."""

    kind = "quarterly-congress"
    topic = Topic.FEDERATION
    title = _("Quarterly report to Congress")
    purpose = _("Budget exercised and targets reached, state by state.")
    basis = _("Budget decree: quarterly reports to the Chamber of Deputies and the SFP (unverified layout).")
    period = Quarter
    columns = (
        STATE,
        Column("ceiling", _("Federal ceiling"), _("Of the state, over all strands."), "money", is_summed=True),
        _count("projects", _("Projects approved"), _("Approved less cancelled.")),
        _count("running", _("In execution"), _("Of these, in execution.")),
        _count("finished", _("Finished"), _("Of these, finished or beyond.")),
        _count("polygons", _("Polygons attended"), _("Polygons with an approved project.")),
        _count("municipalities", _("Municipalities"), _("Municipalities with an approved project.")),
        WOMEN,
        MEN,
        HOUSEHOLDS,
        PHYSICAL,
        *by_source("approved", _("Approved"), APPROVED_NOTE, Moment.APPROVED),
        *by_source("released", _("Released"), LEDGER_NOTE, Moment.RELEASED),
        *by_source("paid", _("Paid"), LEDGER_NOTE, Moment.PAID),
        *by_source("quarter", _("Paid in the quarter"), LEDGER_NOTE, Moment.PAID, in_period=True),
    )
    facts = ("approved", "physical", "people", "ceilings")
    order = "state_id"
    key = ("state",)
    groups = ("state",)
    shown = ("ceiling", "projects", "finished", "polygons", "approved_federal", "paid_federal")

    def body(self) -> str:
        return f"""
            SELECT approved.state_id, approved.state, count(*)::int AS projects,
                   count(*) FILTER (WHERE approved.status = 'in_execution')::int AS running,
                   count(*) FILTER (WHERE approved.status IN ('finished', 'handed_over', 'proven', 'closed'))::int
                       AS finished,
                   count(DISTINCT approved.polygon_id)::int AS polygons,
                   count(DISTINCT approved.municipality_id)::int AS municipalities,
                   coalesce(sum(people.women), 0)::int AS women, coalesce(sum(people.men), 0)::int AS men,
                   coalesce(sum(people.households), 0)::int AS households,
                   round(100 * sum(physical.done) / nullif(sum(physical.cost), 0), 1) AS percent,
                   coalesce((SELECT sum(amount) FROM ceilings WHERE ceilings.state_id = approved.state_id
                             AND ceilings.municipality_id IS NULL AND ceilings.modality_id IS NULL), 0.00) AS ceiling,
                   {summed_up("money", self.ledger)}
            FROM approved JOIN money ON money.project_id = approved.id
            LEFT JOIN physical ON physical.project_id = approved.id
            LEFT JOIN people ON people.project_id = approved.id
            GROUP BY approved.state_id, approved.state
        """


class ResultsMatrix(Indicators, Kind):
    """Matriz de Indicadores para Resultados: the same rows as the Ministry's third sheet, as a report of its own."""

    name = ""
    kind = "results-matrix"
    topic = Topic.FEDERATION
    title = _("Results matrix (MIR)")
    purpose = _("Each indicator with its numerator, denominator, frequency and source.")
    basis = _("Reconstruction: the official formulas were not found (domain report, 5.5; not verified).")
    period = Quarter
