"""A step for many projects: asked for from a desk, checked, confirmed by the same person, stopped."""

import datetime as dt
from collections.abc import Iterable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.tasks import enqueue
from projects import notifications, tasks
from projects.models import BulkDecision, BulkRow, Project
from projects.refusals import StepRefused
from projects.workers import deciding
from projects.workflow import WORKFLOWS, Step

# Steps that mean the same for many; the others ask something of each project.
IN_BULK = ("authorise", "approve", "observe", "reject")
MOST = 5_000
# So few are looked at at once; more wait for a worker.
AT_ONCE = 20
Status = BulkDecision.Status


def every_bulk_step() -> list[Step]:
    """In the workflow's order."""
    found = {step.name: step for steps in WORKFLOWS.values() for step in steps if step.name in IN_BULK}
    return list(found.values())


def bulk_steps(user: User) -> list[Step]:
    """Those of the user's role."""
    if not (user.is_valid_today and user.can_write):
        return []
    return [step for step in every_bulk_step() if user.role in {move.role for move in step.moves}]


def counts_of(rows: QuerySet[BulkRow]) -> dict[str, int]:
    """How many can be taken and cannot, were taken and refused."""
    return rows.order_by().aggregate(
        free=Count("pk", filter=Q(is_free=True)),
        blocked=Count("pk", filter=Q(is_free=False)),
        taken=Count("pk", filter=Q(outcome=BulkRow.Outcome.TAKEN)),
        refused=Count("pk", filter=Q(outcome=BulkRow.Outcome.REFUSED)),
    )


@transaction.atomic
def ask_decision(
    projects: Iterable[int],
    step: str,
    *,
    by: User,
    reason: str = "",
    sections: Iterable[str] = (),
    at: dt.datetime | None = None,
) -> BulkDecision:
    """Check each of these projects (ids) for a step; nothing is decided yet. What is not visible is left out.

    Raises PermissionDenied for another's step, StepRefused for no projects, too many, or no reason.
    """
    chosen = next((one for one in bulk_steps(by) if one.name == step), None)
    if chosen is None:
        raise PermissionDenied(_("This step is not yours."))
    if chosen.needs_reason and not reason.strip():
        raise StepRefused([_("Give the reason.")])
    if step == "observe" and not list(sections):
        raise StepRefused([_("Choose at least one section to correct.")])
    visible = Project.objects.visible_to(by).filter(pk__in=list(projects)).order_by("pk")
    found = list(visible.values_list("pk", flat=True)[: MOST + 1])
    if not found:
        raise StepRefused([_("Choose at least one project.")])
    if len(found) > MOST:
        raise StepRefused([_("At most %(most)s projects at once: narrow the filters.") % {"most": MOST}])
    decision = BulkDecision.objects.create(
        step=step,
        reason=reason.strip(),
        sections=sorted(sections) if step == "observe" else [],
        total=len(found),
        asked_by=by,
        asked_at=at or timezone.now(),
    )
    BulkRow.objects.bulk_create([BulkRow(decision=decision, project_id=pk) for pk in found], batch_size=1_000)
    transaction.on_commit(partial(_start, decision.pk, len(found)))
    return decision


@transaction.atomic
def confirm_decision(decision: BulkDecision, *, by: User, at: dt.datetime | None = None) -> BulkDecision:
    """From here on it is carried out. Raises PermissionDenied or StepRefused."""
    locked = _mine(decision, by)
    if locked.status != Status.READY:
        raise StepRefused([_("It does not wait for confirmation any more.")])
    free = locked.rows.filter(is_free=True).count()
    if not free:
        raise StepRefused([_("None of these projects can take the step.")])
    locked.status, locked.confirmed_at, locked.done = Status.RUNNING, at or timezone.now(), 0
    locked.total, locked.lease_until = free, None
    locked.save(update_fields=["status", "confirmed_at", "done", "total", "lease_until"])
    transaction.on_commit(partial(_start, locked.pk, free))
    return locked


@transaction.atomic
def stop_decision(decision: BulkDecision, *, by: User) -> BulkDecision:
    """What was decided stays, and is told; the rest is left as it was."""
    locked = _mine(decision, by)
    if locked.status not in (Status.CHECKING, Status.READY, Status.RUNNING):
        raise StepRefused([_("It has ended already.")])
    was_running = locked.status == Status.RUNNING
    locked.status, locked.finished_at, locked.lease_until = Status.STOPPED, timezone.now(), None
    locked.save(update_fields=["status", "finished_at", "lease_until"])
    if was_running:
        notifications.tell_of_decision(locked)
    return locked


def _mine(decision: BulkDecision, by: User) -> BulkDecision:
    if decision.asked_by_id != by.pk or decision.step not in {step.name for step in bulk_steps(by)}:
        raise PermissionDenied(_("Only who asked for a decision confirms or stops it."))
    return BulkDecision.objects.select_for_update(of=("self",)).get(pk=decision.pk)


def _start(pk: int, count: int) -> None:
    if count <= AT_ONCE:
        deciding.run_decision(pk)
        return
    enqueue(tasks.decide, pk)
