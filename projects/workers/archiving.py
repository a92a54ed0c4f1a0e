"""Makes the archive of a project: its whole file as a zip with a table of contents and the SHA-256 of each part.

The row is the job (`habitat/lib/jobs.py`): may be killed at any moment and run again. Members of committees and who
complained are not in it.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import get_valid_filename

from habitat.lib import jobs
from habitat.lib.models import StoredFile
from habitat.lib.pdf import render_pdf
from habitat.lib.spreadsheets import safe_cell
from projects import rules
from projects.fingerprints import fingerprint_of, short
from projects.models import Archive, HandoverFile, LetterFile, LetterScan, Project, ProjectVersion
from projects.records import actions_of, totals_of
from projects.sketch import sketch
from projects.workers.archive_sheets import sheets_of

PIECE = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """A file of the archive: its path in the zip, what it is in words, and how to open its bytes."""

    path: str
    title: str
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Line:
    """Of the table of contents."""

    path: str
    title: str
    size: int
    sha256: str


def waiting_archives(at: dt.datetime) -> QuerySet[Archive]:
    return jobs.waiting(Archive, at)


def run_archive(pk: int) -> None:
    """To the end, unless somebody else is at it."""
    jobs.run(Archive, pk, _make)


def _make(pk: int) -> bool:
    archive = Archive.objects.select_related("project__municipality__state", "asked_by").get(pk=pk)
    with translation.override("es-mx"), tempfile.TemporaryFile() as target:
        lines = write_archive(archive.project, target, lambda done, whole: _tell(archive, done, whole))
        archive.size, archive.sha256, archive.parts = target.tell(), _digest(target), len(lines)
        target.seek(0)
        archive.file.save(f"{archive.pk}-{archive.attempts}.zip", File(target), save=False)
    archive.progress, archive.status, archive.finished_at = 100, Archive.Status.DONE, timezone.now()
    held = Archive.objects.filter(pk=pk, status=Archive.Status.RUNNING, attempts=archive.attempts)
    fields = ("file", "size", "sha256", "parts", "progress", "status", "finished_at")
    if not held.update(**{name: getattr(archive, name) for name in fields}):
        # Another worker took it over meanwhile: its file stands.
        archive.file.storage.delete(str(archive.file.name))
    return False


def _tell(archive: Archive, done: int, whole: int) -> None:
    share = 99 * done // max(whole, 1)
    Archive.objects.filter(pk=archive.pk).update(progress=share, lease_until=timezone.now() + jobs.LEASE)


def _digest(target: IO[bytes]) -> str:
    target.seek(0)
    digest = hashlib.sha256()
    while piece := target.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def write_archive(project: Project, target: IO[bytes], tell: Callable[[int, int], None]) -> list[Line]:
    """Every part, then the table of contents as `indice.html` and `indice.csv`; answers its lines."""
    parts = list(parts_of(project))
    lines = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, part in enumerate(parts):
            lines.append(_add(archive, part))
            tell(number + 1, len(parts))
        archive.writestr("indice.csv", _csv(["Ruta", "Documento", "Bytes", "SHA-256"], map(_cells, lines)))
        context = {"project": project, "lines": lines, "made_at": timezone.now()}
        archive.writestr("indice.html", render_to_string("projects/handover/contents.html", context))
    return lines


def _cells(line: Line) -> list[object]:
    return [line.path, line.title, line.size, line.sha256]


def _add(archive: zipfile.ZipFile, part: Part) -> Line:
    digest, size = hashlib.sha256(), 0
    with part.open() as source, archive.open(part.path, "w", force_zip64=True) as inside:
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
            inside.write(piece)
    return Line(part.path, part.title, size, digest.hexdigest())


def parts_of(project: Project) -> Iterator[Part]:
    yield Part("PH-01.pdf", "PH-01", lambda: io.BytesIO(_ph01(project)))
    for document in project.documents.filter(destroyed=None).order_by("kind", "pk"):
        yield _stored("expediente", document, document.get_kind_display())
    letters = LetterFile.objects.filter(letter__lines__project=project).distinct().order_by("pk")
    for letter in letters.select_related("letter"):
        yield _stored("oficios", letter, str(letter.letter))
    for scan in LetterScan.objects.filter(letter__lines__project=project).distinct().order_by("pk"):
        yield _stored("oficios", scan, f"{scan.letter} (firmado)")
    for certificate in HandoverFile.objects.filter(handover__project=project).select_related("handover"):
        yield _stored("entrega", certificate, str(certificate.handover))
    for version in project.versions.order_by("number"):
        yield Part(f"versiones/{version.number}.json", f"Versión {version.number}", partial(_version, version))
    for photo in project.photos.order_by("pk"):
        yield _stored("fotos", photo, f"{photo.get_stage_display()} {photo.caption}".strip())
    for name, title, header, rows in sheets_of(project):
        yield Part(f"{name}.csv", title, partial(_sheet_file, header, rows))


def _stored(folder: str, stored: StoredFile, title: str) -> Part:
    name = get_valid_filename(stored.original_name)
    return Part(f"{folder}/{stored.pk}-{name}", title, lambda: stored.file.open("rb"))


def _version(version: ProjectVersion) -> IO[bytes]:
    return io.BytesIO(json.dumps(version.facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode())


def _ph01(project: Project) -> bytes:
    actions = actions_of(project)
    context = {
        "project": project,
        "actions": actions,
        "totals": totals_of(project, actions),
        "sketch": sketch(project),
        "verdicts": rules.evaluate(project),
        "fingerprint": short(fingerprint_of(project)),
        "printed_at": timezone.now(),
    }
    return render_pdf("projects/ph01.html", context)


def _sheet_file(header: list[str], rows: Iterable[list[object]]) -> IO[bytes]:
    return io.BytesIO(_csv(header, rows))


def _csv(header: list[str], rows: Iterable[list[object]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()
