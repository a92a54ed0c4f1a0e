"""Estimates: what was built in a period, at contract prices; once validated it is accrued."""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.core.files.base import File
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money, number
from modalities import parameters
from modalities.models import DocumentKind
from projects.balances import CENT, NOTHING, Balances
from projects.models import (
    Contract,
    Document,
    Estimate,
    EstimateLine,
    LedgerEntry,
    Moment,
    Source,
    Status,
    Withholding,
)
from projects.services.acts import Kind, register
from projects.services.money import entry_of

# Parameters of the year's rules that are kept back of every estimate of a contract.
WITHHELD = ("withheld_inspection", "withheld_training")


def register_estimate(
    contract: Contract,
    *,
    amount: Decimal,
    on: dt.date,
    period_from: dt.date,
    period_to: dt.date,
    quantities: Mapping[int, Decimal],
    by: User,
    amortised: Decimal | None = None,
    note: str = "",
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
) -> Estimate:
    """`amount` is gross, with tax; `quantities`: action pk → measured in the period.

    `amortised` left out: the contract's advance in per cent of it, as long as there is advance to repay. Raises Refused
    beyond what is contracted.
    """
    kept_back = withheld_of(contract, amount)
    advance = amortisation_of(contract, amount) if amortised is None else amortised
    estimate = Estimate(
        project=contract.project, contract=contract, amount=amount, on=on, period_from=period_from,
        period_to=period_to, amortised=advance, withheld=sum((one.amount for one in kept_back), NOTHING),
        number=_next_number(contract), note=note.strip(), document=document,
    )  # fmt: skip
    estimate.net = amount - advance - estimate.withheld
    estimate.wanted = dict(quantities)  # type: ignore[attr-defined]

    def parts(kept: Estimate) -> None:
        EstimateLine.objects.bulk_create(
            EstimateLine(estimate=kept, action_id=pk, quantity=quantity) for pk, quantity in quantities.items()
        )
        for one in kept_back:
            one.estimate = kept
        Withholding.objects.bulk_create(kept_back)

    return register(estimate, KIND, by=by, upload=upload, at=at, then=parts)


def withheld_of(contract: Contract, amount: Decimal) -> list[Withholding]:
    """Unsaved: of the part before tax; nothing of own administration."""
    if contract.kind == Contract.Kind.OWN_ADMINISTRATION:
        return []
    base = amount * contract.before_tax / contract.amount
    rates = parameters.values(contract.project.rules)
    return [
        Withholding(
            code=code,
            label=parameters.CATALOGUE[code].name_es,
            percent=rates[code],
            amount=(base * rates[code] / 100).quantize(CENT, ROUND_HALF_UP),
        )
        for code in WITHHELD
        if rates[code]
    ]


def amortisation_of(contract: Contract, amount: Decimal) -> Decimal:
    """What repays the advance of an estimate of this gross amount; all that is left of it with the last."""
    left = advance_left(contract)
    if amount >= agreed(contract) - accrued(contract):
        return left
    return min((amount * contract.advance_percent / 100).quantize(CENT, ROUND_HALF_UP), left)


def advance_left(contract: Contract) -> Decimal:
    """Pesos of the advance paid and not yet repaid by validated estimates."""
    paid = contract.payments.validated().filter(estimate=None).aggregate(sum=Sum("amount", default=NOTHING))["sum"]
    repaid = contract.estimates.validated().aggregate(sum=Sum("amortised", default=NOTHING))["sum"]
    return paid - repaid


def agreed(contract: Contract) -> Decimal:
    """Pesos of the contract with its amendments: what it has committed."""
    return contract.entries.filter(moment=Moment.COMMITTED).aggregate(sum=Sum("amount", default=NOTHING))["sum"]


def accrued(contract: Contract) -> Decimal:
    return contract.estimates.validated().aggregate(sum=Sum("amount", default=NOTHING))["sum"]


def _next_number(contract: Contract) -> int:
    return (contract.estimates.standing().aggregate(last=Max("number"))["last"] or 0) + 1


def _needs(estimate: Estimate, balances: Balances) -> list[str]:
    contract = estimate.contract
    if contract.status != Contract.Status.VALIDATED:
        return [_("The contract has not been validated by the delegation yet.")]
    found = list(_over_quantities(estimate))
    if estimate.period_from > estimate.period_to:
        found.append(_("The period ends before it begins."))
    if estimate.period_from < contract.starts_on or estimate.period_to > estimate.on:
        found.append(_("The period lies between the contract's start and the day of the estimate."))
    left = agreed(contract) - accrued(contract)
    if estimate.amount > left:
        found.append(_("Write %(left)s or less: no more of the contract is left.") % {"left": money(left)})
    advance = advance_left(contract)
    if estimate.amortised > advance:
        found.append(_("Only %(left)s of the advance are left to amortise.") % {"left": money(advance)})
    if estimate.net < 0:
        found.append(_("What is amortised and withheld is more than the estimate."))
    return found


def _over_quantities(estimate: Estimate):
    contracted = dict(estimate.contract.lines.values_list("action", "quantity"))
    names = {line.action_id: line.action for line in estimate.contract.lines.select_related("action__action_type")}
    before = estimated(estimate.contract)
    wanted = dict(estimate.lines.values_list("action", "quantity")) if estimate.pk else estimate.wanted  # type: ignore[attr-defined]
    for pk, quantity in wanted.items():
        left = contracted.get(pk, NOTHING) - before.get(pk, NOTHING)
        if quantity < 0:
            yield _("A quantity is not negative.")
        elif quantity > left:
            name = names[pk].action_type.name if pk in names else ""
            yield _("%(type)s: write %(left)s or less; more needs an amendment.") % {
                "type": name,
                "left": number(left, 2),
            }


def estimated(contract: Contract) -> dict[int, Decimal]:
    """Action pk → quantity of the validated estimates."""
    rows = EstimateLine.objects.filter(estimate__contract=contract, estimate__status="validated")
    return dict(rows.order_by().values_list("action").annotate(sum=Sum("quantity")))


def _book(estimate: Estimate, balances: Balances) -> list[LedgerEntry]:
    """Federal money is accrued until 31 December of its year alone; what is built later is for the others to pay."""
    is_late = estimate.on.year > estimate.project.fiscal_year_id
    parts = balances.divide(estimate.amount, Moment.ACCRUED, of=Moment.COMMITTED, but=Source.FEDERAL if is_late else "")
    return [
        entry_of(estimate.project, Moment.ACCRUED, source, part, on=estimate.on, by=estimate.registered_by,
                 note=str(estimate), estimate=estimate)
        for source, part in parts.items()
    ]  # fmt: skip


KIND = Kind((Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER), DocumentKind.OTHER, _needs, _book)
