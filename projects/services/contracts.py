"""Contracts and agreements of own administration: what is committed, in the proportion of what was approved."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.rfc import clean_rfc
from habitat.lib.templatetags.portal import money, number
from modalities import parameters
from modalities.models import DocumentKind
from projects.balances import Balances
from projects.models import Action, Contract, ContractLine, Document, Guarantee, LedgerEntry, Moment, Project, Status
from projects.refusals import Refused
from projects.services.acts import REGISTRARS, Kind, register
from projects.services.locks import lock_project, need_status
from projects.services.money import entry_of

UNDER_WAY = (Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER)


@dataclass(frozen=True)
class Answering:
    """A guarantee as it is typed."""

    kind: str
    number: str
    issuer: str
    amount: Decimal
    valid_until: dt.date


def register_contract(
    project: Project,
    *,
    by: User,
    quantities: Mapping[int, Decimal] | None = None,
    guarantees: Iterable[Answering] = (),
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
    **said: object,
) -> Contract:
    """`said`: the fields of Contract. `quantities`: action pk → contracted; left out, the whole of what was approved.

    Raises Refused beyond what was approved, before the approval, with an RFC that cannot be, or another's action.
    """
    contract = Contract(project=project, document=document, **said)
    actions = {action.pk: action for action in project.actions.select_related("action_type").defer("geometry")}
    wanted = {pk: action.quantity for pk, action in actions.items()} if quantities is None else dict(quantities)
    if set(wanted) - set(actions):
        raise Refused(_("An action of another project was named."))
    contract.wanted = {actions[pk]: quantity for pk, quantity in wanted.items()}  # type: ignore[attr-defined]

    def parts(kept: Contract) -> None:
        ContractLine.objects.bulk_create(
            ContractLine(contract=kept, action_id=pk, quantity=quantity) for pk, quantity in wanted.items()
        )
        Guarantee.objects.bulk_create(Guarantee(contract=kept, **vars(one)) for one in guarantees)

    return register(contract, KIND, by=by, upload=upload, at=at, then=parts)


@transaction.atomic
def add_guarantee(contract: Contract, answering: Answering, *, by: User) -> Guarantee:
    """While the works last: guarantees of the advance and of performance first, of hidden defects at the end."""
    locked = lock_project(contract.project, by, *REGISTRARS)
    need_status(locked, *UNDER_WAY)
    contract = locked.contracts.get(pk=contract.pk)
    if contract.status not in (Contract.Status.REGISTERED, Contract.Status.VALIDATED):
        raise Refused(_("The contract is not one of this project that stands."))
    try:
        with transaction.atomic():
            return Guarantee.objects.create(contract=contract, **vars(answering))
    except IntegrityError as error:
        raise Refused(_("This guarantee is registered already.")) from error


def _needs(contract: Contract, balances: Balances) -> list[str]:
    project = contract.project
    found = [*_rfc(contract), *_form(contract), *_quantities(contract)]
    if contract.before_tax > contract.amount:
        found.append(_("The amount before tax is not more than the amount with tax."))
    if not contract.on <= contract.starts_on <= contract.ends_on:
        found.append(_("A contract is signed first, starts then and ends last: look at the three days."))
    approved = project.history.filter(step="approve").order_by("-at").first()
    if approved is None or contract.on < project.municipality.local_day(approved.at):
        found.append(_("It was signed before the approval: nothing is contracted before."))
    most = parameters.value(project.rules, "advance_most")
    if contract.advance_percent > most:
        found.append(_("The advance is at most %(most)s per cent of the contract.") % {"most": number(most, 2)})
    left = balances.total(Moment.APPROVED) - balances.total(Moment.COMMITTED)
    if contract.amount > left:
        found.append(_("Write %(left)s or less: no more is approved and free to commit.") % {"left": money(left)})
    return found


def _rfc(contract: Contract) -> list[str]:
    if not contract.contractor_rfc:
        return []
    try:
        contract.contractor_rfc = clean_rfc(contract.contractor_rfc)
    except ValidationError as error:
        return list(error.messages)
    return []


def _form(contract: Contract) -> list[str]:
    is_own = contract.kind == Contract.Kind.OWN_ADMINISTRATION
    if is_own == (contract.project.execution_form == Project.ExecutionForm.OWN_ADMINISTRATION):
        return []
    if is_own:
        return [_("The project was approved to be built by contract; an amendment changes the form of execution.")]
    return [_("The project was approved for own administration; an amendment changes the form of execution.")]


def _quantities(contract: Contract) -> list[str]:
    wanted: Mapping[Action, Decimal] = getattr(contract, "wanted", {})
    if contract.pk:
        rows = contract.lines.select_related("action__action_type").defer("action__geometry")
        wanted = {line.action: line.quantity for line in rows}
    taken = contracted_in(contract.project, but=contract.pk)
    words = _("%(type)s: %(planned)s were approved, no more can be contracted.")
    return [
        words % {"type": action.action_type.name, "planned": number(action.quantity, 2)}
        for action, quantity in wanted.items()
        if taken.get(action.pk, Decimal(0)) + quantity > action.quantity
    ]


def contracted_in(project: Project, *, but: int | None = None) -> dict[int, Decimal]:
    """Action pk → quantity of the validated contracts, as amended; actions without one are not in it."""
    rows = ContractLine.objects.filter(contract__project=project, contract__status="validated").exclude(contract=but)
    return dict(rows.order_by().values_list("action").annotate(sum=Sum("quantity")))


def _book(contract: Contract, balances: Balances) -> list[LedgerEntry]:
    parts = balances.divide(contract.amount, Moment.COMMITTED, of=Moment.APPROVED)
    return [
        entry_of(contract.project, Moment.COMMITTED, source, part, on=contract.on, by=contract.registered_by,
                 note=contract.number, contract=contract)
        for source, part in parts.items()
    ]  # fmt: skip


KIND = Kind((Status.APPROVED, Status.IN_EXECUTION), DocumentKind.CONTRACT, _needs, _book)
