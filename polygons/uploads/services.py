"""Sending a geometry, keeping it on its way, and making a draft of it."""

import hashlib
import re
import unicodedata
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.lib.refusals import Refused
from habitat.lib.tasks import enqueue as hand_on
from polygons import tasks
from polygons.models import Block, GeometryUpload, Municipality, Polygon, PolygonVersion
from polygons.services.versions import new_draft
from polygons.uploads import reader, worker

# Dimensions of an area.
AREA = 2
ENDINGS = tuple(ending for endings in reader.FORMATS.values() for ending in endings)


def send(file: UploadedFile, *, municipality: Municipality, by: Any) -> GeometryUpload:
    """Keep the file as it came and let a worker read it. Nothing of its content is read here.

    Raises PermissionDenied outside one's territory, Refused where size or name say enough.
    """
    if not by.uploads_geometry or not Municipality.objects.visible_to(by).filter(pk=municipality.pk).exists():
        raise PermissionDenied
    name = _clean_name(file.name or "")
    if not file.size:
        raise Refused(_("The file is empty. Choose another one."))
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise Refused(
            _("The file has %(size)s; the most accepted is %(limit)s. Reduce it or divide it.")
            % {"size": filesizeformat(file.size), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        )
    if not name.lower().endswith(ENDINGS):
        raise Refused(_("Send a file that ends in one of: %(endings)s.") % {"endings": ", ".join(ENDINGS)})
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    with transaction.atomic():
        upload = GeometryUpload.objects.create(
            municipality=municipality,
            file=file,
            original_name=name,
            content_type="application/octet-stream",
            size=file.size,
            sha256=digest.hexdigest(),
            by=by,
        )
        transaction.on_commit(partial(enqueue, upload.pk))
    return upload


def _clean_name(name: str) -> str:
    name = PurePath(name.replace("\\", "/")).name
    plain = re.sub(r"\s+", " ", "".join(c for c in name if unicodedata.category(c)[0] != "C")).strip(" .")
    path = PurePath(plain)
    return f"{path.stem[:150]}{path.suffix[:10]}"


def enqueue(pk: int) -> bool:
    """Without Redis it stays waiting until the sweeper comes by."""
    if not hand_on(tasks.read_upload, pk):
        return False
    waiting = GeometryUpload.objects.filter(pk=pk, status=GeometryUpload.Status.WAITING)
    waiting.update(lease_until=timezone.now() + worker.LEASE)
    return True


def sweep(at: datetime | None = None) -> int:
    """Enqueues again what lost its message or its worker, gives up after three; answers how many were enqueued."""
    at = at or timezone.now()
    return sum(_set_waiting(pk, at) and enqueue(pk) for pk in list(worker.lost(at).values_list("pk", flat=True)))


def _set_waiting(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        upload = worker.lost(at).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if not upload:
            return False
        if upload.attempts >= worker.MAX_ATTEMPTS:
            upload.status = GeometryUpload.Status.FAILED
            upload.finished_at = at
            upload.faults = [{"reason": "lost", "feature": None, "detail": "", "place": None}]
        else:
            upload.status = GeometryUpload.Status.WAITING
        upload.save(update_fields=["status", "finished_at", "faults"])
    return upload.status == GeometryUpload.Status.WAITING


def draft_from(
    upload: GeometryUpload, *, vintage: int, polygon: Polygon | None = None, name: str = "", by: Any
) -> PolygonVersion:
    """A draft of the municipality's blocks whose point on surface lies inside the uploaded areas.

    Raises Refused where the geometry is no area, or no block lies inside.
    """
    geometry = upload.geometry
    if upload.status != GeometryUpload.Status.GOOD or geometry is None or geometry.dims != AREA:
        raise Refused(_("Only areas that were read without faults become a polygon."))
    inside = Block.objects.filter(municipality=upload.municipality_id, vintage=vintage).extra(
        where=["geometry && %s::geometry AND ST_Intersects(ST_PointOnSurface(geometry), %s::geometry)"],
        params=[geometry.hexewkb.decode()] * 2,
    )
    codes = list(inside.values_list("code", flat=True))
    if not codes:
        raise Refused(_("No block of the census of %(vintage)s lies inside.") % {"vintage": vintage})
    method = {"upload": str(upload.public_id), "file": upload.original_name, "blocks": "point on surface inside"}
    place = None if polygon else upload.municipality
    return new_draft(
        blocks=codes, vintage=vintage, polygon=polygon, municipality=place, name=name, method=method, by=by
    )
