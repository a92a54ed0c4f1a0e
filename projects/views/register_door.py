"""The one door to personal data of the register: who may pass, and that every passage is noted before it happens."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from habitat.accounts.models import Role, User
from habitat.accounts.requests import PersonRequest
from projects import services
from projects.models import Person, Project
from projects.querysets.people import reads_register

View = Callable[..., HttpResponseBase]


def restricted(view: View) -> View:
    """For who reads the register; no browser and no proxy keeps what it answers."""

    @never_cache
    @wraps(view)
    def guarded(request: PersonRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        need_reader(request)
        return view(request, *args, **kwargs)

    return guarded


def need_reader(request: PersonRequest) -> None:
    if not reads_register(request.user):
        raise PermissionDenied(_("The register of people is read by those who work with it."))


def need_watcher(request: PersonRequest) -> None:
    """Who looks at who looked."""
    need_reader(request)
    if not watches(request.user):
        raise PermissionDenied(_("The program unit and auditors look at who looked."))


def watches(user: User) -> bool:
    return user.role in (Role.MANAGER, Role.AUDITOR) and user.sees_the_nation


def note(
    request: PersonRequest,
    what: str,
    people: int,
    *,
    person: Person | None = None,
    project: Project | None = None,
    purpose: str = "",
) -> None:
    """Before the page is drawn. Where nobody stands on it nothing was read."""
    if people or purpose:
        services.note_reading(
            request.user, what, page=request.get_full_path(), people=people, person=person, project=project,
            purpose=purpose,
        )  # fmt: skip


def need_keeper(request: PersonRequest, municipality: str = "") -> None:
    if not services.keeps_people(request.user, municipality):
        raise PermissionDenied(_("The municipality keeps the register of its people."))


def elsewhere_of(
    request: PersonRequest, people: Iterable[Person], months: Iterable[dt.date]
) -> dict[tuple[str, dt.date], str]:
    """(CURP, month) → that the same person is listed in another municipality; only places of one's own are named."""
    found = services.paid_elsewhere(people, months)
    keys = {place.pk for places in found.values() for place in places}
    own = set(request.user.municipalities().filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    told = {}
    for key, places in found.items():
        names = sorted(
            {f"{place}, {place.state}" if place.pk in own else _("another municipality") for place in places}
        )
        told[key] = _("This CURP is listed in the same month in: %(places)s.") % {"places": "; ".join(names)}
    return told
