"""Archives asked for and taken away again; a worker makes the file (`projects/workers/archiving.py`)."""

import datetime as dt
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.tasks import enqueue
from projects import tasks
from projects.models import Archive, Project

# A copy of the whole file lies on the server only for a while; it can be made again.
LIFE = dt.timedelta(days=7)


@transaction.atomic
def ask_archive(project: Project, *, by: User, at: dt.datetime | None = None) -> Archive:
    """For who reads the file; one at a time a person: the one in the making is answered. Raises PermissionDenied."""
    if not by.is_authenticated or not by.is_valid_today:
        raise PermissionDenied(_("This account is not valid today."))
    locked = Project.objects.visible_to(by).select_for_update(of=("self",)).get(pk=project.pk)
    running = locked.archives.filter(asked_by=by, status__in=["waiting", "running"]).first()
    if running:
        return running
    at = at or timezone.now()
    archive = Archive.objects.create(project=locked, asked_by=by, asked_at=at, expires_at=at + LIFE)
    transaction.on_commit(partial(enqueue, tasks.make_archive, archive.pk))
    return archive


def drop_expired_archives(at: dt.datetime | None = None) -> int:
    """The file goes, the row stays: who had it made, when, and its fingerprint."""
    gone = Archive.objects.filter(expires_at__lt=at or timezone.now()).exclude(file="")
    count = 0
    for archive in gone:
        archive.file.storage.delete(str(archive.file.name))
        Archive.objects.filter(pk=archive.pk).update(file="")
        count += 1
    return count
