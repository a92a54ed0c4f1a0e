"""Asking for reports and keeping them on their way. The row is the job: the queue may lose its message."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role
from habitat.lib.tasks import enqueue as hand_on
from polygons.models import Municipality, Polygon, State
from reports import leases, tasks
from reports.catalog import CATALOGUE
from reports.catalog.base import Kind
from reports.models import Report
from reports.scopes import Scope


def ask(
    kind: str,
    period: str,
    *,
    state: State | None = None,
    municipality: Municipality | None = None,
    polygon: Polygon | None = None,
    as_at: datetime | None = None,
    language: str = "",
    by,
    at: datetime | None = None,
) -> Report:
    """A report of a period ("2026-10"), made by a worker; `by` None is the clock. Without a language, the asker's own.

    `as_at` asks what was known at a past moment. One that is being made already, or the final one of a closed period,
    is given back instead of a new one. Raises ValueError with a sentence, PermissionDenied outside one's territory.
    """
    place = {"state": state, "municipality": municipality, "polygon": polygon}
    at = at or timezone.now()
    with transaction.atomic():
        report, is_new = wish(kind, period, **place, as_at=as_at, language=language, by=by, at=at)
        if is_new:
            transaction.on_commit(partial(enqueue, report.pk))
    return report


def wish(
    kind: str,
    period: str,
    *,
    state: State | None = None,
    municipality: Municipality | None = None,
    polygon: Polygon | None = None,
    as_at: datetime | None = None,
    language: str = "",
    by,
    at: datetime,
) -> tuple[Report, bool]:
    """As `ask`, without a worker: the row, and whether it is new. Needs a transaction."""
    if kind not in CATALOGUE:
        raise ValueError(_("There is no report called “%(kind)s”.") % {"kind": kind})
    _check_times(CATALOGUE[kind], period, as_at, at)
    municipality = polygon.municipality if polygon else municipality
    state = municipality.state if municipality else state
    if by and not Scope(state, municipality, polygon).is_open_to(by):
        raise PermissionDenied
    same = {
        "kind": kind,
        "period": period,
        "state": state,
        "municipality": municipality,
        "polygon": polygon,
        "as_at": as_at,
        "language": language or (by.language if by else settings.LANGUAGE_CODE),
    }
    _lock(f"report {kind} {period}")
    standing = Report.objects.filter(**same).standing().first()
    return standing or Report.objects.create(**same, asked_by=by, asked_at=at), standing is None


def _check_times(kind: Kind, period: str, as_at: datetime | None, at: datetime) -> None:
    if kind.period.parse(period).first_day > timezone.localdate(at):
        raise ValueError(_("This period has not begun."))
    if as_at and as_at > at:
        raise ValueError(_("Nobody knows yet what will be known then: give a past moment."))


def _lock(key: str) -> None:
    """Until the transaction ends, others who ask for the same wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def enqueue(pk: int) -> bool:
    """Puts the report into the queue; without Redis it stays waiting until the sweeper comes by."""
    if not hand_on(tasks.make_report, pk):
        return False
    Report.objects.filter(pk=pk, status=Report.Status.WAITING).update(lease_until=timezone.now() + leases.LEASE)
    return True


def sweep(at: datetime | None = None) -> int:
    """Enqueues again what lost its message or its worker; gives up what lost its worker too often.

    Answers how many were enqueued.
    """
    enqueued = 0
    for pk in leases.lost(at or timezone.now()).values_list("pk", flat=True):
        if _set_waiting(pk, at or timezone.now()) and enqueue(pk):
            enqueued += 1
    return enqueued


def _set_waiting(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        report = leases.lost(at).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if not report:
            return False
        if report.attempts >= leases.MAX_ATTEMPTS:
            report.status = Report.Status.FAILED
            report.finished_at = at
            report.error = _("Its worker was lost %(times)s times.") % {"times": report.attempts}
        else:
            report.status = Report.Status.WAITING
        report.save(update_fields=["status", "finished_at", "error"])
    return report.status == Report.Status.WAITING


def may_steer(report: Report, user) -> bool:
    """Whoever asked, and the program unit, cancel and retry."""
    return user.is_valid_today and (report.asked_by_id == user.pk or user.role == Role.MANAGER)


def cancel(report: Report, *, by) -> bool:
    """A worker at it notices at its next sign of life. False where it had ended already."""
    if not may_steer(report, by):
        raise PermissionDenied
    at_work = Report.objects.filter(pk=report.pk, status__in=[Report.Status.WAITING, Report.Status.RUNNING])
    return bool(at_work.update(status=Report.Status.CANCELLED, finished_at=timezone.now()))


def retry(report: Report, *, by) -> Report:
    """A failed or cancelled report, from the start; the one being made or final already, where there is one."""
    if not may_steer(report, by):
        raise PermissionDenied
    with transaction.atomic():
        _lock(f"report {report.kind} {report.period}")
        standing = Report.objects.same_as(report).standing().first()
        if standing:
            return standing
        Report.objects.filter(pk=report.pk, status__in=[Report.Status.FAILED, Report.Status.CANCELLED]).update(
            status=Report.Status.WAITING, attempts=0, progress=0, error="", finished_at=None, lease_until=None
        )
        transaction.on_commit(partial(enqueue, report.pk))
    report.refresh_from_db()
    return report
