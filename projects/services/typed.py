"""Typed answers that a proposal does not hold yet: kept for who typed them, on whatever machine they come back."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects.models import Project, Typing
from projects.refusals import Refused
from projects.services.editing import acts_in, may_prepare

# The longest site a page takes (500,000 characters), and the rest of the page.
MOST_CHARACTERS = 600_000


def keep_typing(
    project: Project | None,
    page: str,
    *,
    answers: Mapping[str, Sequence[str]],
    seen: Mapping[str, str],
    by: User,
    at: dt.datetime | None = None,
) -> Typing:
    """Replace what this person typed on this page before. Raises PermissionDenied, or Refused where it is too much."""
    if not may_prepare(by) or (project and not acts_in(by, project.municipality_id)):
        raise PermissionDenied(_("Only those who prepare proposals of this municipality may change this one."))
    if len(json.dumps([answers, seen])) > MOST_CHARACTERS:
        raise Refused(_("This page is too long to be kept. Shorten it."))
    said = {"answers": {name: list(values) for name, values in answers.items()}, "seen": dict(seen)}
    typing, _new = Typing.objects.update_or_create(
        project=project, page=page, by=by, defaults=said | {"at": at or timezone.now()}
    )
    return typing


def typing_of(project: Project | None, page: str, *, by: User) -> Typing | None:
    return Typing.objects.filter(project=project, page=page, by=by).first()


def drop_typing(project: Project | None, page: str, *, by: User) -> None:
    Typing.objects.filter(project=project, page=page, by=by).delete()
