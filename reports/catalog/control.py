"""Control: where somebody left a rule, and where the data are missing, late or at odds."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from projects.models import Status
from projects.turns import roles_of
from reports.catalog import register
from reports.catalog.base import Kind, Topic, labels, quoted
from reports.catalog.columns import FOLIO, MUNICIPALITY, PROJECT, STATE, Column
from reports.periods import Month, Quarter


class Override(TextChoices):
    EXCEPTION = "exception", _("Exception from a rule")
    REVERSAL = "reversal", _("Entry of the ledger reversed")
    CANCELLATION = "cancellation", _("Approved project cancelled")
    CEILING = "ceiling", _("Ceiling changed")
    REOPENING = "reopening", _("Accepted progress reopened")
    WAIVER = "waiver", _("Closed without the committee's word")
    ALERT = "alert", _("Alert closed by a person")


class Outcome(TextChoices):
    ASKED = "asked", _("Asked for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    DONE = "done", _("Done")


def _person(column: str) -> str:
    return f"(SELECT name FROM accounts_user WHERE accounts_user.id = {column})"


def _asked(what: str, table: str, rule: str = "''") -> str:
    """Asked by one person, decided by another, on a project: exceptions, reopenings, waivers."""
    return f"""
        SELECT {quoted(what)} AS what, asked.id AS row_id, works.state, works.municipality, works.folio, works.project,
               CASE WHEN asked.decided_at <= %(until)s THEN asked.decided_at ELSE asked.asked_at END AS at,
               {rule} AS rule, asked.reason,
               CASE WHEN asked.decided_at IS NULL OR asked.decided_at > %(until)s THEN 'asked'
                    WHEN asked.is_granted THEN 'granted' ELSE 'refused' END AS outcome,
               {_person("asked.asked_by_id")} AS asked_by,
               CASE WHEN asked.decided_at <= %(until)s THEN {_person("asked.decided_by_id")} END AS decided_by,
               0.00 AS amount
        FROM {table} AS asked JOIN works ON works.id = asked.project_id WHERE asked.asked_at <= %(until)s
    """


class Exceptions(Kind):
    """What was done otherwise than the rules say, or undone: each with who asked, who decided, and why."""

    kind = "exceptions"
    topic = Topic.CONTROL
    title = _("Exceptions and overrides")
    purpose = _(
        "Exceptions from rules, reversals, cancellations, changes of ceilings, reopenings and waivers, with reasons."
    )
    basis = _("Internal control; the layout is the portal's own (unverified).")
    period = Quarter
    columns = (
        Column("on_day", _("Date"), _("When it was decided; when it was asked for, where nobody decided."), "date"),
        Column("what", _("What"), _("Kind of exception or override.")),
        STATE,
        MUNICIPALITY,
        FOLIO,
        PROJECT,
        Column("rule", _("Rule"), _("Code of the rule that was left, or what was changed.")),
        Column("outcome", _("Outcome"), _("Asked for, granted, refused, or done.")),
        Column("reason", _("Reason"), _("In the words of who asked.")),
        Column("asked_by", _("Asked by"), _("The person who asked or did it.")),
        Column("decided_by", _("Decided by"), _("The other person, where two are needed.")),
        Column("times", _("Cases"), _("1 for every case, so that they can be added up."), "count", is_summed=True),
        Column("amount", _("Pesos"), _("What the entry or the ceiling changed by."), "money", is_summed=True),
    )
    facts = ("works", "entries")
    order = "on_day, what, folio, row_id"
    key = ("on_day", "what", "folio", "reason")
    groups = ("what", "state")
    shown = ("times", "amount")

    def body(self) -> str:
        parts = (
            _asked("exception", "projects_ruleexception", "asked.rule_code"),
            _asked("reopening", "(SELECT again.* FROM projects_progressreopening AS again)"),
            _asked("waiver", "projects_committeewaiver"),
            f"""
            SELECT 'reversal', entries.id, works.state, works.municipality, works.folio, works.project,
                   entries.recorded_at, entries.moment, entries.note, 'done', {_person("entries.by_id")}, NULL,
                   entries.amount
            FROM entries JOIN works ON works.id = entries.project_id WHERE entries.reversal_of_id IS NOT NULL
            """,
            f"""
            SELECT 'cancellation', change.id, works.state, works.municipality, works.folio, works.project, change.at,
                   '', change.reason, 'done',
                   (SELECT {_person("proposal.by_id")} FROM projects_cancellationproposal AS proposal
                    WHERE proposal.project_id = works.id ORDER BY proposal.id DESC LIMIT 1),
                   {_person("change.by_id")}, 0.00
            FROM projects_statuschange AS change JOIN works ON works.id = change.project_id
            WHERE change.to_status = 'cancelled' AND change.at <= %(until)s
            """,
            f"""
            SELECT 'ceiling', change.id, state.name, place.name, '', '', change.at, agreement.name, change.reason,
                   'done', {_person("change.by_id")}, NULL, change.after - change.before
            FROM projects_ceilingchange AS change JOIN projects_ceiling AS ceiling ON ceiling.id = change.ceiling_id
            JOIN projects_agreement AS agreement ON agreement.id = change.agreement_id
            LEFT JOIN polygons_state AS state ON state.code = ceiling.state_id
            LEFT JOIN polygons_municipality AS place ON place.code = ceiling.municipality_id
            WHERE ceiling.fiscal_year_id = %(year)s AND change.before IS NOT NULL AND change.at <= %(until)s
              AND (%(state)s::text IS NULL OR ceiling.state_id = %(state)s) AND %(polygon)s::bigint IS NULL
              AND (%(municipality)s::text IS NULL OR ceiling.municipality_id = %(municipality)s)
            """,
            f"""
            SELECT 'alert', alert.id, works.state, works.municipality, works.folio, works.project, alert.closed_at,
                   alert.kind, alert.reason, 'done', {_person("alert.closed_by_id")}, NULL, 0.00
            FROM projects_alert AS alert JOIN works ON works.id = alert.project_id
            WHERE alert.closed_by_id IS NOT NULL AND alert.closed_at <= %(until)s
            """,
        )
        return f"""
            SELECT at::date AS on_day, {labels("what", Override)} AS what, row_id, coalesce(state, '') AS state,
                   coalesce(municipality, '') AS municipality, folio, project, rule,
                   {labels("outcome", Outcome)} AS outcome, reason, asked_by, decided_by, 1 AS times, amount
            FROM ({" UNION ALL ".join(parts)}) AS parts WHERE at >= %(first_day)s
        """


class Fault(TextChoices):
    MISSING = "missing", _("Missing")
    LATE = "late", _("Late")
    AT_ODDS = "at_odds", _("At odds")
    ALERT = "alert", _("Alert")


# Name of a check → (its fault, whose it is, its words).
CHECKS = {
    "no_progress": (Fault.MISSING, Role.CERTIFIER, _("In execution, and no progress of the month was sent")),
    "no_people": (Fault.MISSING, Role.CERTIFIER, _("Says of nobody whom it serves")),
    "no_dates": (Fault.MISSING, Role.CERTIFIER, _("Has no start or no end in its calendar")),
    "no_place": (Fault.MISSING, Role.CERTIFIER, _("An action of a kind that has a place is not on the map")),
    "step_late": (Fault.LATE, None, _("The deadline of its status has passed")),
    "progress_waits": (Fault.LATE, Role.REVIEWER, _("Progress was sent more than 10 days before and is not decided")),
    "end_passed": (Fault.LATE, Role.CERTIFIER, _("Its end has passed and it is still in execution")),
    "paid_over": (Fault.AT_ODDS, Role.REVIEWER, _("More was paid than approved")),
    "measured_over": (Fault.AT_ODDS, Role.CERTIFIER, _("More was measured than planned")),
    "cost_differs": (Fault.AT_ODDS, Role.REVIEWER, _("What was approved is not what its actions cost")),
    "register_short": (
        Fault.AT_ODDS,
        Role.CERTIFIER,
        _("More people or months of stipends are reported than its register of people holds"),
    ),
    "paid_twice": (
        Fault.AT_ODDS,
        Role.REVIEWER,
        _("A stipend of a month in which another municipality pays the same CURP"),
    ),
    "unexplained": (Fault.AT_ODDS, Role.REVIEWER, _("More was proven and refunded than released")),
}


class DataQuality(Kind):
    """One row a fault: what is missing, late or at odds, since when, and whose it is to mend."""

    kind = "data-quality"
    topic = Topic.CONTROL
    title = _("Data quality")
    purpose = _(
        "What is missing, late or contradictory in the records of the year's projects, and whose it is to mend."
    )
    basis = _("Sufficient, reliable and consistent data, as the federal auditor asks for (ASF; unverified layout).")
    period = Month
    columns = (
        Column("fault", _("Fault"), _("Missing, late, at odds, or an alert.")),
        Column("what", _("What"), _("What was found.")),
        STATE,
        MUNICIPALITY,
        FOLIO,
        PROJECT,
        Column("owner", _("Whose"), _("The role that mends it.")),
        Column("person", _("In hand of"), _("Who has the case in hand, where somebody has.")),
        Column("since", _("Since"), _("From when it has been so; empty where it cannot be told."), "date"),
        Column("cases", _("Cases"), _("1 for every fault, so that they can be added up."), "count", is_summed=True),
    )
    facts = ("works", "approved", "items", "measured", "entries")
    order = "fault, what, municipality, folio, row_id"
    key = ("what", "folio", "since")
    groups = ("fault", "what", "owner", "state")
    shown = ("cases",)

    def body(self) -> str:
        faults = " ".join(f"WHEN {quoted(name)} THEN {quoted(fault.label)}" for name, (fault, _r, _w) in CHECKS.items())
        words = " ".join(f"WHEN {quoted(name)} THEN {quoted(words)}" for name, (_f, _r, words) in CHECKS.items())
        owners = " ".join(
            f"WHEN {quoted(name)} THEN {quoted(role.label)}" for name, (_f, role, _w) in CHECKS.items() if role
        )
        turns = " ".join(f"WHEN {quoted(status)} THEN {quoted(_roles(status))}" for status in Status.values)
        return f"""
            SELECT CASE found.name {faults} ELSE {quoted(Fault.ALERT.label)} END AS fault,
                   CASE found.name {words} ELSE found.name END AS what, works.state, works.municipality, works.folio,
                   works.project, CASE WHEN found.owner <> '' THEN {labels("found.owner", Role)} ELSE
                   CASE found.name {owners} ELSE CASE works.status {turns} END END END AS owner,
                   {_person("works.assigned_to_id")} AS person, found.since, 1 AS cases, found.row_id
            FROM (
                WITH paid AS MATERIALIZED ({register.PAID}) {FOUND} UNION ALL {register.FOUND}
            ) AS found JOIN works ON works.id = found.project_id
        """


def _roles(status: str) -> str:
    return ", ".join(str(Role(role).label) for role in sorted(roles_of(status)))


# (name, project, whose, since, a number that tells rows apart)
FOUND = """
    SELECT 'no_progress' AS name, works.id AS project_id, '' AS owner, %(first_day)s::date AS since, 0::bigint AS row_id
    FROM works WHERE works.status = 'in_execution' AND works.since < %(last_day)s AND NOT EXISTS (
        SELECT FROM projects_progressreport AS told WHERE told.project_id = works.id
        AND make_date(told.year, told.month, 1) >= %(first_day)s AND told.submitted_at <= %(as_at)s
    )
    UNION ALL
    SELECT 'no_people', approved.id, '', NULL, 0 FROM approved
    WHERE (SELECT coalesce(sum(women + men), 0) FROM items WHERE items.project_id = approved.id) = 0
    UNION ALL
    SELECT 'no_dates', approved.id, '', NULL, 0 FROM approved WHERE starts_on IS NULL OR ends_on IS NULL
    UNION ALL
    SELECT 'no_place', approved.id, '', NULL, action.id FROM approved
    JOIN projects_action AS action ON action.project_id = approved.id AND action.geometry IS NULL
    JOIN modalities_actiontype AS kind ON kind.code = action.action_type_id AND kind.geometry_kind <> 'none'
    UNION ALL
    SELECT 'step_late', works.id, '', works.due_on, 0 FROM works
    WHERE works.due_on < %(last_day)s AND works.status NOT IN ('closed', 'rejected', 'withdrawn', 'cancelled')
    UNION ALL
    SELECT 'progress_waits', told.project_id, '', told.submitted_at::date, told.id
    FROM projects_progressreport AS told JOIN works ON works.id = told.project_id
    WHERE told.submitted_at <= %(until)s::timestamptz - interval '10 days'
      AND (told.decided_at IS NULL OR told.decided_at > %(until)s) AND told.status <> 'draft'
    UNION ALL
    SELECT 'end_passed', works.id, '', works.ends_on, 0 FROM works
    WHERE works.status = 'in_execution' AND works.ends_on < %(last_day)s
    UNION ALL
    SELECT 'paid_over', project_id, '', NULL, 0 FROM entries GROUP BY project_id
    HAVING sum(amount) FILTER (WHERE moment = 'paid') > coalesce(sum(amount) FILTER (WHERE moment = 'approved'), 0)
    UNION ALL
    SELECT 'measured_over', items.project_id, '', NULL, items.id FROM items
    JOIN measured ON measured.action_id = items.id WHERE measured.to_date > items.quantity
    UNION ALL
    SELECT 'cost_differs', booked.project_id, '', NULL, 0 FROM (
        SELECT project_id, sum(amount) AS amount FROM entries WHERE moment = 'approved' GROUP BY project_id
        HAVING sum(amount) > 0
    ) AS booked JOIN (
        SELECT items.project_id, sum(paid.amount) AS amount FROM items
        JOIN projects_contribution AS paid ON paid.action_id = items.id AND paid.years_later = 0
        GROUP BY items.project_id
    ) AS asked ON asked.project_id = booked.project_id WHERE asked.amount <> booked.amount
    UNION ALL
    SELECT 'unexplained', project_id, '', NULL, 0 FROM entries GROUP BY project_id
    HAVING sum(amount) FILTER (WHERE moment IN ('proven', 'refunded'))
           > coalesce(sum(amount) FILTER (WHERE moment = 'released'), 0)
    UNION ALL
    SELECT alert.kind, alert.project_id, alert.owner, alert.opened_at::date, alert.id
    FROM projects_alert AS alert JOIN works ON works.id = alert.project_id
    WHERE alert.opened_at <= %(until)s AND (alert.closed_at IS NULL OR alert.closed_at > %(until)s)
"""
