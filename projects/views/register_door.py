"""The one door to personal data of the register: who may pass, and that every passage is noted before it happens."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

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
        if not reads_register(request.user):
            raise PermissionDenied(_("The register of people is read by those who work with it."))
        return view(request, *args, **kwargs)

    return guarded


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
