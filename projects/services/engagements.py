"""Who serves in a social action: within its months, its pesos and the cap of the year."""

import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money
from modalities.models import CapRule, Unit
from projects.models import STIPEND_UNITS, Action, Engagement, Part, Person, Project, Source, Status
from projects.refusals import StepRefused
from projects.services.merging import Marks, merge, refuse
from projects.services.people import need_keeper, settle_on
from projects.services.targets import cost_of, months_between
from projects.workflow import ENDED

# Of these the people stay as they are.
SETTLED = ENDED | {Status.PROVEN}
CENT = Decimal("0.01")


def need_open(project: Project) -> None:
    if project.status in SETTLED:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": project.get_status_display()}])


def lock_action(action: Action) -> Action:
    """Sums over an action are decided on its locked row."""
    found = Action.objects.select_for_update(of=("self",), no_key=True).defer("geometry")
    return found.select_related("action_type", "project__rules", "project__municipality").get(pk=action.pk)


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
    # The action before the municipality: two at once wait for one another in one order.
    lock_action(action)
    return engage(action, settle_on(action.project.municipality, by=by, chosen=chosen, who=who), by=by, **said)


@transaction.atomic
def change_engagement(engagement: Engagement, *, by: User, seen: Marks | None = None, **said: Any) -> Engagement:
    """Never below what is listed already. Its terms are one statement. Raises as `engage` does, or Overtaken."""
    locked = _lock_engagement(engagement, by)
    mine, theirs = merge({name: getattr(locked, name) for name in said}, said, seen, together=True)
    refuse(locked, theirs)
    for name, value in mine.items():
        setattr(locked, name, value)
    _need_within(locked)
    rows = list(locked.payments.all())
    if len(rows) > locked.months:
        raise StepRefused([_("%(count)s months are listed already.") % {"count": len(rows)}])
    if any(row.amount > locked.monthly_stipend for row in rows):
        raise StepRefused([_("A month is listed with more than this stipend.")])
    if {row.month for row in rows} - set(months_between(locked.starts_on, locked.ends_on)):
        raise StepRefused([_("A month outside these dates is listed already.")])
    locked.save(update_fields=list(mine))
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


def _against(new: Engagement) -> Iterator[str]:
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


def _against_sums(new: Engagement) -> Iterator[str]:
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
