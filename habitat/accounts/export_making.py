"""A worker makes the file of a list, as the person who asked sees the list.

The row is the job (`habitat/lib/jobs.py`): may be killed at any moment and run again.
"""

import datetime as dt
import hashlib
import tempfile
from pathlib import Path

import structlog
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from habitat.accounts import notices
from habitat.accounts.models import Export, Kind, User
from habitat.accounts.notices import Notice
from habitat.lib import jobs
from habitat.lib.lists import Listing, files, listing_at, sheet_of

logger = structlog.get_logger(__name__)

LIFE = dt.timedelta(days=7)
Status = Export.Status


class GivenUpError(Exception):
    """Cancelled, or another worker has it."""


def rights_of(user: User) -> str:
    """What decides on the rows a person sees: once it has changed, an older file is not theirs to open."""
    return f"{user.role}/{user.state_id or ''}/{user.municipality_id or ''}/{user.is_national}"


def open_list(address: str, form: str, user: User) -> Listing:
    """The list at an address for this person. Raises Http404 and PermissionDenied."""
    if not user.is_valid_today:
        raise PermissionDenied(_("This account is not valid today."))
    if not address.startswith("/") or len(address) > Export.LONGEST_ADDRESS:
        raise Http404
    listing = listing_at(address, user)
    if form not in files.formats_of(listing.table):
        raise Http404
    return listing


def run(pk: int) -> None:
    """To the end, unless somebody else is at it. May be killed at any moment and run again."""
    jobs.run(Export, pk, _make)
    export = Export.objects.select_related("asked_by").get(pk=pk)
    if export.status == Status.FAILED:
        notices.tell([_notice(export)])


def waiting(at: dt.datetime) -> QuerySet[Export]:
    return jobs.waiting(Export, at)


def _make(pk: int) -> bool:
    export = Export.objects.select_related("asked_by").get(pk=pk)
    with translation.override(export.language), tempfile.TemporaryDirectory(prefix="habitat-export-") as folder:
        path = Path(folder) / f"file.{export.format}"
        try:
            rows = _write(export, path)
            _publish(export, path, rows)
        except GivenUpError:
            logger.info("export_given_up", export=pk)
    return False


def _write(export: Export, path: Path) -> int:
    """As the person sees the list at this moment; answers the number of rows."""
    if rights_of(export.asked_by) != export.rights:
        raise PermissionDenied(_("The territory of who asked has changed."))
    listing = open_list(export.address, export.format, export.asked_by)
    whole = max(listing.count, 1)
    sheet = sheet_of(listing, export.asked_by, timezone.now())
    return files.write(sheet, export.format, path, lambda rows: _told(export, min(99 * rows // whole, 99)))


def _held(export: Export) -> QuerySet[Export]:
    # The attempt tells one worker's turn from another's.
    return Export.objects.filter(pk=export.pk, status=Status.RUNNING, attempts=export.attempts)


def _told(export: Export, progress: int) -> None:
    if not _held(export).update(progress=progress, lease_until=timezone.now() + jobs.LEASE):
        raise GivenUpError


def _publish(export: Export, path: Path, rows: int) -> None:
    """File, row and notice are there together or not at all."""
    now = timezone.now()
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        _remove_earlier(export)
        name = default_storage.save(_name(export, export.attempts), File(content))
    kept = {
        "file": name, "size": path.stat().st_size, "sha256": digest, "rows": rows, "progress": 100,
        "status": Status.DONE, "finished_at": now, "expires_at": now + LIFE, "lease_until": None,
    }  # fmt: skip
    try:
        with transaction.atomic():
            if not _held(export).update(**kept):
                raise GivenUpError
            export.refresh_from_db()
            notices.tell([_notice(export)])
    except BaseException:
        default_storage.delete(name)
        raise


def _name(export: Export, attempt: int) -> str:
    return f"{Export._meta.get_field('file').upload_to}{export.pk}-{attempt}.{export.format}"


def _remove_earlier(export: Export) -> None:
    """What a worker that was killed may have left."""
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        default_storage.delete(_name(export, attempt))


def _notice(export: Export) -> Notice:
    user = export.asked_by
    with translation.override(user.language):
        if export.status == Status.DONE:
            text = _("Your file is ready: %(list)s") % {"list": export}
        else:
            text = _("Your file could not be made: %(list)s") % {"list": export}
    key = f"export-{export.pk}-{export.status}-{export.finished_at or export.asked_at:%Y%m%d%H%M%S}"
    return Notice(user, Kind.JOB, key, text, reverse("people:file", args=[export.pk]), lines=((None, text),))
