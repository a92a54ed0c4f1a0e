"""Proof of spending and refunds: what was released ends as one or the other, to the cent."""

import datetime as dt
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.core.files.base import File
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money, percent
from modalities import parameters
from modalities.models import DocumentKind
from projects import rules
from projects.balances import CENT, NOTHING, Balances
from projects.models import Document, LedgerEntry, Moment, Project, Proof, Refund, Source, Status
from projects.rules.decisions import both_ends
from projects.rules.money import narrowest
from projects.services.acts import Kind, register
from projects.services.money import entry_of

# Recargos are of the month; days are counted of a month of thirty, as the tax rules do.
DAYS_OF_MONTH = 30


def register_proof(
    project: Project,
    *,
    source: str,
    amount: Decimal,
    on: dt.date,
    reference: str,
    by: User,
    note: str = "",
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
) -> Proof:
    """A paper that shows on what one source's money was spent. Raises Refused beyond what was paid."""
    proof = Proof(
        project=project, source=source, amount=amount, on=on, reference=reference.strip(), note=note.strip(),
        document=document,
    )  # fmt: skip
    return register(proof, PROOF, by=by, upload=upload, at=at)


def _proof_needs(proof: Proof, balances: Balances) -> list[str]:
    if proof.source not in Source.values:
        return [_("An unknown source was named.")]
    left = balances.at(Moment.PAID, proof.source) - balances.at(Moment.PROVEN, proof.source)
    if proof.amount > left:
        words = {"source": Source(proof.source).label, "left": money(left)}
        return [_("%(source)s: %(left)s were paid and are not proven yet; write no more.") % words]
    return []


def _book_proof(proof: Proof, balances: Balances) -> list[LedgerEntry]:
    return [
        entry_of(proof.project, Moment.PROVEN, proof.source, proof.amount, on=proof.on, by=proof.registered_by,
                 note=proof.reference, proof=proof)
    ]  # fmt: skip


def register_refund(
    project: Project,
    *,
    source: str,
    amount: Decimal,
    on: dt.date,
    motive: str,
    reference: str,
    by: User,
    note: str = "",
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
) -> Refund:
    """What goes back. The day it is due and the interest follow from the rules. Raises Refused beyond what is left."""
    due = refund_due(project, motive)
    refund = Refund(
        project=project, source=source, amount=amount, on=on, motive=motive, reference=reference.strip(), due_on=due,
        interest=interest_of(project, amount, due, on) if source == Source.FEDERAL else NOTHING, note=note.strip(),
        document=document,
    )  # fmt: skip
    return register(refund, REFUND, by=by, upload=upload, at=at)


def refund_due(project: Project, motive: str = "") -> dt.date:
    """So many days after 31 December (LFPRH 54); of a cancelled work, after the cancellation was proposed."""
    begins = dt.date(project.fiscal_year_id, 12, 31)
    if motive == Refund.Motive.CANCELLED:
        proposed = project.cancellation_proposals.order_by("-pk").first()
        begins = min(begins, project.municipality.local_day(proposed.at)) if proposed else begins
    return begins + dt.timedelta(int(parameters.value(project.rules, "refund_days")))


def interest_of(project: Project, amount: Decimal, due: dt.date, on: dt.date) -> Decimal:
    """Pesos of interest of a refund paid late, in proportion to the days."""
    late = max((on - due).days, 0)
    rate = parameters.value(project.rules, "refund_interest")
    return (amount * rate / 100 * late / DAYS_OF_MONTH).quantize(CENT, ROUND_HALF_UP)


def _refund_needs(refund: Refund, balances: Balances) -> list[str]:
    if refund.source not in Source.values:
        return [_("An unknown source was named.")]
    left = balances.unproven(refund.source)
    if refund.amount > left:
        words = {"source": Source(refund.source).label, "left": money(left)}
        return [_("%(source)s: %(left)s were released and are neither proven nor refunded; write no more.") % words]
    return []


def _book_refund(refund: Refund, balances: Balances) -> list[LedgerEntry]:
    return [
        entry_of(refund.project, Moment.REFUNDED, refund.source, refund.amount, on=refund.on,
                 by=refund.registered_by, note=refund.reference, refund=refund)
    ]  # fmt: skip


def share_excess(project: Project, balances: Balances) -> tuple[Decimal, str]:
    """Federal pesos proven beyond the rule's share of the proven cost, with a sentence; (0, "") where it holds.

    Each rule governs the part of the proven cost that its actions have of the approved cost (domain report, 3.2).
    """
    cost, federal = balances.total(Moment.PROVEN), balances.at(Moment.PROVEN, Source.FEDERAL)
    facts = rules.Facts(project)
    whole = facts.cost()
    if not cost or not whole:
        return NOTHING, ""
    most = NOTHING
    for action in facts.actions:
        rule = narrowest(facts.book.shares, facts, action.action_type)
        part = facts.cost([action]) / whole
        most += part * (_maximum(rule) if rule else Decimal(100))
    allowed = (cost * most / 100).quantize(CENT, ROUND_DOWN)
    if federal <= allowed:
        return NOTHING, ""
    known = {"value": percent(federal * 100 / cost, 2), "most": percent(most, 2), "excess": money(federal - allowed)}
    words = _("The federal part is %(value)s of the proven cost, %(most)s at most: %(excess)s must be refunded.")
    return federal - allowed, words % known


def _maximum(rule) -> Decimal:
    if rule.federal_max_pct is None and rule.local_min_pct is None:
        return Decimal(100)
    most, least = both_ends(rule.federal_max_pct, rule.local_min_pct)
    return min(most, 100 - least)


PROVING = (Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER)
PROOF = Kind(PROVING, DocumentKind.EXPENDITURE_PROOF, _proof_needs, _book_proof)
# A work whose cancellation is proposed refunds before it is confirmed.
REFUND = Kind((Status.APPROVED, *PROVING, Status.PROVEN), DocumentKind.EXPENDITURE_PROOF, _refund_needs, _book_refund)
