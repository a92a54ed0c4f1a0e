"""Reads one upload. May be killed at any moment and run twice: the row is the job, a lease says who works on it."""

from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from polygons.models import GeometryUpload
from polygons.uploads import checks, reader
from polygons.uploads.child import read_safely

logger = structlog.get_logger(__name__)

# Longer than the reader's and the database's limits together.
LEASE = timedelta(seconds=180)
MAX_ATTEMPTS = 3
Status = GeometryUpload.Status


def run(pk: int) -> None:
    """Nothing happens where the upload does not wait any more."""
    upload = claim(pk)
    if not upload:
        return
    try:
        finish(upload, judge(upload))
    except Exception:
        logger.exception("upload_failed", upload=pk)
        finish(upload, {"status": Status.FAILED, "faults": [_fault("too_heavy")]})


def claim(pk: int) -> GeometryUpload | None:
    """The upload, ours to read from now on; None where it does not wait."""
    with transaction.atomic():
        upload = GeometryUpload.objects.select_for_update(of=("self",)).filter(pk=pk, status=Status.WAITING).first()
        if not upload:
            return None
        upload.status = Status.RUNNING
        upload.attempts += 1
        upload.lease_until = timezone.now() + LEASE
        upload.save(update_fields=["status", "attempts", "lease_until"])
    return upload


def judge(upload: GeometryUpload) -> dict[str, Any]:
    """The fields that say what became of it."""
    with upload.file.open("rb") as file:
        read = read_safely(file, PurePath(upload.original_name).suffix.lower())
    if found := read.get("faults"):
        return {"status": Status.REFUSED, "faults": [{"place": None} | fault for fault in found]}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return {"found": read["found"]} | _shapes(cursor, read, upload.municipality_id)
    except DatabaseError as error:
        # The statement's time ran out, or a shape that no check foresaw.
        logger.warning("upload_shapes", upload=upload.pk, error=str(error))
        return {"status": Status.REFUSED, "faults": [_fault("too_heavy")], "found": read["found"]}


def _shapes(cursor: Any, read: dict[str, Any], municipality: str) -> dict[str, Any]:
    unknown = checks.stage(cursor, read["features"], read["found"]["crs"])
    if unknown is not None:
        return {"status": Status.REFUSED, "faults": [_fault("unknown_crs", unknown[:200])]}
    geometry, faults = None, checks.faults(cursor)
    if not faults:
        geometry, faults = checks.whole(cursor, reader.MAX_VERTICES)
    if not faults:
        faults = checks.elsewhere(cursor, municipality)
    if faults:
        return {"status": Status.REFUSED, "faults": faults}
    return {"status": Status.GOOD, "faults": [], "geometry": geometry}


def finish(upload: GeometryUpload, result: dict[str, Any]) -> None:
    """Only while it is ours: a worker that was given up writes nothing any more."""
    held = GeometryUpload.objects.filter(pk=upload.pk, status=Status.RUNNING, attempts=upload.attempts)
    held.update(**result, finished_at=timezone.now(), lease_until=None)


def lost(at: datetime) -> QuerySet[GeometryUpload]:
    """Uploads still to be read whose message or worker is gone."""
    return GeometryUpload.objects.filter(status__in=[Status.WAITING, Status.RUNNING]).filter(
        Q(lease_until=None) | Q(lease_until__lt=at)
    )


def _fault(reason: str, detail: str = "") -> dict[str, Any]:
    return {"reason": reason, "feature": None, "detail": detail, "place": None}
