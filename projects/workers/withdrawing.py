"""The worker's half of a withdrawal: line by line, each in a transaction of its own with the mark that it is done.

A worker that dies loses one line's work; who goes on after it repeats none.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from habitat.lib import jobs
from projects.models import CancellationProposal, UnstartedProject, Withdrawal
from projects.refusals import Refused, StepForbidden
from projects.services.steps import take_step
from projects.services.withdrawals import withdraw_line


def waiting_withdrawals(at: dt.datetime) -> QuerySet[Withdrawal]:
    return jobs.waiting(Withdrawal, at)


def run_withdrawal(pk: int) -> None:
    """To the end, unless somebody else is at it."""
    with translation.override(Withdrawal.objects.select_related("proposed_by").get(pk=pk).proposed_by.language):
        jobs.run(Withdrawal, pk, _next)


@transaction.atomic
def _next(pk: int) -> bool:
    """One project or one ceiling; False at the end. Projects first: cancelled ones free what the ceilings give back."""
    rows = Withdrawal.objects.select_related("milestone", "proposed_by", "confirmed_by")
    job = rows.select_for_update(of=("self",)).get(pk=pk)
    if job.status != Withdrawal.Status.RUNNING:
        return False
    now = timezone.now()
    project = job.unstarted.filter(is_cancelled=None).select_related("project").first()
    line = job.lines.filter(withdrawn=None).select_related("ceiling__parent__parent__parent").first()
    if project is not None:
        _cancel(job, project, at=now)
    elif line is not None:
        withdraw_line(job, line, at=now)
    is_over = project is None and line is None
    jobs.renew(job, is_over=is_over)
    return not is_over


def _cancel(job: Withdrawal, row: UnstartedProject, *, at: dt.datetime) -> None:
    """By the two persons of the job, as any cancellation is; what began or was released meanwhile stays."""
    try:
        with transaction.atomic():
            if not row.project.cancellation_proposals.filter(confirmed_at=None).exists():
                CancellationProposal.objects.create(
                    project=row.project, reason=job.reason, by=job.proposed_by, at=job.proposed_at
                )
            take_step(row.project, "cancel", by=job.decider, reason=job.reason, at=at)
    except (Refused, StepForbidden) as refusal:
        row.is_cancelled = False
        row.note = " ".join(getattr(refusal, "messages", [])) or str(refusal)
    else:
        row.is_cancelled, row.note = True, _("Cancelled: it had not started at the cut-off.")
    row.save(update_fields=["is_cancelled", "note"])
