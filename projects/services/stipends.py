"""Engagements in social actions and their stipends: listed month by month, confirmed by a second person."""

import datetime as dt
from decimal import ROUND_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.templatetags.portal import money
from modalities.models import CapRule, Unit
from projects.models import (
    STIPEND_UNITS,
    Action,
    Engagement,
    Part,
    Person,
    Project,
    Source,
    Status,
    StipendList,
    StipendPayment,
)
from projects.refusals import StepForbidden, StepRefused
from projects.services.people import need_keeper, settle_on
from projects.services.targets import cost_of, months_between

CONFIRMERS = (Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE)
REOPENERS = (Role.DELEGATE, Role.MANAGER)
# Ended cases, whose people stay as they are.
ENDED = (Status.REJECTED, Status.WITHDRAWN, Status.CANCELLED, Status.PROVEN, Status.CLOSED)
PAYING = (Status.IN_EXECUTION, Status.FINISHED)
CENT = Decimal("0.01")


def may_confirm(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in CONFIRMERS)


def may_reopen(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in REOPENERS)


def need_open(project: Project) -> None:
    if project.status in ENDED:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": project.get_status_display()}])


def lock_action(action: Action) -> Action:
    """Sums over an action are decided on its locked row."""
    found = Action.objects.select_for_update(of=("self",), no_key=True).defer("geometry")
    return found.select_related("action_type", "project__rules", "project__municipality").get(pk=action.pk)


# ---- Engagements ----------------------------------------------------------------------------------------------------
@transaction.atomic
def engage(action: Action, person: Person, *, by: User, **said: Any) -> Engagement:
    """`said`: starts_on, ends_on, monthly_stipend, months, school. Raises StepForbidden or StepRefused."""
    locked = lock_action(action)
    need_keeper(by, locked.project.municipality_id)
    need_open(locked.project)
    new = Engagement(action=locked, person=person, by=by, **said)
    if locked.engagements.filter(person=person, left_on=None).exists():
        raise StepRefused([_("This person serves in this action already.")])
    _need_within(new)
    new.save()
    return new


@transaction.atomic
def engage_person(action: Action, *, by: User, chosen: str, who: dict[str, Any], **said: Any) -> Engagement:
    """Registers somebody new, or takes who was `chosen` of those offered, and engages them: both or neither."""
    return engage(action, settle_on(action.project.municipality, by=by, chosen=chosen, who=who), by=by, **said)


@transaction.atomic
def change_engagement(engagement: Engagement, *, by: User, **said: Any) -> Engagement:
    """Never below what is listed already."""
    locked = _lock_engagement(engagement, by)
    for name, value in said.items():
        setattr(locked, name, value)
    _need_within(locked)
    rows = list(locked.payments.all())
    if len(rows) > locked.months:
        raise StepRefused([_("%(count)s months are listed already.") % {"count": len(rows)}])
    if any(row.amount > locked.monthly_stipend for row in rows):
        raise StepRefused([_("A month is listed with more than this stipend.")])
    if {row.month for row in rows} - set(months_between(locked.starts_on, locked.ends_on)):
        raise StepRefused([_("A month outside these dates is listed already.")])
    locked.save(update_fields=list(said))
    return locked


@transaction.atomic
def end_engagement(engagement: Engagement, *, left_on: dt.date, reason: str, by: User) -> Engagement:
    """Before its time; months after that day are not paid."""
    locked = _lock_engagement(engagement, by)
    if locked.left_on:
        raise StepRefused([_("It has ended already.")])
    if not locked.starts_on <= left_on <= locked.ends_on:
        raise StepRefused([_("The day lies outside the engagement.")])
    if locked.payments.filter(month__gt=left_on).exists():
        raise StepRefused([_("A month after this day is listed already.")])
    locked.left_on, locked.left_reason = left_on, reason
    locked.save(update_fields=["left_on", "left_reason"])
    return locked


def _lock_engagement(engagement: Engagement, by: User) -> Engagement:
    action = lock_action(engagement.action)
    need_keeper(by, action.project.municipality_id)
    need_open(action.project)
    locked = Engagement.objects.select_for_update(of=("self",)).get(pk=engagement.pk)
    locked.action = action
    return locked


def _need_within(new: Engagement) -> None:
    messages = list(_against(new))
    if messages:
        raise StepRefused(messages)


def _against(new: Engagement):
    """What speaks against an engagement, one sentence each."""
    action, project = new.action, new.action.project
    if Unit(action.action_type.unit) not in STIPEND_UNITS:
        yield _("This action pays no monthly stipends.")
        return
    if new.part == Part.PROVIDER and not new.school.strip():
        yield _("A social service provider studies somewhere: write the school.")
    touched = months_between(new.starts_on, new.ends_on)
    if not touched:
        yield _("The end comes before the start.")
    elif new.months > len(touched):
        yield _("Between these dates lie %(count)s months.") % {"count": len(touched)}
    first, last = years_of(project)
    if not first <= new.starts_on <= new.ends_on <= last:
        days = {"first": f"{first:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}"}
        yield _("The project lasts from %(first)s to %(last)s.") % days
    yield from _against_sums(new)


