"""Who works on a report: a worker holds a lease and renews it; a row without one has lost its worker.

A waiting row's lease says how long its message is presumed to lie in the queue.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from reports.models import Report

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3


class LeaseLostError(Exception):
    """The report was cancelled, or given to another worker."""


def claim(pk: int) -> Report | None:
    """The report, ours to make from now on; None where it does not wait any more."""
    now = timezone.now()
    with transaction.atomic():
        report = Report.objects.select_for_update(of=("self",)).filter(pk=pk, status=Report.Status.WAITING).first()
        if not report:
            return None
        report.status = Report.Status.RUNNING
        report.attempts += 1
        report.progress = 0
        report.started_at = report.heartbeat_at = now
        report.lease_until = now + LEASE
        report.save(update_fields=["status", "attempts", "progress", "started_at", "heartbeat_at", "lease_until"])
    return report


def _held(report: Report) -> QuerySet[Report]:
    # The moment it was claimed tells one worker's turn from another's.
    return Report.objects.filter(pk=report.pk, status=Report.Status.RUNNING, started_at=report.started_at)


def renew(report: Report, progress: int) -> None:
    """Say that the work goes on, `progress` per cent done; raises LeaseLostError."""
    now = timezone.now()
    if not _held(report).update(progress=progress, heartbeat_at=now, lease_until=now + LEASE):
        raise LeaseLostError(str(report.pk))


def lock_held(report: Report) -> None:
    """Inside a transaction: nobody takes the report from us until it ends; raises LeaseLostError."""
    if not _held(report).select_for_update(of=("self",)).exists():
        raise LeaseLostError(str(report.pk))


def lost(at: datetime) -> QuerySet[Report]:
    """Reports still to be made whose message or worker is gone."""
    return Report.objects.filter(status__in=[Report.Status.WAITING, Report.Status.RUNNING]).filter(
        Q(lease_until=None) | Q(lease_until__lt=at)
    )
