"""Makes one report. May be killed at any moment and run twice: what counts is written in one transaction at the end."""

import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from projects.models.letters import CODE_SIGNS
from reports import leases
from reports.catalog import CATALOGUE
from reports.catalog.base import Question
from reports.computed import Computed, computed
from reports.corrections import corrections
from reports.files import CONTENT_TYPES, Head, write_csv, write_pdf, write_xlsx
from reports.models import CODE_LENGTH, Report, ReportFile
from reports.periods import closing_of, period_of
from reports.scopes import Scope
from reports.subscriptions import tell_subscribers

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Made:
    """(format, sheet) of each file, and the totals that all of them show."""

    files: list[tuple[str, str]]
    totals: dict[str, object]


def run(pk: int) -> None:
    """Nothing happens where the report does not wait any more."""
    report = leases.claim(pk)
    if not report:
        return
    try:
        with translation.override(report.language), tempfile.TemporaryDirectory(prefix="habitat-report-") as folder:
            publish(report, Path(folder), write_files(report, Path(folder)))
    except leases.LeaseLostError:
        logger.info("report_given_up", report=pk)
    except Exception:
        logger.exception("report_failed", report=pk)
        _fail(report)


def write_files(report: Report, folder: Path) -> Made:
    """Every sheet computed once, and from it every file of the folder."""
    question, head = question_of(report), head_of(report)
    kind = head.kind
    with ExitStack() as stack:
        sheets = []
        for number, sheet in enumerate(kind.sheets):
            sheets.append(stack.enter_context(computed(sheet, question, f"report_rows_{number}")))
            leases.renew(report, 60 * (number + 1) // len(kind.sheets))
        names = [(form, "") for form in ("pdf", "xlsx", "csv")] + [("csv", sheet.name) for sheet in kind.more]
        for made in sheets:
            write_csv(folder / file_key("csv", made.sheet.name), made)
        leases.renew(report, 70)
        later = corrections(kind, question, head.later) if head.later else []
        write_xlsx(folder / file_key("xlsx"), sheets, head, later)
        leases.renew(report, 85)
        write_pdf(folder / file_key("pdf"), sheets, head, later)
        return Made(names, totals_of(sheets))


def totals_of(sheets: list[Computed]) -> dict[str, object]:
    """Of the first sheet by name, of the others after the sheet's name: {"rows": 3, "financial.paid": "12.00"}."""
    totals: dict[str, object] = {}
    for made in sheets:
        prefix = f"{made.sheet.name}." if made.sheet.name else ""
        totals[f"{prefix}rows"] = made.rows
        totals |= {f"{prefix}{name}": str(amount) for name, amount in made.totals.items()}
    return totals


def file_key(form: str, part: str = "") -> str:
    return f"{part}.{form}" if part else form


def scope_of(report: Report) -> Scope:
    return Scope(report.state, report.municipality, report.polygon)


def question_of(report: Report) -> Question:
    return Question(scope_of(report), period_of(report.period), moment_of(report), report.language.startswith("en"))


def closing(report: Report) -> datetime:
    return closing_of(period_of(report.period), report.state_id)


def moment_of(report: Report) -> datetime:
    """As the data were known at this moment: the closing, or one before it; while the period is open, the start."""
    asked = report.as_at or report.started_at or timezone.now()
    return min(asked, closing(report))


def is_final(report: Report) -> bool:
    """The period's own report, after its capture had closed: it stands."""
    return report.as_at is None and report.started_at is not None and closing(report) <= report.started_at


def head_of(report: Report) -> Head:
    """What every file says of itself."""
    return Head(
        kind=CATALOGUE[report.kind],
        place=scope_of(report).label,
        period=period_of(report.period).label,
        at=moment_of(report),
        is_final=is_final(report),
        code=code_of(report),
        later=later_of(report),
    )


def later_of(report: Report) -> datetime | None:
    """The moment after the closing for which corrections were asked."""
    return report.as_at if report.as_at and report.as_at > closing(report) else None


def code_of(report: Report) -> str:
    """Drawn from what the report is of: whoever makes it again from the same data prints the same code."""
    moment = later_of(report) or moment_of(report)
    parts = (report.kind, report.period, scope_of(report).code, report.language, moment.isoformat())
    number = int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest())
    return "".join(CODE_SIGNS[number // len(CODE_SIGNS) ** place % len(CODE_SIGNS)] for place in range(CODE_LENGTH))


def publish(report: Report, folder: Path, made: Made) -> None:
    """Stores the files and says so in one transaction; files of earlier attempts go. Raises LeaseLostError."""
    leases.renew(report, 95)
    files: list[ReportFile] = []
    try:
        for form, part in made.files:
            files.append(_store(report, form, part, folder / file_key(form, part)))
        with transaction.atomic():
            leases.lock_held(report)
            _finish(report, files, made.totals)
    except BaseException:
        # Nobody would find them again.
        _remove({str(file.file.name) for file in files})
        raise
    names = {str(file.file.name) for file in files}
    _remove(_stored(report) - names)


def _finish(report: Report, files: list[ReportFile], totals: dict[str, object]) -> None:
    report.files.all().delete()
    ReportFile.objects.bulk_create(files)
    report.status = Report.Status.DONE
    report.progress = 100
    report.totals = totals
    report.code = code_of(report)
    report.is_final = is_final(report)
    report.finished_at = timezone.now()
    report.lease_until = None
    tell_subscribers(report)
    report.save(update_fields=["status", "progress", "totals", "code", "is_final", "finished_at", "lease_until"])


def _folder(report: Report) -> str:
    return f"{ReportFile._meta.label_lower}/{report.public_id}"


def _stored(report: Report) -> set[str]:
    return {f"{_folder(report)}/{name}" for name in default_storage.listdir(_folder(report))[1]}


def _remove(names: set[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _store(report: Report, form: str, part: str, path: Path) -> ReportFile:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        name = default_storage.save(f"{_folder(report)}/{report.attempts}.{file_key(form, part)}", File(content))
    return ReportFile(
        report=report,
        format=form,
        part=part,
        file=name,
        original_name=file_name(report, form, part),
        content_type=CONTENT_TYPES[form],
        size=path.stat().st_size,
        sha256=digest,
        by=report.asked_by,
    )


def file_name(report: Report, form: str, part: str = "") -> str:
    place = scope_of(report).code or "mx"
    names = ["habitat", report.kind, part, report.period, place]
    if report.as_at:
        names.append(f"{timezone.localtime(report.as_at):%Y%m%dT%H%M}")
    return "-".join(name for name in names if name) + f".{form}"


def _fail(report: Report) -> None:
    Report.objects.filter(pk=report.pk, status=Report.Status.RUNNING, started_at=report.started_at).update(
        status=Report.Status.FAILED,
        finished_at=timezone.now(),
        error=_("The report could not be made. Try again; if it fails once more, tell the program's support."),
    )
