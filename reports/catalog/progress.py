"""Follow-up of works: the progress of the month, action by action."""

from django.utils.translation import gettext_lazy as _

from modalities.models import Unit
from projects.models import Moment
from reports.catalog.base import Kind, Topic, labels, listed
from reports.catalog.columns import (
    FILE_NUMBER,
    FOLIO,
    MODALITY,
    MUNICIPALITY,
    POLYGON,
    PROJECT,
    STATE,
    Column,
    by_source,
)
from reports.periods import Month

FIRST_ROW = _("Stands on the project's first row, because money is of projects and not of actions.")


class MonthlyProgress(Kind):
    """Avance físico y financiero (operating guidelines 2012, 5.16): one row an action of every approved project."""

    kind = "monthly-progress"
    topic = Topic.PROGRESS
    title = _("Monthly physical and financial progress")
    purpose = _("What was measured and paid in the month, against what was planned and approved, action by action.")
    basis = _("Operating guidelines 2012, chapter 5.16; monthly by practice (unverified).")
    period = Month
    columns = (
        FOLIO,
        FILE_NUMBER,
        STATE,
        MUNICIPALITY,
        POLYGON,
        MODALITY,
        PROJECT,
        Column("action_type", _("Action type"), _("Type in the year's catalogue.")),
        Column("unit", _("Unit"), _("Unit of the quantities in this row.")),
        Column("planned", _("Planned"), _("Quantity approved for this action."), "number"),
        Column("measured", _("Measured in the month"), _("Quantity of the month's accepted progress."), "number"),
        Column("cumulative", _("Measured to date"), _("Quantity of all accepted progress up to the month."), "number"),
        Column("percent", _("Physical progress"), _("Measured to date, of planned."), "percent"),
        *by_source("approved", _("Approved"), FIRST_ROW, Moment.APPROVED),
        *by_source("paid", _("Paid to date"), FIRST_ROW, Moment.PAID),
        *by_source("month", _("Paid in the month"), FIRST_ROW, Moment.PAID, in_period=True),
    )
    facts = ("approved", "items", "measured")
    order = "municipality_id, folio, action_id"
    key = ("folio", "action_type", "planned")
    groups = ("modality", "state")
    shown = ("approved_total", "paid_total", "month_total")

    def body(self) -> str:
        return f"""
            SELECT approved.*, items.action_type, {labels("items.unit", Unit)} AS unit, items.quantity AS planned,
                   coalesce(measured.in_period, 0.00) AS measured, coalesce(measured.to_date, 0.00) AS cumulative,
                   round(coalesce(measured.to_date, 0) * 100 / items.quantity, 1) AS percent, items.id AS action_id,
                   {listed("money", self.ledger)}
            FROM approved
            JOIN (
                SELECT items.*, min(id) OVER (PARTITION BY project_id) AS first_id FROM items
            ) AS items ON items.project_id = approved.id
            LEFT JOIN measured ON measured.action_id = items.id
            LEFT JOIN money ON money.project_id = approved.id AND items.id = items.first_id
        """
