"""Who benefits, and who watches."""

from django.utils.translation import gettext_lazy as _

from modalities.models import Unit
from projects.models import Status
from reports.catalog.base import Kind, Sheet, Topic, labels
from reports.catalog.columns import (
    ENDS_ON,
    FILE_NUMBER,
    FOLIO,
    HOUSEHOLDS,
    MEN,
    MODALITY,
    MUNICIPALITY,
    POLYGON,
    PROJECT,
    STARTS_ON,
    STATE,
    STATUS,
    WOMEN,
    Column,
)
from reports.catalog.facts import known
from reports.periods import Quarter


class Beneficiaries(Kind):
    """Population served by works: the third structure of the Padrón Único (domain report, 5.3); no named person."""

    kind = "beneficiaries"
    topic = Topic.PEOPLE
    title = _("Beneficiary register: population served by works")
    purpose = _("How many women, men and households each approved work or action serves. It names no person.")
    basis = _(
        "Normative guidelines of the single beneficiary register, June 2013, third structure (unverified layout)."
    )
    period = Quarter
    columns = (
        FOLIO,
        FILE_NUMBER,
        Column("state_id", _("State key"), _("INEGI's key of two digits.")),
        STATE,
        Column("municipality_id", _("Municipality key"), _("INEGI's key of five digits.")),
        MUNICIPALITY,
        Column("neighbourhood", _("Neighbourhood"), _("Colonia, as the project gives it.")),
        POLYGON,
        MODALITY,
        PROJECT,
        Column("action_type", _("Action type"), _("Type in the year's catalogue.")),
        Column("unit", _("Unit"), _("Unit of the quantities in this row.")),
        Column("planned", _("Planned"), _("Quantity approved for this action."), "number"),
        WOMEN,
        MEN,
        Column("people", _("People"), _("Women and men together."), "count", is_summed=True),
        HOUSEHOLDS,
        STARTS_ON,
        ENDS_ON,
        STATUS,
    )
    facts = ("approved", "items")
    order = "municipality_id, folio, action_id"
    key = ("folio", "action_type", "planned")
    groups = ("modality", "state")
    shown = ("women", "men", "people", "households")

    def body(self) -> str:
        return f"""
            SELECT approved.folio, approved.file_number, approved.state_id, approved.state, approved.municipality_id,
                   approved.municipality, approved.neighbourhood, approved.polygon, approved.modality, approved.project,
                   approved.starts_on, approved.ends_on, {labels("approved.status", Status)} AS status,
                   items.action_type, {labels("items.unit", Unit)} AS unit, items.quantity AS planned, items.women,
                   items.men, items.women + items.men AS people, items.households, items.id AS action_id
            FROM approved JOIN items ON items.project_id = approved.id
        """


def _count(name: str, heading, definition) -> Column:
    return Column(name, heading, definition, "count", is_summed=True)


class WorksWatched(Sheet):
    """Each work in execution or beyond, and the committees that watch it."""

    name = "works"
    title = _("Works and their committees")
    columns = (
        FOLIO,
        STATE,
        MUNICIPALITY,
        PROJECT,
        STATUS,
        _count("committees", _("Committees"), _("Committees that watch the work.")),
        _count("forms", _("Vigilance forms"), _("Forms about the work dated up to the end of the period.")),
        _count("without", _("Without a committee"), _("1 where no committee watches it.")),
    )
    facts = ("approved",)
    order = "municipality, folio"
    key = ("folio",)
    groups = ("state",)
    shown = ("committees", "forms", "without")

    def body(self) -> str:
        return f"""
            SELECT approved.folio, approved.state, approved.municipality, approved.project,
                   {labels("approved.status", Status)} AS status, watched.committees, told.forms,
                   (watched.committees = 0)::int AS without
            FROM approved
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS committees FROM projects_committeeproject AS link
                JOIN projects_committee AS committee ON committee.id = link.committee_id
                WHERE link.project_id = approved.id AND committee.constituted_on <= %(last_day)s
                  AND {known("projects_committeeprojectevent", "link.id")}
            ) AS watched
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS forms FROM projects_vigilanceform AS form
                WHERE form.project_id = approved.id AND form."on" <= %(last_day)s
                  AND {known("projects_vigilanceformevent", "form.id")}
            ) AS told
            WHERE approved.status NOT IN ('approved', 'cancelled')
        """


