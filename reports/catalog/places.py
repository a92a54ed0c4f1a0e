"""Places: municipalities and polygons with their need, their works and their money; what is covered of the universe."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from projects.models import Moment
from reports.catalog.base import Kind, Sheet, Topic, quoted, summed_up, yes_no
from reports.catalog.columns import (
    APPROVED_NOTE,
    HOUSEHOLDS,
    LEDGER_NOTE,
    MEN,
    PHYSICAL,
    STATE,
    WOMEN,
    Column,
    by_source,
    federal,
)
from reports.periods import Month, Year

PLACE = Column("municipality", _("Municipality"), _("Name of the municipality."))


def _count(name: str, heading, definition) -> Column:
    return Column(name, heading, definition, "count", is_summed=True)


UNIVERSE = _count("universe", _("Polygons"), _("Published polygons: the universe."))
TARGET = _count("target", _("Eligible polygons"), _("Polygons of the year's published list: the target."))
ATTENDED = _count("attended", _("Polygons attended"), _("Polygons with an approved project of the year."))
_SHORT = _("Sum over the polygons; the range's ends differ where INEGI keeps a count confidential.")
NEED = (
    _count("dwellings", _("Dwellings"), _("Dwellings in the polygons, census of the version published then.")),
    _count("base", _("Dwellings with known characteristics"), _("What shares of deficits are taken of.")),
    _count("water_low", _("Without water, at least"), _SHORT),
    _count("water_high", _("Without water, at most"), _SHORT),
    _count("drainage_low", _("Without drainage, at least"), _SHORT),
    _count("drainage_high", _("Without drainage, at most"), _SHORT),
    _count("electricity_low", _("Without electricity, at least"), _SHORT),
    _count("electricity_high", _("Without electricity, at most"), _SHORT),
)
STAGES = {
    "proposed": ("submitted", "authorised", "in_review", "observed", "numbered"),
    "approved": ("approved",),
    "running": ("in_execution",),
    "finished": ("finished", "handed_over", "proven"),
    "closed": ("closed",),
    "cancelled": ("cancelled",),
}
_STAGE = _("Projects of the year in this stage at the end of the period.")


NEEDED = ("universe", "target", "attended", *(column.name for column in NEED))
COVERED = (
    *("universe", "target", "attended", "population", "target_population", "attended_population", "dwellings"),
    "households",
)


def _zeros(prefix: str, columns: Iterable[Column], names: tuple[str, ...]) -> str:
    return ", ".join(
        f"coalesce({prefix}.{column.name}, 0) AS {column.name}" for column in columns if column.name in names
    )


def _pesos(prefix: str, sheet: Sheet) -> str:
    return ", ".join(f"coalesce({prefix}.{column.name}, 0.00) AS {column.name}" for column in sheet.ledger)


class PlaceSheet(Kind):
    """Ficha estatal y municipal: one row a municipality with polygons or projects."""

    kind = "place-sheet"
    topic = Topic.PLACES
    title = _("State and municipal sheet")
    purpose = _("Of each municipality: its polygons and what they lack, its projects by stage, its ceiling and money.")
    basis = _("The program's own follow-up; no rule asks for it.")
    period = Month
    columns = (
        STATE,
        Column("code", _("Municipality key"), _("INEGI's key of five digits.")),
        PLACE,
        UNIVERSE,
        TARGET,
        ATTENDED,
        *NEED,
        _count("stage_proposed", pgettext_lazy("projects", "Proposed"), _STAGE),
        _count("stage_approved", _("Approved, not begun"), _STAGE),
        _count("stage_running", _("In execution"), _STAGE),
        _count("stage_finished", _("Finished"), _STAGE),
        _count("stage_closed", pgettext_lazy("projects", "Closed"), _STAGE),
        _count("stage_cancelled", pgettext_lazy("projects", "Cancelled"), _STAGE),
        PHYSICAL,
        WOMEN,
        MEN,
        HOUSEHOLDS,
        Column("ceiling", _("Federal ceiling"), _("Of the municipality, over all strands."), "money", is_summed=True),
        *by_source("approved", _("Approved"), APPROVED_NOTE, Moment.APPROVED),
        *by_source("paid", _("Paid to date"), LEDGER_NOTE, Moment.PAID),
        federal("released", _("Released: federal"), LEDGER_NOTE, Moment.RELEASED),
    )
    facts = ("universe", "target", "attended", "physical", "people", "ceilings")
    order = "code"
    key = ("code",)
    groups = ("state",)
    shown = ("universe", "attended", "ceiling", "approved_federal", "paid_federal")

    def body(self) -> str:
        need = ", ".join(f"coalesce(sum(universe.{column.name}), 0)::int AS {column.name}" for column in NEED)
        stages = ", ".join(
            f"count(*) FILTER (WHERE works.status IN ({', '.join(map(quoted, statuses))}))::int AS stage_{name}"
            for name, statuses in STAGES.items()
        )
        approved = "EXISTS (SELECT FROM approved WHERE approved.id = works.id)"
        return f"""
            SELECT places.state, places.code, places.municipality, {_zeros("need", self.columns, NEEDED)}, told.percent,
                   {", ".join(f"coalesce(told.stage_{name}, 0) AS stage_{name}" for name in STAGES)},
                   coalesce(told.women, 0) AS women, coalesce(told.men, 0) AS men,
                   coalesce(told.households, 0) AS households, coalesce(ceiling.amount, 0.00) AS ceiling,
                   {_pesos("told", self)}
            FROM places
            LEFT JOIN (
                SELECT universe.municipality_id, count(*)::int AS universe, count(target.polygon_id)::int AS target,
                       count(attended.polygon_id)::int AS attended, {need}
                FROM universe LEFT JOIN target ON target.polygon_id = universe.id
                LEFT JOIN attended ON attended.polygon_id = universe.id
                GROUP BY universe.municipality_id
            ) AS need ON need.municipality_id = places.code
            LEFT JOIN (
                SELECT works.municipality_id, {stages},
                       round(100 * sum(physical.done) FILTER (WHERE {approved})
                             / nullif(sum(physical.cost) FILTER (WHERE {approved}), 0), 1) AS percent,
                       coalesce(sum(people.women) FILTER (WHERE {approved}), 0)::int AS women,
                       coalesce(sum(people.men) FILTER (WHERE {approved}), 0)::int AS men,
                       coalesce(sum(people.households) FILTER (WHERE {approved}), 0)::int AS households,
                       {summed_up("money", self.ledger)}
                FROM works
                LEFT JOIN physical ON physical.project_id = works.id
                LEFT JOIN people ON people.project_id = works.id
                LEFT JOIN money ON money.project_id = works.id
                GROUP BY works.municipality_id
            ) AS told ON told.municipality_id = places.code
            LEFT JOIN (
                SELECT municipality_id, sum(amount) AS amount FROM ceilings WHERE modality_id IS NULL GROUP BY 1
            ) AS ceiling ON ceiling.municipality_id = places.code
            WHERE need.universe IS NOT NULL OR told.municipality_id IS NOT NULL OR ceiling.amount > 0
        """


class PolygonSheet(Kind):
    """Ficha del polígono: one row a polygon of the universe."""

    kind = "polygon-sheet"
    topic = Topic.PLACES
    title = _("Polygon sheet")
    purpose = _("Of each polygon: its people, what its dwellings lack, whether it is eligible, its works and money.")
    basis = _("The program's own follow-up; no rule asks for it.")
    period = Month
    columns = (
        STATE,
        PLACE,
        Column("city", _("City"), _("City of the urban system the polygon lies in.")),
        Column("code", _("Polygon"), _("Code of the polygon.")),
        Column("name", _("Name"), _("Name of the polygon.")),
        Column("vintage", _("Census"), _("Census that the figures of need are of."), "count"),
        Column("is_target", _("Eligible"), _("Whether it stands in the year's published list.")),
        _count("block_count", _("Blocks"), _("City blocks that belong to it.")),
        _count("population", _("Population"), _("People in its blocks.")),
        *NEED,
        _count("projects", _("Projects"), _("Approved projects of the year.")),
        _count("finished", _("Finished"), _("Of these, finished.")),
        Column("modalities", _("Modalities"), _("In how many modalities its projects are."), "count"),
        PHYSICAL,
        WOMEN,
        MEN,
        HOUSEHOLDS,
        *by_source("approved", _("Approved"), APPROVED_NOTE, Moment.APPROVED),
        *by_source("paid", _("Paid to date"), LEDGER_NOTE, Moment.PAID),
    )
    facts = ("universe", "target", "attended", "physical", "people")
    order = "municipality_id, code"
    key = ("code",)
    groups = ("state",)
    shown = ("population", "projects", "finished", "approved_total", "paid_total")

    def body(self) -> str:
        return f"""
            SELECT universe.*, {yes_no("target.polygon_id IS NOT NULL")} AS is_target,
                   coalesce(attended.projects, 0) AS projects, coalesce(attended.finished, 0) AS finished,
                   coalesce(attended.modalities, 0) AS modalities, told.percent, coalesce(told.women, 0) AS women,
                   coalesce(told.men, 0) AS men, coalesce(told.households, 0) AS households,
                   {_pesos("told", self)}
            FROM (SELECT id, code, name, city, state, municipality, municipality_id, vintage, block_count, population,
                         {", ".join(column.name for column in NEED)} FROM universe) AS universe
            LEFT JOIN target ON target.polygon_id = universe.id
            LEFT JOIN attended ON attended.polygon_id = universe.id
            LEFT JOIN (
                SELECT approved.polygon_id,
                       round(100 * sum(physical.done) / nullif(sum(physical.cost), 0), 1) AS percent,
                       sum(people.women)::int AS women, sum(people.men)::int AS men,
                       sum(people.households)::int AS households, {summed_up("money", self.ledger)}
                FROM approved
                LEFT JOIN physical ON physical.project_id = approved.id
                LEFT JOIN people ON people.project_id = approved.id
                LEFT JOIN money ON money.project_id = approved.id
                WHERE approved.polygon_id IS NOT NULL GROUP BY approved.polygon_id
            ) AS told ON told.polygon_id = universe.id
        """


class Coverage(Kind):
    """Universe, target and attended: polygons, people and households, municipality by municipality."""

    kind = "coverage"
    topic = Topic.PLACES
    title = _("Coverage")
    purpose = _("How much of the universe and of the target the year's approved projects reach.")
    basis = _("Coverage as evaluators ask for it: universe, target and attended population (unverified layout).")
    period = Year
    columns = (
        STATE,
        Column("code", _("Municipality key"), _("INEGI's key of five digits.")),
        PLACE,
        UNIVERSE,
        TARGET,
        ATTENDED,
        Column("share", _("Attended of eligible"), _("Polygons attended, of eligible ones."), "percent"),
        _count("population", _("Population of the universe"), _("People in the blocks of all polygons.")),
        _count("target_population", _("Population of the target"), _("People in the blocks of eligible polygons.")),
        _count("attended_population", _("Population attended"), _("People in the blocks of polygons attended.")),
        _count("dwellings", _("Dwellings"), _("Dwellings in the blocks of all polygons.")),
        _count("households", _("Households of the universe"), _("Households in the blocks of all polygons.")),
        _count("households_served", _("Households served"), _("Households that approved projects say they serve.")),
        _count("projects", _("Projects"), _("Approved projects of the year, also those outside of polygons.")),
        *by_source("approved", _("Approved"), APPROVED_NOTE, Moment.APPROVED),
    )
    facts = ("universe", "target", "attended", "approved", "people")
    order = "code"
    key = ("code",)
    groups = ("state",)
    shown = ("universe", "target", "attended", "population", "attended_population", "approved_federal")

    def body(self) -> str:
        return f"""
            SELECT places.state, places.code, places.municipality, {_zeros("need", self.columns, COVERED)},
                   round(100.0 * need.attended / nullif(need.target, 0), 1) AS share,
                   coalesce(told.households_served, 0) AS households_served, coalesce(told.projects, 0) AS projects,
                   {_pesos("told", self)}
            FROM places
            LEFT JOIN (
                SELECT universe.municipality_id, count(*)::int AS universe, count(target.polygon_id)::int AS target,
                       count(attended.polygon_id)::int AS attended,
                       coalesce(sum(population), 0)::int AS population,
                       coalesce(sum(population) FILTER (WHERE target.polygon_id IS NOT NULL), 0)::int
                           AS target_population,
                       coalesce(sum(population) FILTER (WHERE attended.polygon_id IS NOT NULL), 0)::int
                           AS attended_population,
                       coalesce(sum(dwellings), 0)::int AS dwellings, coalesce(sum(households), 0)::int AS households
                FROM universe LEFT JOIN target ON target.polygon_id = universe.id
                LEFT JOIN attended ON attended.polygon_id = universe.id
                GROUP BY universe.municipality_id
            ) AS need ON need.municipality_id = places.code
            LEFT JOIN (
                SELECT approved.municipality_id, count(*)::int AS projects,
                       sum(people.households)::int AS households_served, {summed_up("money", self.ledger)}
                FROM approved LEFT JOIN people ON people.project_id = approved.id
                LEFT JOIN money ON money.project_id = approved.id
                GROUP BY approved.municipality_id
            ) AS told ON told.municipality_id = places.code
            WHERE need.universe IS NOT NULL OR told.municipality_id IS NOT NULL
        """
