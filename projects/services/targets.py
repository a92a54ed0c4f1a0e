"""What an action promises in detail, and whether its figures agree with each other."""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money, number
from projects.models import Action, AgeCount, Observation, Project, SchedulePart
from projects.services.editing import open_for
from projects.services.merging import Marks, merge, refuse, standing

CENT = Decimal("0.01")
Section = Observation.Section
T = TypeVar("T")
# First day of a month → (quantity, pesos).
Months = Mapping[dt.date, tuple[Decimal, Decimal]]


def priced(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """What so many units cost, in pesos to the cent, halves up."""
    return (quantity * unit_price).quantize(CENT, ROUND_HALF_UP)


def months_between(starts_on: dt.date | None, ends_on: dt.date | None) -> list[dt.date]:
    """The first days of every month that the works touch; none without both dates."""
    if starts_on is None or ends_on is None:
        return []
    first, last = starts_on.year * 12 + starts_on.month - 1, ends_on.year * 12 + ends_on.month - 1
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(first, last + 1)]


def spread_evenly(action: Action, cost: Decimal) -> dict[dt.date, tuple[Decimal, Decimal]]:
    """The quantity and the cost in equal months, the remainder in the last: a first proposal to write over."""
    months = months_between(action.project.starts_on, action.project.ends_on)
    if not months:
        return {}
    shares = [(total / len(months)).quantize(CENT, ROUND_HALF_UP) for total in (action.quantity, cost)]
    spread = dict.fromkeys(months, (shares[0], shares[1]))
    rest = len(months) - 1
    spread[months[-1]] = (action.quantity - rest * shares[0], cost - rest * shares[1])
    return spread


@transaction.atomic
def set_ages(action: Action, *, by: User, counts: Mapping[str, tuple[int, int]], seen: Marks | None = None) -> None:
    """Age group → (women, men). They add up to the action's women and men; an empty mapping takes them away.

    `seen`: "women-<group>" → mark of what the writer was shown; the table is one statement. Raises PermissionDenied,
    SectionClosed, ValidationError, or Overtaken where somebody else changed it since.
    """
    open_for(action.project, by, Section.TARGETS)
    action = standing(action)
    now = {f"{sex}-{row.group}": getattr(row, sex) for row in action.ages.all() for sex in ("women", "men")}
    typed = {
        f"{sex}-{group}": n for group, pair in counts.items() for sex, n in zip(("women", "men"), pair, strict=True)
    }
    if _stands(action, now, typed, seen):
        return
    if counts and (gap := _gap_of_ages(action, *(sum(pair[side] for pair in counts.values()) for side in (0, 1)))):
        raise ValidationError(gap, code="ages")
    action.ages.all().delete()
    AgeCount.objects.bulk_create(
        AgeCount(action=action, group=group, women=women, men=men) for group, (women, men) in counts.items()
    )


@transaction.atomic
def set_schedule(action: Action, *, by: User, months: Months, seen: Marks | None = None) -> None:
    """What each month builds and pays. The parts add up to the action's quantity and cost, inside the project's dates.

    Months with nothing are left out; an empty mapping takes the schedule away. `seen`: "quantity-<year>-<month>" and
    "amount-…" → mark of what the writer was shown. Raises as `set_ages` does.
    """
    project = open_for(action.project, by, Section.TARGETS)
    action = standing(action)
    now = {f"{part.month:%Y-%m}": (part.quantity, part.amount) for part in action.schedule.all()}
    typed = {f"{month:%Y-%m}": pair for month, pair in months.items()}
    if _stands(action, _by_box(now, ("quantity", "amount")), _by_box(typed, ("quantity", "amount")), seen):
        return
    kept = {month: pair for month, pair in months.items() if any(pair)}
    if kept and (wrong := _wrong_schedule(project, action, kept, cost_of(action))):
        raise ValidationError(wrong, code="schedule")
    action.schedule.all().delete()
    SchedulePart.objects.bulk_create(
        SchedulePart(action=action, month=month, quantity=quantity, amount=amount)
        for month, (quantity, amount) in kept.items()
    )