class SocialAudit(Kind):
    """Contraloría social: committees and what they did; members are counted, not named."""

    kind = "social-audit"
    topic = Topic.PEOPLE
    title = _("Social audit")
    purpose = _(
        "Committees, their members by sex, what they were taught and handed, their forms, what SICS still lacks."
    )
    basis = _("General Law of Social Development, articles 69 to 71; guidelines of the SFP (unverified layout).")
    period = Quarter
    columns = (
        STATE,
        MUNICIPALITY,
        Column("committee", _("Committee"), _("Its name.")),
        Column("polygon", _("Habitat Polygon"), _("Code of the polygon it is of; empty where it is of works.")),
        Column("constituted_on", _("Constituted"), _("Day of the assembly."), "date"),
        Column("registration", _("Registration"), _("Number of its certificate of registration.")),
        _count("women_members", _("Women members"), _("Women in the committee at the end of the period.")),
        _count("men_members", _("Men members"), _("Men in the committee at the end of the period.")),
        _count("works", _("Works watched"), _("Works it watches.")),
        _count("trainings", _("Trainings"), _("Trainings up to the end of the period.")),
        _count("materials", _("Materials"), _("Deliveries of materials up to the end of the period.")),
        _count("meetings", _("Meetings"), _("Meetings up to the end of the period.")),
        _count("forms", _("Vigilance forms"), _("Forms filled in up to the end of the period.")),
        _count("uncaptured", _("Not in SICS"), _("Events whose day of capture had passed without being entered.")),
    )
    facts = ("places",)
    order = "state, municipality, committee"
    key = ("municipality", "committee")
    groups = ("state",)
    shown = ("women_members", "men_members", "trainings", "forms", "uncaptured")
    more = (WorksWatched(),)

    def body(self) -> str:
        of_it = "committee_id = committee.id"
        acts = f"""
            SELECT count(*) FILTER (WHERE kind = 'training')::int AS trainings,
                   count(*) FILTER (WHERE kind = 'materials')::int AS materials,
                   count(*) FILTER (WHERE kind = 'meeting')::int AS meetings
            FROM projects_committeeactivity AS act WHERE act.{of_it} AND act."on" <= %(last_day)s
              AND {known("projects_committeeactivityevent", "act.id")}
        """
        return f"""
            SELECT places.state, places.municipality, committee.name AS committee, polygon.code AS polygon,
                   committee.constituted_on, committee.registration, members.women_members, members.men_members,
                   watched.works, acts.*, told.forms, late.uncaptured
            FROM projects_committee AS committee
            JOIN places ON places.code = committee.municipality_id
            LEFT JOIN polygons_polygon AS polygon ON polygon.id = committee.polygon_id
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE sex = 'woman')::int AS women_members,
                       count(*) FILTER (WHERE sex = 'man')::int AS men_members
                FROM projects_committeemember AS member WHERE member.{of_it} AND member.joined_on <= %(last_day)s
                  AND (member.left_on IS NULL OR member.left_on > %(last_day)s)
                  AND {known("projects_committeememberevent", "member.id")}
            ) AS members
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS works FROM projects_committeeproject AS link WHERE link.{of_it}
                  AND {known("projects_committeeprojectevent", "link.id")}
            ) AS watched
            CROSS JOIN LATERAL ({acts}) AS acts
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS forms FROM projects_vigilanceform AS form
                WHERE form.{of_it} AND form."on" <= %(last_day)s
                  AND {known("projects_vigilanceformevent", "form.id")}
            ) AS told
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS uncaptured FROM projects_sicscapture AS capture
                WHERE capture.{of_it} AND capture.due_on <= %(last_day)s
                  AND (capture.captured_on IS NULL OR capture.captured_on > %(last_day)s)
                  AND {known("projects_sicscaptureevent", "capture.id")}
            ) AS late
            WHERE committee.fiscal_year_id = %(year)s AND committee.constituted_on <= %(last_day)s
              AND (%(polygon)s::bigint IS NULL OR committee.polygon_id = %(polygon)s)
              AND {known("projects_committeeevent", "committee.id")}
        """
