"""The close of the fiscal year: every peso of every project from approval to proof or refund."""

from django.utils.translation import gettext_lazy as _

from projects.models import Moment, Status
from reports.catalog.base import Kind, Topic, labels, listed, yes_no
from reports.catalog.columns import (
    APPROVED_NOTE,
    FILE_NUMBER,
    FOLIO,
    LEDGER_NOTE,
    MODALITY,
    MUNICIPALITY,
    PHYSICAL,
    PROJECT,
    STATE,
    STATUS,
    STRAND,
    Column,
    by_source,
)
from reports.periods import Year


class AnnualClosure(Kind):
    """Cierre de ejercicio: one row a project that was ever approved in the year."""

    kind = "annual-closure"
    topic = Topic.FEDERATION
    title = _("Annual closure")
    purpose = _("What was approved, committed, released, accrued, paid, proven and refunded, project by project.")
    basis = _("Public account of the Federation; the layout is the portal's own (unverified).")
    period = Year
    columns = (
        FOLIO,
        FILE_NUMBER,
        STATE,
        MUNICIPALITY,
        STRAND,
        MODALITY,
        PROJECT,
        STATUS,
        PHYSICAL,
        *by_source("approved", _("Approved"), APPROVED_NOTE, Moment.APPROVED),
        *by_source("committed", _("Committed"), LEDGER_NOTE, Moment.COMMITTED),
        *by_source("released", _("Released"), LEDGER_NOTE, Moment.RELEASED),
        *by_source("accrued", _("Accrued"), LEDGER_NOTE, Moment.ACCRUED),
        *by_source("paid", _("Paid"), LEDGER_NOTE, Moment.PAID),
        *by_source("proven", _("Proven"), LEDGER_NOTE, Moment.PROVEN),
        *by_source("refunded", _("Refunded"), LEDGER_NOTE, Moment.REFUNDED),
        Column(
            "open",
            _("Neither proven nor refunded"),
            _("Released less proven less refunded; 0 at closure."),
            "money",
            True,
        ),
        Column("balanced", _("Balanced"), _("Whether proven and refunded add up to what was released.")),
    )
    facts = ("works", "physical")
    order = "state_id, municipality_id, folio"
    key = ("folio",)
    groups = ("modality", "state")
    shown = ("approved_federal", "released_federal", "paid_federal", "proven_federal", "refunded_federal", "open")

    def body(self) -> str:
        rest = "money.released_total - money.proven_total - money.refunded_total"
        return f"""
            SELECT works.folio, works.file_number, works.state, works.municipality, works.strand, works.modality,
                   works.project, {labels("works.status", Status)} AS status, physical.percent,
                   {listed("money", self.ledger)}, {rest} AS open, {yes_no(f"{rest} = 0")} AS balanced,
                   works.state_id, works.municipality_id
            FROM works
            JOIN (
                SELECT DISTINCT project_id FROM entries WHERE moment = 'approved'
            ) AS ever ON ever.project_id = works.id
            JOIN money ON money.project_id = works.id
            LEFT JOIN physical ON physical.project_id = works.id
        """
