"""Makes one report. May be killed at any moment and run twice: what counts is written in one transaction at the end."""

import hashlib
import tempfile
from pathlib import Path

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reports import leases
from reports.catalog import CATALOGUE
from reports.files import CONTENT_TYPES, WRITERS, Totals
from reports.models import Report, ReportFile
from reports.periods import Month, closes_on
from reports.scopes import Scope

logger = structlog.get_logger(__name__)

# A sign of life every so many rows, about once a second.
ROWS_A_SIGN = 500


def run(pk: int) -> None:
    """Nothing happens where the report does not wait any more."""
    report = leases.claim(pk)
    if not report:
        return
    try:
        with translation.override(report.language), tempfile.TemporaryDirectory(prefix="habitat-report-") as folder:
            totals = write_files(report, Path(folder))
            publish(report, Path(folder), totals)
    except leases.LeaseLostError:
        logger.info("report_given_up", report=pk)
    except Exception:
        logger.exception("report_failed", report=pk)
        _fail(report)


def write_files(report: Report, folder: Path) -> Totals:
    """One pass over the data into every file of the folder, named by format."""
    kind, month, scope = CATALOGUE[report.kind], Month.parse(report.period), scope_of(report)
    expected = kind.count(scope, month)
    totals = Totals(kind.columns, kind.grouped_by)
    head = head_of(report)
    writers = [writer(folder / form, kind.columns, head) for form, writer in WRITERS.items()]
    for row in kind.rows(scope, month):
        totals.add(row)
        for writer in writers:
            writer.add(row)
        if totals.rows % ROWS_A_SIGN == 0:
            leases.renew(report, min(90, 90 * totals.rows // max(expected, 1)))
    for writer in writers:
        leases.renew(report, 90)
        writer.close(totals)
    return totals


def scope_of(report: Report) -> Scope:
    return Scope(report.state, report.municipality)


def head_of(report: Report) -> dict[str, object]:
    """What every file says of itself."""
    kind, month = CATALOGUE[report.kind], Month.parse(report.period)
    return {
        "kind": report.kind,
        "title": kind.title,
        "purpose": kind.purpose,
        "basis": kind.basis,
        "place": scope_of(report).label,
        "month": month.label,
        "at": report.started_at,
        "is_final": is_final(report),
        "number": report.public_id,
    }


def is_final(report: Report) -> bool:
    """The data were read after the capture of the month had closed."""
    return closes_on(Month.parse(report.period), report.state_id) < timezone.localdate(report.started_at)


def publish(report: Report, folder: Path, totals: Totals) -> None:
    """Stores the files and says so in one transaction; files of earlier attempts go. Raises LeaseLostError."""
    leases.renew(report, 95)
    files = [_store(report, form, folder / form) for form in WRITERS]
    names = {file.file.name for file in files}
    try:
        with transaction.atomic():
            leases.lock_held(report)
            _finish(report, files, totals)
    except leases.LeaseLostError:
        _remove(names)
        raise
    _remove(_stored(report) - names)


def _finish(report: Report, files: list[ReportFile], totals: Totals) -> None:
    report.files.all().delete()
    ReportFile.objects.bulk_create(files)
    report.status = Report.Status.DONE
    report.progress = 100
    report.totals = totals.as_json()
    report.is_final = is_final(report)
    report.finished_at = timezone.now()
    report.lease_until = None
    report.save(update_fields=["status", "progress", "totals", "is_final", "finished_at", "lease_until"])


def _folder(report: Report) -> str:
    return f"{ReportFile._meta.label_lower}/{report.public_id}"


def _stored(report: Report) -> set[str]:
    return {f"{_folder(report)}/{name}" for name in default_storage.listdir(_folder(report))[1]}


def _remove(names: set[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _store(report: Report, form: str, path: Path) -> ReportFile:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        name = default_storage.save(f"{_folder(report)}/{report.attempts}.{form}", File(content))
    return ReportFile(
        report=report,
        format=form,
        file=name,
        original_name=file_name(report, form),
        content_type=CONTENT_TYPES[form],
        size=path.stat().st_size,
        sha256=digest,
        by=report.asked_by,
    )


def file_name(report: Report, form: str) -> str:
    place = scope_of(report).code or "mx"
    return f"habitat-{report.kind}-{report.period}-{place}.{form}"


def _fail(report: Report) -> None:
    Report.objects.filter(pk=report.pk, status=Report.Status.RUNNING, started_at=report.started_at).update(
        status=Report.Status.FAILED,
        finished_at=timezone.now(),
        error=_("The report could not be made. Try again; if it fails once more, tell the program's support."),
    )
