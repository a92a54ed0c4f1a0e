"""Large lists as files: asked for, handed out and taken away again; `export_making` makes them."""

import datetime as dt
from functools import partial

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone, translation

from habitat.accounts import tasks
from habitat.accounts.export_making import open_list, rights_of
from habitat.accounts.models import Export, User
from habitat.lib.tasks import enqueue

Status = Export.Status


def ask(address: str, form: str, *, by: User, at: dt.datetime | None = None) -> Export:
    """The same list in the same format that is being made already is given back. Raises as `open_list`."""
    listing = open_list(address, form, by)
    same = {"asked_by": by, "address": listing.address, "format": form, "language": translation.get_language()}
    facts = {"title": listing.title[:200], "name": listing.name[:120], "rows": listing.count, "rights": rights_of(by)}
    at_work = Export.objects.filter(**same, status__in=[Status.WAITING, Status.RUNNING])
    try:
        with transaction.atomic():
            standing = at_work.first()
            if standing:
                return standing
            export = Export.objects.create(**same, **facts, asked_at=at or timezone.now())
            transaction.on_commit(partial(enqueue, tasks.make_export, export.pk))
    except IntegrityError:
        # Pressed twice at once: the other click's row stands.
        return at_work.get()
    return export


def cancel(export: Export) -> bool:
    """A worker at it notices at its next thousand rows. False where it had ended already."""
    at_work = Export.objects.filter(pk=export.pk, status__in=[Status.WAITING, Status.RUNNING])
    return bool(at_work.update(status=Status.CANCELLED, finished_at=timezone.now()))


def retry(export: Export, *, by: User) -> Export:
    """Asks for the same list anew, as it is and as its asker sees it now. Raises as `open_list`."""
    with translation.override(export.language):
        return ask(export.address, export.format, by=by)


def may_open(export: Export, user: User, at: dt.datetime) -> bool:
    """Whether the list is still this person's to read, as it was when the file was made."""
    if not export.is_open_at(at) or rights_of(user) != export.rights:
        return False
    try:
        open_list(export.address, export.format, user)
    except (Http404, PermissionDenied):
        return False
    return True


def drop_expired(at: dt.datetime | None = None) -> int:
    """The file goes, the row stays: what was asked for and when. Answers how many went."""
    count = 0
    for export in Export.objects.filter(status=Status.DONE, expires_at__lte=at or timezone.now()):
        default_storage.delete(str(export.file.name))
        Export.objects.filter(pk=export.pk).update(status=Status.EXPIRED, file="")
        count += 1
    return count
