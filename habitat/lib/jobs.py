"""Rows that are jobs: who holds a row's lease works on it, piece by piece; a worker that dies loses one piece."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import structlog
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

logger = structlog.get_logger(__name__)

LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3


class Job(models.Model):
    """`status` is one of the concrete model's, with at least waiting, running, done and failed."""

    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_at_work(self) -> bool:
        return getattr(self, "status", "") in ("waiting", "running")


def waiting(model: type[models.Model], at: dt.datetime) -> models.QuerySet[Any]:
    """Not begun, or begun by a worker that is gone."""
    unheld = Q(lease_until=None) | Q(lease_until__lt=at)
    return model._default_manager.filter(unheld, status__in=["waiting", "running"])


def run(model: type[models.Model], pk: int, step: Callable[[int], bool]) -> None:
    """Call `step` until it says False, unless somebody else is at it. May be killed at any moment and run again."""
    if not _claim(model, pk):
        return
    rows = model._default_manager.filter(pk=pk)
    try:
        while step(pk):
            pass
    except Exception:
        logger.exception("job_failed", job=model.__name__, pk=pk)
        rows.filter(attempts__gte=MAX_ATTEMPTS).update(status="failed")
        rows.update(lease_until=None)


@transaction.atomic
def _claim(model: type[models.Model], pk: int) -> bool:
    now = timezone.now()
    job = waiting(model, now).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
    if job is None:
        return False
    job.attempts += 1
    job.status = "failed" if job.attempts > MAX_ATTEMPTS else "running"
    job.lease_until = now + LEASE
    job.save(update_fields=["attempts", "status", "lease_until"])
    return bool(job.status == "running")


def renew(job: Any, *, is_over: bool) -> None:
    """At the end of a piece, in its transaction."""
    now = timezone.now()
    job.lease_until = now + LEASE
    if is_over:
        job.status, job.finished_at = "done", now
    job.save(update_fields=["status", "finished_at", "lease_until"])
