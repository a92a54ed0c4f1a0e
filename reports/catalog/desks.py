"""What waits on the desks of those who carry projects on."""

from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from projects.models import Status
from projects.turns import roles_of
from reports.catalog.base import Kind, Topic, labels, quoted
from reports.catalog.columns import FOLIO, MODALITY, MUNICIPALITY, PROJECT, STATE, STATUS, Column
from reports.periods import Week

ENDED = ("draft", "closed", "rejected", "withdrawn", "cancelled")


class DeskDigest(Kind):
    """One row a project that waited for its next step when the week ended."""

    kind = "desk-digest"
    topic = Topic.PROGRESS
    title = _("Weekly digest of the desks")
    purpose = _("What waits for whom at the end of the week, since when, and what is late.")
    basis = _("The program's own follow-up; no rule asks for it.")
    period = Week
    columns = (
        Column("turn", _("Whose turn"), _("The role that takes the next step.")),
        STATE,
        MUNICIPALITY,
        FOLIO,
        PROJECT,
        MODALITY,
        STATUS,
        Column("since", _("Waits since"), _("Day of the last step taken."), "date"),
        Column("days", _("Days waiting"), _("Calendar days from the last step to the end of the week."), "count"),
        Column("due_on", _("Due"), _("Last day of the deadline the rules set for this status."), "date"),
        Column("waiting", _("Waiting"), _("1 for every project, so that they can be added up."), "count", True),
        Column("late", _("Late"), _("1 where the deadline had passed."), "count", is_summed=True),
        Column("federal", _("Federal pesos asked"), _("Federal contributions of its actions."), "money", True),
    )
    facts = ("works", "items")
    order = "turn, due_on NULLS LAST, since, folio"
    key = ("folio",)
    groups = ("turn", "state")
    shown = ("waiting", "late", "federal")

    def body(self) -> str:
        turns = " ".join(f"WHEN {quoted(status)} THEN {quoted(_roles(status))}" for status in Status.values)
        return f"""
            SELECT works.folio, works.project, works.state, works.municipality, works.modality,
                   CASE works.status {turns} END AS turn, {labels("works.status", Status)} AS status,
                   works.since::date AS since,
                   floor(extract(epoch FROM %(until)s::timestamptz - works.since) / 86400)::int AS days,
                   works.due_on, 1 AS waiting, coalesce(works.due_on < %(last_day)s, false)::int AS late,
                   coalesce(asked.federal, 0.00) AS federal
            FROM works LEFT JOIN (
                SELECT items.project_id, sum(paid.amount) AS federal
                FROM items JOIN projects_contribution AS paid ON paid.action_id = items.id AND paid.source = 'federal'
                GROUP BY items.project_id
            ) AS asked ON asked.project_id = works.id
            WHERE works.status NOT IN ({", ".join(map(quoted, ENDED))})
        """


def _roles(status: str) -> str:
    return ", ".join(str(Role(role).label) for role in sorted(roles_of(status)))
