"""Payments: the advance of a contract, or an estimate, by one source each."""

import datetime as dt
from decimal import Decimal

from django.core.files.base import File
from django.db.models import Sum
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money
from modalities.models import DocumentKind
from projects.balances import NOTHING, Balances
from projects.models import Contract, Document, Estimate, Guarantee, LedgerEntry, Moment, Payment, Source, Status
from projects.services.acts import Kind, register
from projects.services.money import entry_of


def register_payment(
    contract: Contract,
    *,
    source: str,
    amount: Decimal,
    on: dt.date,
    method: str,
    reference: str,
    by: User,
    estimate: Estimate | None = None,
    note: str = "",
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
) -> Payment:
    """Pesos of one source for an estimate, what was withheld included; without an estimate, of the advance.

    Raises Refused beyond what is owed, or beyond what that source has released.
    """
    payment = Payment(
        project=contract.project, contract=contract, estimate=estimate, source=source, amount=amount, on=on,
        method=method, reference=reference.strip(), note=note.strip(), document=document,
    )  # fmt: skip
    return register(payment, KIND, by=by, upload=upload, at=at)


def paid_of(contract: Contract, estimate: Estimate | None) -> Decimal:
    """Validated payments of an estimate, or of the contract's advance."""
    rows = contract.payments.validated().filter(estimate=estimate)
    return rows.aggregate(sum=Sum("amount", default=NOTHING))["sum"]


def _needs(payment: Payment, balances: Balances) -> list[str]:
    contract, estimate = payment.contract, payment.estimate
    if payment.source not in Source.values:
        return [_("An unknown source was named.")]
    if contract.status != Contract.Status.VALIDATED or (estimate and estimate.status != Estimate.Status.VALIDATED):
        return [_("The contract or the estimate has not been validated by the delegation yet.")]
    if estimate and estimate.contract_id != contract.pk:
        return [_("The estimate is of another contract.")]
    found = []
    owed = (estimate.payable if estimate else contract.advance) - paid_of(contract, estimate)
    if payment.amount > owed:
        found.append(_("Write %(owed)s or less: no more is owed.") % {"owed": money(owed)})
    if payment.on < (estimate.on if estimate else contract.on):
        found.append(_("It is paid after the contract is signed and the estimate is made."))
    is_own = contract.kind == Contract.Kind.OWN_ADMINISTRATION
    if not estimate and not is_own and not contract.guarantees.filter(kind=Guarantee.Kind.ADVANCE).exists():
        found.append(_("No guarantee of the advance is registered with the contract."))
    left = balances.at(Moment.RELEASED, payment.source) - balances.at(Moment.PAID, payment.source)
    if payment.amount > left:
        words = {"source": Source(payment.source).label, "left": money(left)}
        found.append(_("%(source)s: %(left)s of what was released are left to pay with.") % words)
    return found


def _book(payment: Payment, balances: Balances) -> list[LedgerEntry]:
    return [
        entry_of(payment.project, Moment.PAID, payment.source, payment.amount, on=payment.on,
                 by=payment.registered_by, note=payment.reference, payment=payment)
    ]  # fmt: skip


KIND = Kind(
    (Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER),
    DocumentKind.EXPENDITURE_PROOF,
    _needs,
    _book,
)
