"""When a municipal administration changes: its accounts end and its cases go on in the hands of the next."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts import policies
from habitat.accounts.models import Role, User
from habitat.accounts.services import set_validity
from polygons.models import Municipality
from projects.models import Project, Status, Succession
from projects.services.assignments import pass_on


def may_pass_on(user: User) -> bool:
    return bool(user.is_valid_today and user.can_write and policies.roles_invited_by(user))


def local_people(municipality: Municipality, at: dt.datetime | None = None) -> QuerySet[User]:
    """Accounts of its government that are open today."""
    today = timezone.localdate(at)
    mine = User.objects.filter(municipality=municipality, role__in=[Role.PREPARER, Role.CERTIFIER], is_active=True)
    return mine.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today).order_by("role", "name")


def cases_of(people: Sequence[User] | QuerySet[User]) -> QuerySet[Project]:
    """What these people have in hand, and the open proposals they began that nobody has."""
    begun = Q(created_by__in=people, assigned_to=None, status__in=[Status.DRAFT, Status.OBSERVED])
    return Project.objects.open().filter(Q(assigned_to__in=people) | begun)


@transaction.atomic
def succeed(
    municipality: Municipality,
    *,
    leavers: Sequence[User],
    heirs: Mapping[str, User],
    last_day: dt.date,
    reason: str,
    by: User,
    at: dt.datetime | None = None,
) -> Succession:
    """Close the accounts of `leavers` after `last_day` and hand each of their cases to the heir of its holder's role.

    `heirs`: role → account of the same government that stays. A draft that a leaver marked ready is to be marked
    anew: the next administration answers for it. All or nothing. Raises PermissionDenied outside what one looks after,
    or ValidationError with sentences.
    """
    at = at or timezone.now()
    if not may_pass_on(by) or not all(policies.looks_after(by, person) for person in leavers):
        raise PermissionDenied(_("You close accounts of governments of your own territory."))
    _check(municipality, leavers, heirs, reason)
    # Always in the order of the key, as every job that locks many.
    cases = list(cases_of(leavers).select_for_update(of=("self",)).select_related("assigned_to").order_by("pk"))
    for role, heir in heirs.items():
        mine = [case for case in cases if (case.assigned_to.role if case.assigned_to else Role.PREPARER) == role]
        pass_on(mine, heir, by=by, at=at, note=reason)
    ready = Project.objects.filter(status=Status.DRAFT, ready_by__in=leavers)
    ready.update(ready_at=None, ready_by=None)
    for person in leavers:
        try:
            set_validity(person, valid_to=last_day, by=by)
        except ValidationError as error:
            raise ValidationError({"last_day": [f"{person}: {sentence}" for sentence in error.messages]}) from error
    made = Succession.objects.create(
        municipality=municipality, last_day=last_day, cases=len(cases), reason=reason.strip(), by=by, at=at
    )
    made.leavers.set(leavers)
    made.heirs.set({heir.pk for heir in heirs.values()})
    return made


def _check(municipality: Municipality, leavers: Sequence[User], heirs: Mapping[str, User], reason: str) -> None:
    if not leavers:
        raise ValidationError({"leavers": _("Choose at least one account to close.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    own = set(local_people(municipality).values_list("pk", flat=True))
    if {person.pk for person in leavers} - own:
        raise ValidationError({"leavers": _("An account is not of this government, or has ended.")})
    for role, heir in heirs.items():
        if heir.pk not in own or heir.role != role or heir.pk in {person.pk for person in leavers}:
            raise ValidationError({role: _("Who takes over has the same role in this government and stays.")})
    needed = {person.role for person in leavers if cases_of([person]).exists()} - set(heirs)
    for role in sorted(needed):
        raise ValidationError({role: _("There are cases to pass on: choose who takes over, or invite them first.")})
