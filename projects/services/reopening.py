"""Accepted progress captured anew: one person asks with a reason, another grants it; the first version stays."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from projects import progress_notices
from projects.models import (
    LedgerEntry,
    ProgressLine,
    ProgressReopening,
    ProgressReport,
    ProgressSpending,
    Project,
    Status,
)
from projects.refusals import Refused, StepForbidden
from projects.services.locks import lock_project, need_status
from projects.services.money import reverse_entries

ASKERS = (Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE)
GRANTERS = (Role.DELEGATE, Role.MANAGER)


def may_ask_reopening(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.role in ASKERS)


def may_grant_reopening(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.role in GRANTERS)


@transaction.atomic
def ask_reopening(report: ProgressReport, *, reason: str, by: User, at: dt.datetime | None = None) -> ProgressReopening:
    """Raises StepForbidden, or Refused where it is not accepted, or asked for already."""
    project, report = _lock(report, by, ASKERS)
    if report.status != ProgressReport.Status.ACCEPTED:
        raise Refused(_("Only accepted progress is reopened."))
    if not reason.strip():
        raise Refused(_("Give the reason."))
    if report.reopenings.filter(is_granted=None).exists():
        raise Refused(_("Somebody has asked already to reopen it."))
    reopening = ProgressReopening.objects.create(
        report=report, project=project, reason=reason.strip(), asked_by=by, asked_at=at or timezone.now()
    )
    progress_notices.tell_of_reopening(reopening, by=by)
    return reopening


@transaction.atomic
def decide_reopening(
    reopening: ProgressReopening, *, is_granted: bool, note: str, by: User, at: dt.datetime | None = None
) -> ProgressReopening:
    """Granted: what it paid is reversed in the ledger, and a further version waits to be mended.

    Raises StepForbidden, also for who asked; Refused once it is decided.
    """
    at = at or timezone.now()
    project, report = _lock(reopening.report, by, GRANTERS)
    locked = ProgressReopening.objects.select_for_update(of=("self",)).get(pk=reopening.pk)
    if locked.asked_by_id == by.pk:
        raise StepForbidden(_("Who asked to reopen it does not grant it."))
    if locked.is_granted is not None:
        raise Refused(_("This has been decided already."))
    if not note.strip():
        raise Refused(_("Give the reason."))
    locked.is_granted, locked.note, locked.decided_by, locked.decided_at = is_granted, note.strip(), by, at
    locked.save(update_fields=["is_granted", "note", "decided_by", "decided_at"])
    if is_granted:
        today = project.municipality.local_day(at)
        reverse_entries(LedgerEntry.objects.filter(progress=report), on=today, by=by, note=locked.reason)
        _renew(report, locked.reason)
    progress_notices.tell_of_reopening(locked, by=by)
    return locked


def _renew(report: ProgressReport, reason: str) -> None:
    ProgressReport.objects.filter(pk=report.pk).update(status=ProgressReport.Status.SUPERSEDED)
    renewed = ProgressReport.objects.create(
        project=report.project,
        period=report.period,
        year=report.year,
        month=report.month,
        version=report.version + 1,
        status=ProgressReport.Status.RETURNED,
        note=report.note,
        reason=reason,
    )
    ProgressLine.objects.bulk_create(
        ProgressLine(report=renewed, action_id=line.action_id, quantity=line.quantity) for line in report.lines.all()
    )
    ProgressSpending.objects.bulk_create(
        ProgressSpending(report=renewed, source=part.source, amount=part.amount) for part in report.spending.all()
    )


def _lock(report: ProgressReport, by: User, roles: tuple[Role, ...]) -> tuple[Project, ProgressReport]:
    project = lock_project(report.project, by, *roles)
    need_status(project, Status.IN_EXECUTION, Status.FINISHED)
    fresh = ProgressReport.objects.get(pk=report.pk)
    fresh.project = project
    return project, fresh