def _by_box(table: Mapping[str, tuple[T, T]], columns: tuple[str, str]) -> dict[str, T]:
    """A table of two columns by the names of its boxes."""
    return {
        f"{column}-{row}": value for row, pair in table.items() for column, value in zip(columns, pair, strict=True)
    }


def _stands(action: Action, now: Mapping[str, object], typed: Mapping[str, object], seen: Marks | None) -> bool:
    """Whether there is nothing to write: somebody else changed the table, this writer did not. Raises Overtaken."""
    if seen is None:
        return False
    boxes = {*seen, *typed}
    # A box left empty says nothing: where nothing is stored either, that is no change.
    said = {box: typed.get(box) if typed.get(box) or now.get(box) is not None else None for box in boxes}
    changed, theirs = merge({box: now.get(box) for box in boxes}, said, seen, together=True)
    refuse(action, theirs)
    return not changed


def cost_of(action: Action) -> Decimal:
    """Pesos of all sources."""
    return action.contributions.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


def contradictions(project: Project) -> list[str]:
    """What is written of the actions and does not agree, one sentence each, in the active language. Four queries.

    Arithmetic, not a rule of any year: price × quantity is the cost, ages are the people, the months are the whole.
    """
    found = []
    actions = project.actions.select_related("action_type").prefetch_related("contributions", "ages", "schedule")
    for action in actions:
        cost = sum((row.amount for row in action.contributions.all()), Decimal(0))
        if action.unit_price is not None and (gap := wrong_price(action.quantity, action.unit_price, cost)):
            found.append(f"{action.action_type.name}: {gap}")
        ages = action.ages.all()
        if ages and (gap := _gap_of_ages(action, sum(row.women for row in ages), sum(row.men for row in ages))):
            found.append(f"{action.action_type.name}: {gap}")
        months = {part.month: (part.quantity, part.amount) for part in action.schedule.all()}
        if months:
            found += [f"{action.action_type.name}: {said}" for said in _wrong_schedule(project, action, months, cost)]
    return found


def wrong_price(quantity: Decimal, unit_price: Decimal, cost: Decimal) -> str:
    """The sentence for a unit price that does not meet the cost to the cent; empty where it does."""
    worth = priced(quantity, unit_price)
    if worth == cost:
        return ""
    words = {"quantity": number(quantity, 2), "worth": money(worth), "cost": money(cost)}
    return _("%(quantity)s × the unit price is %(worth)s, but the contributions add up to %(cost)s.") % words


def _gap_of_ages(action: Action, women: int, men: int) -> str:
    if (women, men) == (action.women, action.men):
        return ""
    words = {"women": women, "men": men, "all_women": action.women, "all_men": action.men}
    return (
        _(
            "the age groups add up to %(women)s women and %(men)s men; %(all_women)s women and %(all_men)s men"
            " are written."
        )
        % words
    )


def _wrong_schedule(project: Project, action: Action, months: Months, cost: Decimal) -> list[str]:
    wrong = []
    outside = sorted(set(months) - set(months_between(project.starts_on, project.ends_on)))
    if outside:
        named = ", ".join(date_format(month, "YEAR_MONTH_FORMAT") for month in outside)
        wrong.append(_("the schedule has months outside the start and the end of the works: %(months)s.")
                     % {"months": named})  # fmt: skip
    quantity = sum((pair[0] for pair in months.values()), Decimal(0))
    amount = sum((pair[1] for pair in months.values()), Decimal(0))
    if quantity != action.quantity:
        words = {"sum": number(quantity, 2), "whole": number(action.quantity, 2)}
        wrong.append(_("the months of the schedule add up to a quantity of %(sum)s of %(whole)s.") % words)
    if amount != cost:
        words = {"sum": money(amount), "whole": money(cost)}
        wrong.append(_("the months of the schedule add up to %(sum)s of a cost of %(whole)s.") % words)
    return wrong