def years_of(project: Project) -> tuple[dt.date, dt.date]:
    """The project's own dates, else its fiscal year."""
    year = project.fiscal_year_id
    return project.starts_on or dt.date(year, 1, 1), project.ends_on or dt.date(year, 12, 31)


def _against_sums(new: Engagement):
    action = new.action
    others = list(action.engagements.exclude(pk=new.pk))
    months = sum(_months_of(row) for row in others) + _months_of(new)
    if months > action.quantity:
        words = {"months": months, "most": f"{action.quantity:g}"}
        yield _("All engagements together would be %(months)s months; the action has %(most)s.") % words
    whole = sum((_months_of(row) * row.monthly_stipend for row in others), Decimal(0))
    whole += _months_of(new) * new.monthly_stipend
    if whole > (most := cost_of(action)):
        words = {"sum": money(whole), "most": money(most)}
        yield _("All stipends together would be %(sum)s; the action has %(most)s.") % words
    federal, cap = federal_part(action, new.monthly_stipend), cap_of(action)
    if cap is not None and federal > cap:
        words = {"federal": money(federal), "cap": money(cap)}
        yield _("The federal part of a month would be %(federal)s; the year's rules allow %(cap)s.") % words


def _months_of(engagement: Engagement) -> int:
    """Of one that ended before its time, the months until then at most."""
    if not engagement.left_on:
        return engagement.months
    return min(engagement.months, len(months_between(engagement.starts_on, engagement.left_on)))


def cap_of(action: Action) -> Decimal | None:
    """Federal pesos a month, by the rules the project follows; None where they set none."""
    bases = (CapRule.Basis.MONTH, CapRule.Basis.UNIT)
    rules = CapRule.objects.filter(rules=action.project.rules_id, action_type=action.action_type_id, basis__in=bases)
    return rules.exclude(amount=None).order_by("amount").values_list("amount", flat=True).first()


def federal_part(action: Action, amount: Decimal) -> Decimal:
    """What the federation pays of it, at the action's own share."""
    whole = cost_of(action)
    federal = action.contributions.filter(source=Source.FEDERAL).aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]
    return (amount * federal / whole).quantize(CENT, ROUND_UP) if whole else Decimal(0)


# ---- The month's list -----------------------------------------------------------------------------------------------
def payable(action: Action, month: dt.date) -> list[Engagement]:
    """Engagements that touch a month, with the person."""
    following = (month + dt.timedelta(32)).replace(day=1)
    rows = action.engagements.filter(starts_on__lt=following, ends_on__gte=month).select_related("person")
    return [row for row in rows if row.left_on is None or row.left_on >= month]


@transaction.atomic
def list_stipends(
    action: Action, month: dt.date, *, amounts: dict[int, Decimal | None], by: User, at: dt.datetime | None = None
) -> tuple[StipendList, dict[int, str]]:
    """Write the rows that hold into the month's open list; answers it and, by engagement, why others were not.

    `amounts`: engagement → pesos, None to take it off the list. Raises StepForbidden or StepRefused.
    """
    at = at or timezone.now()
    locked = lock_action(action)
    need_keeper(by, locked.project.municipality_id)
    if locked.project.status not in PAYING:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": locked.project.get_status_display()}])
    if month > timezone.localdate(at):
        raise StepRefused([_("This month has not begun.")])
    found = _open_list(locked, month)
    known = {row.pk: row for row in payable(locked, month)}
    refused: dict[int, str] = {}
    for key, amount in amounts.items():
        engagement = known.get(key)
        why = (
            _("Nobody is engaged so in this month.")
            if engagement is None
            else _write(found, engagement, amount, by, at)
        )
        if why:
            refused[key] = why
    if found.status == StipendList.Status.RETURNED:
        found.status = StipendList.Status.LISTED
        found.save(update_fields=["status"])
    return found, refused


def _open_list(action: Action, month: dt.date) -> StipendList:
    rows = StipendList.objects.filter(action=action, month=month)
    found = rows.exclude(status=StipendList.Status.CONFIRMED).select_for_update(of=("self",)).first()
    return found or StipendList.objects.create(action=action, month=month, number=rows.count() + 1)


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
    return "" if amount <= left else _("Only %(left)s of what was approved is left.") % {"left": money(max(left, 0))}


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
def confirm_stipends(found: StipendList, *, by: User, at: dt.datetime | None = None) -> StipendList:
    """By one who wrote none of its rows. Raises StepForbidden or StepRefused."""
    locked = _lock_list(found, by)
    if not may_confirm(by):
        raise StepForbidden(_("The certifier or the delegation confirms stipends."))
    if locked.status != StipendList.Status.LISTED:
        raise StepRefused([_("The list is “%(status)s” now.") % {"status": locked.get_status_display()}])
    if not locked.payments.exists():
        raise StepRefused([_("There is nobody in the list.")])
    if locked.payments.filter(by=by).exists():
        raise StepForbidden(_("Who lists a stipend does not confirm it."))
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
