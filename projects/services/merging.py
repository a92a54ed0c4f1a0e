"""Two people in one draft: what each has seen decides what each may write, field by field.

A page hands out a `mark` of every value it shows and brings the marks back. A field that somebody else has changed
since is never overwritten: untouched here, theirs stands; changed here too, both values go to who came second.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects.models import Action
from projects.refusals import Refused

Marks = Mapping[str, str]


class Overtaken(Refused):
    """Somebody else changed the same fields since they were read. `theirs`: field → value as it stands.

    `by` and `at`: who wrote the row last and when, where its history knows. `is_gone`: the row was removed.
    """

    def __init__(self, message: str, row: models.Model, theirs: Mapping[str, Any], *, is_gone: bool = False) -> None:
        super().__init__(message)
        self.theirs = dict(theirs)
        self.is_gone = is_gone
        self.by, self.at = last_writer(row)


def mark(value: object) -> str:
    """Twelve characters that stay the same as long as the value says the same: 400 and 400.00 do, "" and None too."""
    return hashlib.sha256(_text(value).encode()).hexdigest()[:12]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():f}"
    if isinstance(value, list | tuple | set | models.QuerySet):
        return "\n".join(sorted(_text(item) for item in value))
    return "\n".join(line.rstrip() for line in str(value).strip().splitlines())


def merge(
    now: Mapping[str, Any], typed: Mapping[str, Any], seen: Marks | None, *, together: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What to write, and the fields in conflict as they stand. Without `seen` everything typed is written.

    `together`: the fields are one statement (the parts of a cost): where both changed any of them, all that differ are
    in conflict.
    """
    if seen is None:
        return dict(typed), {}
    theirs = {name for name in typed if name in seen and mark(now[name]) != seen[name]}
    differ = {name for name in typed if mark(now[name]) != mark(typed[name])}
    mine = differ & {name for name in typed if name not in seen or mark(typed[name]) != seen[name]}
    disputed = differ if together and theirs and mine else theirs & mine
    return {name: typed[name] for name in mine}, {name: now[name] for name in typed if name in disputed}


def refuse(row: models.Model, theirs: Mapping[str, Any]) -> None:
    """Raises Overtaken where anything is in conflict."""
    if theirs:
        raise Overtaken(_("Somebody else has changed this meanwhile."), row, theirs)


def last_writer(row: models.Model) -> tuple[User | None, dt.datetime | None]:
    """From the row's audit history; nobody where a command wrote it."""
    events = cast(Any, type(row)).pgh_event_model.objects.filter(pgh_obj_id=row.pk).select_related("pgh_context")
    last = events.order_by("-pgh_created_at", "-pgh_id").first()
    if last is None:
        return None, None
    metadata = last.pgh_context.metadata if last.pgh_context else {}
    return User.objects.filter(pk=metadata.get("user")).first(), last.pgh_created_at


def standing(action: Action) -> Action:
    """The action's row as it stands under the project's lock. Raises Overtaken where it was removed."""
    row = Action.objects.select_related("action_type", "project").filter(pk=action.pk).first()
    if row is None:
        raise Overtaken(_("Somebody else has removed this action meanwhile."), action, {}, is_gone=True)
    return row
