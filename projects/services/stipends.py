"""Stipends of social actions: listed month by month, confirmed by a second person."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.templatetags.portal import money
from polygons.models import Municipality
from projects.models import Action, Engagement, Person, Status, StipendList, StipendPayment
from projects.refusals import StepForbidden, StepRefused
from projects.services.engagements import lock_action
from projects.services.merging import Marks, mark, merge
from projects.services.people import need_keeper
from projects.services.targets import cost_of

CONFIRMERS = (Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE)
REOPENERS = (Role.DELEGATE, Role.MANAGER)
PAYING = (Status.IN_EXECUTION, Status.FINISHED)


def may_confirm(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in CONFIRMERS)


def may_reopen(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in REOPENERS)


# ---- The month's list -----------------------------------------------------------------------------------------------
def payable(action: Action, month: dt.date) -> list[Engagement]:
    """Engagements that touch a month, with the person."""
    following = (month + dt.timedelta(32)).replace(day=1)
    rows = action.engagements.filter(starts_on__lt=following, ends_on__gte=month).select_related("person")
    return [row for row in rows if row.left_on is None or row.left_on >= month]


@transaction.atomic
def list_stipends(
    action: Action, month: dt.date, *, amounts: Mapping[int, Decimal | None], by: User, seen: Marks | None = None,
    at: dt.datetime | None = None,
) -> tuple[StipendList, dict[int, str]]:  # fmt: skip
    """Write the rows that hold into the month's open list; answers it and, by engagement, why others were not.

    `amounts`: engagement → pesos, None to take it off the list. `seen`: engagement → mark of what was listed when the
    page was drawn: untouched here, what another person listed since stands; changed here too, the row is refused with
    both amounts. Raises StepForbidden or StepRefused.
    """
    at = at or timezone.now()
    locked = lock_action(action)
    need_keeper(by, locked.project.municipality_id)
    if locked.project.status not in PAYING:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": locked.project.get_status_display()}])
    if month > locked.project.municipality.local_day(at):
        raise StepRefused([_("This month has not begun.")])
    found = _open_list(locked, month)
    known = {row.pk: row for row in payable(locked, month)}
    now = listed_in(found)
    typed = {str(key): amount for key, amount in amounts.items()}
    mine, theirs = merge({key: now.get(int(key)) for key in typed}, typed, seen)
    refused = {int(key): _overtaken(amount, amounts[int(key)]) for key, amount in theirs.items()}
    for key, amount in ((int(key), amount) for key, amount in mine.items() if key not in theirs):
        engagement = known.get(key)
        why = (
            _("Nobody is engaged so in this month.")
            if engagement is None
            else _write(found, engagement, amount, by, at)
        )
        if why:
            refused[key] = why
    if not found.payments.exists():
        # An empty list would stand in the way of reopening another of the month.
        StipendList.objects.filter(pk=found.pk).delete()
    elif found.status == StipendList.Status.RETURNED:
        found.status = StipendList.Status.LISTED
        found.save(update_fields=["status"])
    return found, refused


def _open_list(action: Action, month: dt.date) -> StipendList:
    rows = StipendList.objects.filter(action=action, month=month)
    found = rows.exclude(status=StipendList.Status.CONFIRMED).select_for_update(of=("self",)).first()
    last = rows.aggregate(last=Max("number", default=0))["last"]
    return found or StipendList.objects.create(action=action, month=month, number=last + 1)


def listed_in(found: StipendList | None) -> dict[int, Decimal]:
    """Engagement → pesos."""
    return {row.engagement_id: row.amount for row in found.payments.all()} if found else {}


def mark_of_list(found: StipendList) -> str:
    """The same text as long as the same people are paid the same."""
    return mark([f"{key}:{amount}" for key, amount in listed_in(found).items()])


def _overtaken(theirs: Decimal | None, yours: Decimal | None) -> str:
    nothing = _("nothing")
    words = {
        "theirs": nothing if theirs is None else money(theirs),
        "yours": nothing if yours is None else money(yours),
    }
    return _("Meanwhile somebody else listed %(theirs)s; you wrote %(yours)s. Save what holds.") % words


def _write(found: StipendList, engagement: Engagement, amount: Decimal | None, by: User, at: dt.datetime) -> str:
    """Empty once it is written, else the reason why not."""
    kept = StipendPayment.objects.filter(list=found, engagement=engagement).first()
    if amount is None:
        if kept:
            kept.delete()
        return ""
    if kept and kept.amount == amount:
        return ""
    why = _against_payment(found, engagement, amount, kept)
    if why:
        return why
    if kept:
        kept.amount, kept.by, kept.at = amount, by, at
        kept.save(update_fields=["amount", "by", "at"])
    else:
        StipendPayment.objects.create(
            list=found, engagement=engagement, person=engagement.person, month=found.month, amount=amount, by=by, at=at
        )
    return ""


def _against_payment(found: StipendList, engagement: Engagement, amount: Decimal, kept: StipendPayment | None) -> str:
    if amount > engagement.monthly_stipend:
        return _("The stipend is %(most)s a month.") % {"most": money(engagement.monthly_stipend)}
    others = StipendPayment.objects.filter(person=engagement.person_id, month=found.month)
    if kept is None and others.exists():
        return _("This person is paid this month already.")
    months = engagement.payments.count() - (1 if kept else 0)
    if months >= engagement.months:
        return _("All %(count)s months of this person are listed already.") % {"count": engagement.months}
    left = left_of(found.action) + (kept.amount if kept else 0)
    return (
        ""
        if amount <= left
        else _("Only %(left)s of what was approved is left.") % {"left": money(max(left, Decimal(0)))}
    )


def left_of(action: Action) -> Decimal:
    """What may still be listed: of the action's approved pesos, and of the project's contracts where they stand."""
    taken = _paid(StipendPayment.objects.filter(list__action=action))
    left = cost_of(action) - taken
    contracted = action.project.contracts.standing().aggregate(sum=Sum("amount"))["sum"]
    if contracted is None:
        return left
    return min(left, contracted - _paid(StipendPayment.objects.filter(list__action__project=action.project_id)))


def _paid(rows) -> Decimal:
    return rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


@transaction.atomic
def confirm_stipends(
    found: StipendList, *, by: User, seen: str | None = None, at: dt.datetime | None = None
) -> StipendList:
    """By one who wrote none of its rows. `seen`: the `mark_of_list` that was shown; another list is not confirmed.

    Raises StepForbidden or StepRefused.
    """
    locked = _lock_list(found, by)
    if not may_confirm(by):
        raise StepForbidden(_("The certifier or the delegation confirms stipends."))
    if locked.status != StipendList.Status.LISTED:
        raise StepRefused([_("The list is “%(status)s” now.") % {"status": locked.get_status_display()}])
    if not locked.payments.exists():
        raise StepRefused([_("There is nobody in the list.")])
    if locked.payments.filter(by=by).exists():
        raise StepForbidden(_("Who lists a stipend does not confirm it."))
    if seen is not None and seen != mark_of_list(locked):
        raise StepRefused(
            [_("The list has changed since you opened it. Look at it again and confirm what it says now.")]
        )
    locked.status, locked.confirmed_by, locked.confirmed_at = StipendList.Status.CONFIRMED, by, at or timezone.now()
    locked.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    return locked


@transaction.atomic
def return_stipends(found: StipendList, *, reason: str, by: User) -> StipendList:
    """To be mended, with the reason. A confirmed list is reopened by the delegate or the program unit alone."""
    locked = _lock_list(found, by)
    was_confirmed = locked.status == StipendList.Status.CONFIRMED
    if not (may_reopen(by) if was_confirmed else may_confirm(by) or may_reopen(by)):
        raise StepForbidden(_("This is not yours to do."))
    if locked.status == StipendList.Status.RETURNED:
        raise StepRefused([_("The list is “%(status)s” now.") % {"status": locked.get_status_display()}])
    others = StipendList.objects.filter(action=locked.action_id, month=locked.month)
    if was_confirmed and others.exclude(pk=locked.pk).exclude(status=StipendList.Status.CONFIRMED).exists():
        raise StepRefused([_("Another list of this month is open: confirm or empty it first.")])
    locked.status, locked.reason, locked.returned_by = StipendList.Status.RETURNED, reason, by
    locked.confirmed_by = locked.confirmed_at = None
    locked.save(update_fields=["status", "reason", "returned_by", "confirmed_by", "confirmed_at"])
    return locked


def _lock_list(found: StipendList, by: User) -> StipendList:
    """Within one's territory. Raises StipendList.DoesNotExist outside, StepRefused once the project has ended."""
    action = lock_action(found.action)
    locked = StipendList.objects.visible_to(by).select_for_update(of=("self",)).get(pk=found.pk)
    if action.project.status not in PAYING:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": action.project.get_status_display()}])
    return locked


def confirmed_of(action: Action) -> tuple[int, Decimal]:
    """Months of people, and pesos, confirmed so far."""
    rows = StipendPayment.objects.filter(list__action=action, list__status=StipendList.Status.CONFIRMED)
    return rows.count(), _paid(rows)


# ---- The same CURP elsewhere ----------------------------------------------------------------------------------------
def paid_elsewhere(
    people: Iterable[Person], months: Iterable[dt.date]
) -> dict[tuple[str, dt.date], list[Municipality]]:
    """(CURP, month) → other municipalities that list the same person then: a person stands once in each register.

    No place is named to who does not see it: that is the page's to mind.
    """
    by_curp = {person.curp: person.municipality_id for person in people if person.curp}
    rows = StipendPayment.objects.standing().filter(person__curp__in=by_curp, month__in=set(months))
    found: dict[tuple[str, dt.date], list[Municipality]] = {}
    for row in rows.select_related("person__municipality__state").order_by("person__municipality"):
        if row.person.municipality_id != by_curp[row.person.curp]:
            found.setdefault((row.person.curp, row.month), []).append(row.person.municipality)
    return found
