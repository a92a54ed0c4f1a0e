"""What each kind of amendment writes. Each runs in the amendment's transaction, on the locked project."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.coordinates import check_place
from habitat.lib.templatetags.portal import money, number
from modalities import parameters
from projects import rules
from projects.balances import NOTHING, Balances, split
from projects.cofunding import by_source
from projects.models import (
    Action,
    Amendment,
    Ceiling,
    Contract,
    Contribution,
    EstimateLine,
    Moment,
    Project,
    SchedulePart,
    Source,
)
from projects.refusals import Refused
from projects.rules.judgements import UNTIL_APPROVAL, Outcome
from projects.services.acts import whole
from projects.services.contributions import pay_in_all
from projects.services.money import entry_of, reverse_entries
from projects.services.sites import check_kind, store_location
from projects.services.targets import cost_of, months_between

Apply = Callable[[Amendment, User, dt.date], None]
# Sixth decimals of a unit price, as `Action.unit_price` keeps it.
PRICE = Decimal("0.000001")


def rules_broken(project: Project, at: dt.datetime) -> dict[tuple[str, str], str]:
    """(kind, code) → sentence of every rule of the time before approval that fails now and is not excepted."""
    return {
        (one.kind, one.code): one.sentence
        for one in rules.evaluate(project, at)
        if one.outcome == Outcome.FAIL and one.required_at in UNTIL_APPROVAL and not one.exception
    }


def _time(amendment: Amendment, by: User, today: dt.date) -> None:
    project = amendment.project
    starts_on, ends_on = (
        dt.date.fromisoformat(day) if (day := amendment.changes.get(name)) else getattr(project, name)
        for name in ("starts_on", "ends_on")
    )
    if (starts_on, ends_on) == (project.starts_on, project.ends_on):
        raise Refused(_("Nothing would change."))
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused(_("The end lies before the start."))
    project.starts_on, project.ends_on = starts_on, ends_on
    project.save(update_fields=["starts_on", "ends_on"])
    for contract in project.contracts.validated():
        contract.ends_on = max(contract.starts_on, ends_on)
        contract.save(update_fields=["ends_on"])
    _respread_all(project)


def _quantity(amendment: Amendment, by: User, today: dt.date) -> None:
    for action, text in _of_actions(amendment, "quantities"):
        quantity, before = Decimal(text), action.quantity
        if quantity <= 0:
            raise Refused(_("Write a quantity above zero."))
        done = EstimateLine.objects.filter(action=action, estimate__status="validated")
        built = done.aggregate(sum=Sum("quantity", default=NOTHING))["sum"]
        if quantity < built:
            raise Refused(_("%(built)s are in estimates already: write no less.") % {"built": number(built, 2)})
        action.quantity = quantity
        action.save(update_fields=["quantity"])
        _reprice(action)
        _contract_quantity(amendment, action, quantity - before)
        _respread(action)
    _contract_amount(amendment, by, today)


def _amount(amendment: Amendment, by: User, today: dt.date) -> None:
    for action, amounts in _of_actions(amendment, "contributions"):
        for source, text in amounts.items():
            if source not in Source.values or Decimal(text) < 0:
                raise Refused(_("An amount is not negative."))
            pay_in_all(action, source, Decimal(text))
        _reprice(action)
        _respread(action)
    _book_approved(amendment, by, today)
    _contract_amount(amendment, by, today)
    whole(amendment.project)


def _savings(amendment: Amendment, by: User, today: dt.date) -> None:
    """What is approved and not committed goes back: each action gives in proportion to what it has of the source."""
    project = amendment.project
    savings = Balances(project).savings
    if not savings:
        raise Refused(_("Nothing is approved beyond what is committed."))
    actions = list(project.actions.prefetch_related("contributions").defer("geometry"))
    paid = {action.pk: by_source(action.contributions.all()) for action in actions}
    for source, amount in savings.items():
        given = split(amount, {str(pk): sums.get(source, NOTHING) for pk, sums in paid.items()})
        for action in actions:
            pay_in_all(action, source, paid[action.pk].get(source, NOTHING) - given.get(str(action.pk), NOTHING))
    for action in actions:
        _reprice(action)
        _respread(action)
    _book_approved(amendment, by, today)
    whole(project)


def _site(amendment: Amendment, by: User, today: dt.date) -> None:
    for action, text in _of_actions(amendment, "sites"):
        try:
            geometry = GEOSGeometry(text, srid=4326)
            check_place(geometry)
            check_kind(geometry, action.action_type)
        except (GEOSException, ValueError, ValidationError) as error:
            words = error.messages if isinstance(error, ValidationError) else [_("This is no place on the map.")]
            raise Refused(*words) from error
        action.geometry = geometry
        action.save(update_fields=["geometry"])
        if store_location(action).municipality not in (None, amendment.project.municipality_id):
            raise Refused(_("The site lies in another municipality. Check the coordinates."))


def _executor(amendment: Amendment, by: User, today: dt.date) -> None:
    project, form = amendment.project, amendment.changes.get("execution_form")
    if form not in Project.ExecutionForm.values or form == project.execution_form:
        raise Refused(_("Nothing would change."))
    if project.contracts.standing().exists():
        raise Refused(_("A contract or agreement stands: it is reversed first."))
    project.execution_form = form
    project.save(update_fields=["execution_form"])


def _cancellation(amendment: Amendment, by: User, today: dt.date) -> None:
    """Changes nothing by itself: the delegate proposes it with this, the program unit confirms it."""


APPLY: dict[str, Apply] = {
    Amendment.Kind.TIME: _time,
    Amendment.Kind.QUANTITY: _quantity,
    Amendment.Kind.AMOUNT: _amount,
    Amendment.Kind.SAVINGS: _savings,
    Amendment.Kind.SITE: _site,
    Amendment.Kind.EXECUTOR: _executor,
    Amendment.Kind.CANCELLATION: _cancellation,
}
TAKES_MONEY = (Amendment.Kind.AMOUNT, Amendment.Kind.SAVINGS)


# ---- Their parts ----------------------------------------------------------------------------------------------------
def _of_actions(amendment: Amendment, name: str) -> list[tuple[Action, Any]]:
    wanted: Mapping[str, Any] = amendment.changes.get(name, {})
    rows = {str(action.pk): action for action in amendment.project.actions.select_related("action_type")}
    if not wanted or set(wanted) - set(rows):
        raise Refused(_("Nothing would change.") if not wanted else _("An action of another project was named."))
    return [(rows[pk], value) for pk, value in wanted.items()]


def _book_approved(amendment: Amendment, by: User, today: dt.date) -> None:
    """Approved follows the contributions; more federal money only within every ceiling of the locked branch."""
    project, balances = amendment.project, Balances(amendment.project)
    asked = by_source(Contribution.objects.filter(action__project=project))
    change = {source: asked.get(source, NOTHING) - balances.at(Moment.APPROVED, source) for source in Source.values}
    if not any(change.values()):
        raise Refused(_("Nothing would change."))
    left = min((node.balance for node in Ceiling.objects.branch(project).with_taken()), default=NOTHING)
    if change[Source.FEDERAL] > max(left, NOTHING):
        words = {"left": money(left), "wanted": money(change[Source.FEDERAL])}
        raise Refused(_("%(left)s federal are left in the ceiling; %(wanted)s more are asked for.") % words)
    _book(amendment, Moment.APPROVED, change, project.entries.all(), by, today)


def _book(amendment: Amendment, moment: str, change: Mapping[str, Decimal], of, by: User, today: dt.date) -> None:
    """More is one more entry; less reverses what stands of the source and enters what is left of it."""
    fields = {"on": today, "by": by, "note": str(amendment), "amendment": amendment}
    if moment == Moment.COMMITTED:
        fields["contract"] = amendment.contract
    for source, amount in change.items():
        standing = of.filter(moment=moment, source=source)
        if amount < 0:
            amount += standing.aggregate(sum=Sum("amount", default=NOTHING))["sum"]
            reverse_entries(standing, on=today, by=by, note=str(amendment))
        if amount:
            entry_of(amendment.project, moment, source, amount, **fields).save()


def _contract_amount(amendment: Amendment, by: User, today: dt.date) -> None:
    """The modificatory agreement: committed follows, within the per cent that the rules allow."""
    contract, change = amendment.contract, amendment.contract_change
    if contract is None or not change:
        return
    _own(amendment, contract)
    most = parameters.value(amendment.project.rules, "amendment_percent_of_contract")
    now = contract.entries.filter(moment=Moment.COMMITTED).aggregate(sum=Sum("amount", default=NOTHING))["sum"]
    if abs(now + change - contract.amount) * 100 > most * contract.amount:
        raise Refused(_("A contract changes by %(most)s per cent at most.") % {"most": number(most, 2)})
    balances = Balances(amendment.project)
    if change > 0:
        parts = balances.divide(change, Moment.COMMITTED, of=Moment.APPROVED)
    else:
        less = balances.divide(-change, Moment.ACCRUED, of=Moment.COMMITTED)
        parts = {source: -part for source, part in less.items()}
    if sum(parts.values()) != change:
        raise Refused(_("No source has this much left for it."))
    _book(amendment, Moment.COMMITTED, parts, contract.entries.all(), by, today)
    whole(amendment.project)


def _own(amendment: Amendment, contract: Contract) -> None:
    if contract.project_id != amendment.project_id or contract.status != Contract.Status.VALIDATED:
        raise Refused(_("The contract is not one of this project that stands."))


def _contract_quantity(amendment: Amendment, action: Action, change: Decimal) -> None:
    """What is contracted of the action follows: in the contract named, else in the only one that has it."""
    lines = action.contract_lines.filter(contract__status="validated")
    if amendment.contract:
        lines = lines.filter(contract=amendment.contract)
    found = list(lines[:2])
    if len(found) > 1:
        raise Refused(_("Several contracts build this action: say which of them changes."))
    for line in found:
        line.quantity = max(line.quantity + change, NOTHING)
        line.save(update_fields=["quantity"])


def _reprice(action: Action) -> None:
    """The unit price is what the cost makes of it, where one is written."""
    cost = cost_of(action)
    if action.unit_price is not None and cost:
        action.unit_price = (cost / action.quantity).quantize(PRICE, ROUND_HALF_UP)
        action.save(update_fields=["unit_price"])


def _respread_all(project: Project) -> None:
    for action in project.actions.all():
        action.project = project
        _respread(action)


def _respread(action: Action) -> None:
    """The schedule keeps its months and their weights, within the dates; the sums are the new quantity and cost."""
    parts = list(action.schedule.all())
    months = months_between(action.project.starts_on, action.project.ends_on)
    if not parts or not months:
        return
    weights: dict[str, Decimal] = {}
    for part in parts:
        month = str(min(max(part.month, months[0]), months[-1]))
        weights[month] = weights.get(month, NOTHING) + (part.amount or part.quantity)
    amounts, quantities = split(cost_of(action), weights), split(action.quantity, weights)
    action.schedule.all().delete()
    SchedulePart.objects.bulk_create(
        SchedulePart(action=action, month=dt.date.fromisoformat(month), quantity=quantities[month], amount=amount)
        for month, amount in amounts.items()
    )
