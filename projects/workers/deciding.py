"""Works at a decision on many projects: looks at each, and once its person has confirmed takes the step of each.

A step and its row's outcome are one transaction: a worker that dies loses at most the project it was at, and who goes
on after it repeats none. What the others are told is written once, with the end.
"""

import datetime as dt

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from projects import notifications
from projects.models import BulkDecision, BulkRow, Project, StatusChange
from projects.refusals import Refused
from projects.services.steps import take_step, why_not

logger = structlog.get_logger(__name__)

LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 4
Status = BulkDecision.Status


class LeaseLostError(Exception):
    """Stopped, or given to another worker."""


def lost_decisions(at: dt.datetime) -> QuerySet[BulkDecision]:
    """Not begun, or begun by a worker that is gone."""
    unheld = Q(lease_until=None) | Q(lease_until__lt=at)
    return BulkDecision.objects.filter(unheld, status__in=[Status.CHECKING, Status.RUNNING])


def run_decision(pk: int) -> None:
    """To the end of what can be done now, unless somebody else is at it. May be killed and run again."""
    decision = _claim(pk)
    if decision is None:
        return
    work = _check if decision.status == Status.CHECKING else _decide
    try:
        with translation.override(decision.asked_by.language):
            for row in _rows_left(decision).order_by("pk").values_list("pk", flat=True):
                work(decision, row)
            _finish(decision, Status.READY if work is _check else Status.DONE)
    except LeaseLostError:
        logger.info("decision_given_up", decision=pk)
    except Exception:
        logger.exception("decision_failed", decision=pk)
        BulkDecision.objects.filter(pk=pk, attempts=decision.attempts).update(lease_until=None)


def _claim(pk: int) -> BulkDecision | None:
    now = timezone.now()
    with transaction.atomic():
        found = lost_decisions(now).select_for_update(of=("self",), skip_locked=True)
        decision = found.filter(pk=pk).select_related("asked_by").first()
        if decision is None:
            return None
        decision.attempts += 1
        decision.lease_until = now + LEASE
        decision.save(update_fields=["attempts", "lease_until"])
    if decision.attempts > MAX_ATTEMPTS:
        _finish(decision, Status.FAILED)
        return None
    return decision


def _rows_left(decision: BulkDecision) -> QuerySet[BulkRow]:
    if decision.status == Status.CHECKING:
        return decision.rows.filter(is_free=None)
    return decision.rows.filter(is_free=True, outcome="")


def _renew(decision: BulkDecision, done: int) -> None:
    """Inside the transaction of the row, which falls with it where the work is no longer ours."""
    held = BulkDecision.objects.filter(pk=decision.pk, status=decision.status, attempts=decision.attempts)
    if not held.update(lease_until=timezone.now() + LEASE, done=done):
        raise LeaseLostError(str(decision.pk))
    decision.done = done


def _remarks(decision: BulkDecision) -> list[tuple[str, str]]:
    return [(section, decision.reason) for section in decision.sections]


def _join_as_written() -> None:
    """Until the open transaction ends.

    A project with what its rules ask joins eleven tables by their keys: PostgreSQL looked for an order of them thirty
    times as long as it then took to read them, once a row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL join_collapse_limit = 1")


@transaction.atomic
def _check(decision: BulkDecision, pk: int) -> None:
    _join_as_written()
    row = BulkRow.objects.get(pk=pk)
    project = Project.objects.visible_to(decision.asked_by).for_judging().get(pk=row.project_id)
    found = why_not(project, decision.step, by=decision.asked_by, reason=decision.reason, remarks=_remarks(decision))
    BulkRow.objects.filter(pk=pk).update(is_free=not found, words="\n".join(found))
    _renew(decision, decision.done + 1)


@transaction.atomic
def _decide(decision: BulkDecision, pk: int) -> None:
    _join_as_written()
    row = BulkRow.objects.select_for_update(of=("self",)).select_related("project").get(pk=pk)
    _renew(decision, decision.done + 1)
    row.outcome, row.words, change = _attempt(decision, row.project)
    row.change = change
    row.save(update_fields=["outcome", "words", "change"])


def _attempt(decision: BulkDecision, project: Project) -> tuple[str, str, StatusChange | None]:
    """Outcome, why not, and the change; one project's trouble stops no other's."""
    refused = BulkRow.Outcome.REFUSED
    try:
        with transaction.atomic():
            change = take_step(
                project,
                decision.step,
                by=decision.asked_by,
                reason=decision.reason,
                remarks=_remarks(decision),
                tells=False,
            )
        return BulkRow.Outcome.TAKEN, "", change
    except Refused as error:
        return refused, "\n".join(error.messages), None
    except PermissionDenied as error:
        return refused, str(error), None
    except Project.DoesNotExist:
        return refused, _("It is no longer in your territory."), None
    except (OperationalError, InterfaceError):
        # The database is away: nothing is known of this project, the whole work waits.
        raise
    except Exception:
        logger.exception("decision_row_failed", project=project.pk)
        return refused, _("An error of the portal stopped it; it is in the log."), None


@transaction.atomic
def _finish(decision: BulkDecision, status: str) -> None:
    """With what the others are told of the steps taken, once; however it ended."""
    held = BulkDecision.objects.filter(pk=decision.pk, status=decision.status, attempts=decision.attempts)
    done = decision.total if status == Status.DONE else decision.done
    if not held.update(status=status, lease_until=None, attempts=0, done=done, finished_at=timezone.now()):
        raise LeaseLostError(str(decision.pk))
    if status != Status.READY:
        notifications.tell_of_decision(decision)
