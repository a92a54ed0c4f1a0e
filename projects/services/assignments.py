"""A case in somebody's hands: taken, handed over with a note, all of them at once when somebody is away."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.absences import leads
from habitat.accounts.models import User
from projects import notifications
from projects.models import CaseAssignment, Project
from projects.refusals import StepForbidden, StepRefused
from projects.turns import roles_of, waiting_statuses


def holder(project: Project) -> User | None:
    """Who of the role whose turn it is has the case in hand; nobody whose account has ended."""
    rows = CaseAssignment.objects.filter(project=project, role__in=roles_of(project.status))
    newest = rows.select_related("user").order_by("pk").last()
    return newest.user if newest and newest.user.is_valid_today else None


def held_by_another(project: Project, user: User) -> User | None:
    """The colleague of the same role who has it in hand, and lets nobody else act on it."""
    holds = project.assigned_to
    if holds is None or holds.pk == user.pk or holds.role != user.role or not holds.is_valid_today:
        return None
    return holds


def may_take(project: Project, user: User) -> bool:
    if not (user.is_valid_today and user.can_write) or project.status not in waiting_statuses(user.role):
        return False
    if project.assigned_to_id == user.pk:
        return False
    before = held_by_another(project, user)
    return before is None or before.pk in {away.pk for away in user.stands_in_for}


@transaction.atomic
def take(project: Project, *, by: User, at: dt.datetime | None = None) -> Project:
    """A case of one's own turn that nobody has in hand, or that a colleague has for whom one stands in.

    Raises Project.DoesNotExist outside one's territory, StepForbidden, or StepRefused where a colleague has it.
    """
    locked = _lock(project, by)
    if locked.status not in waiting_statuses(by.role):
        raise StepForbidden(_("Its next step is not your role's."))
    before = held_by_another(locked, by)
    if before and before.pk not in {away.pk for away in by.stands_in_for}:
        raise StepRefused([_("%(who)s has this case in hand and can hand it over to you.") % {"who": before}])
    if locked.assigned_to_id != by.pk:
        _assign([locked], by, by=by, at=at, note=_("Standing in for %(who)s") % {"who": before} if before else "")
    return locked


@transaction.atomic
def hand_over(project: Project, to: User, *, by: User, note: str, at: dt.datetime | None = None) -> Project:
    """To a colleague whose role and territory fit; by who has the case, who stands in for them, or who leads them."""
    locked = _lock(project, by)
    if not may_hand_over(locked, by):
        raise StepForbidden(_("Only who has this case in hand, or leads them, hands it over."))
    if to not in receivers(locked, by):
        raise StepRefused([_("This person cannot take the case: role, territory or account do not fit.")])
    if not note.strip():
        raise StepRefused([_("Write a note for your colleague.")])
    _assign([locked], to, by=by, at=at, note=note)
    return locked


@transaction.atomic
def hand_over_all(of: User, to: User, *, by: User, note: str, at: dt.datetime | None = None) -> int:
    """Every case somebody has in hand; answers how many. Raises StepForbidden or StepRefused, and then moves none."""
    if not (by.is_valid_today and by.can_write) or (by.pk != of.pk and not leads(by, of)):
        raise StepForbidden(_("You hand over your own cases, or those of people you lead."))
    if not note.strip():
        raise StepRefused([_("Write a note for your colleague.")])
    if to.pk == of.pk or to.role != of.role or not to.is_valid_today or not to.can_write or not to.covers(of):
        raise StepRefused([_("This person cannot take the cases: role, territory or account do not fit.")])
    # Always in the order of the key, as every job that locks many.
    cases = list(in_hand(of).select_for_update(of=("self",)).order_by("pk"))
    _assign(cases, to, by=by, at=at, note=note, of=of)
    return len(cases)


def pass_on(cases: list[Project], to: User, *, by: User, at: dt.datetime, note: str) -> None:
    """Locked rows into somebody's hands; who may, and who takes them, is for the caller to have checked."""
    if cases:
        _assign(cases, to, by=by, at=at, note=note)


def in_hand(user: User):
    return Project.objects.open().filter(assigned_to=user, status__in=waiting_statuses(user.role))


def may_hand_over(project: Project, user: User) -> bool:
    if not (user.is_authenticated and user.is_valid_today and user.can_write):
        return False
    holds = project.assigned_to
    if holds is None:
        return user.role in ("delegate", "manager") and bool(roles_of(project.status) & {"reviewer", user.role})
    return holds.pk == user.pk or holds.pk in {away.pk for away in user.stands_in_for} or leads(user, holds)


def receivers(project: Project, by: User) -> list[User]:
    """Who may be given the case: valid accounts of the role whose turn it is, whose territory holds it."""
    roles = {project.assigned_to.role} if project.assigned_to else roles_of(project.status)
    people = notifications.people_of(project, roles=roles, but=project.assigned_to_id)
    return [user for user in people if user.can_write]


def _lock(project: Project, by: User) -> Project:
    if not (by.is_authenticated and by.is_valid_today and by.can_write):
        raise StepForbidden(_("This is not yours to do."))
    visible = Project.objects.visible_to(by).select_related("assigned_to", "municipality")
    return visible.select_for_update(of=("self",)).get(pk=project.pk)


def _assign(
    cases: list[Project], to: User, *, by: User, at: dt.datetime | None, note: str, of: User | None = None
) -> None:
    at = at or timezone.now()
    before = {case.pk: case.assigned_to for case in cases}
    rows = [CaseAssignment(project=case, role=to.role, user=to, by=by, at=at, note=note.strip()) for case in cases]
    CaseAssignment.objects.bulk_create(rows, batch_size=1_000)
    Project.objects.filter(pk__in=[case.pk for case in cases]).update(assigned_to=to)
    for case in cases:
        case.assigned_to = to
    notifications.tell_of_assignment(rows, [of] if of else [user for user in before.values() if user], by=by)
