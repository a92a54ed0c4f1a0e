"""Amendments of an approved project: asked for by the executor, tried on rules and ceilings, decided by another.

Who decides: the delegation what stays within its days and per cent (parameters of the rules), savings, and whether a
cancellation goes to the program unit; the program unit everything else (operating guidelines 2012, 5.9; the limits are
not verified).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from modalities import parameters
from modalities.models import DocumentKind
from projects import notifications
from projects.models import Amendment, Contract, Document, Project, Status
from projects.models.acts import ActStatus
from projects.refusals import Refused, StepForbidden
from projects.services.acts import REGISTRARS, paper_of, reasoned
from projects.services.amending import APPLY, TAKES_MONEY, rules_broken
from projects.services.locks import lock_branch, lock_project, need_status
from projects.services.releases import plan_releases
from projects.services.review import propose_cancellation
from projects.services.versions import keep_version

Kind = Amendment.Kind
AMENDABLE = (Status.APPROVED, Status.IN_EXECUTION)
# Savings are left when the work is finished, too, and none may be left when it is closed.
STATUSES = {Kind.SAVINGS: (*AMENDABLE, Status.FINISHED, Status.HANDED_OVER, Status.PROVEN)}


class _TriedError(Exception):
    """Takes back what was tried."""


def propose_amendment(
    project: Project,
    *,
    kind: str,
    asked: str,
    changes: Mapping[str, Any] | None = None,
    contract: Contract | None = None,
    contract_change: Decimal | None = None,
    by: User,
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
) -> Amendment:
    """Tried at once: raises Refused with what it would break. `changes` as `Amendment` says."""
    # What a scanner found is kept though the transaction of the amendment is taken back.
    with watching(by, (upload.name if upload else "") or ""), transaction.atomic():
        locked = lock_project(project, by, *REGISTRARS)
        need_status(locked, *STATUSES.get(Kind(kind), AMENDABLE))
        if not asked.strip():
            raise Refused(_("Give the reason."))
        if locked.amendments.waiting().exists():
            raise Refused(_("Another amendment of this project waits for its decision."))
        amendment = Amendment(
            project=locked, kind=kind, asked=asked.strip(), changes=dict(changes or {}), contract=contract,
            contract_change=contract_change, registered_by=by, registered_at=at or timezone.now(),
            number=(locked.amendments.aggregate(last=Max("number"))["last"] or 0) + 1,
            document=paper_of(locked, DocumentKind.OTHER, upload, document, by),
            decider=decider_of(locked, kind, changes or {}),
        )  # fmt: skip
        amendment.save()
        _try(amendment)
        notifications.tell_of_amendment(amendment, by=by)
        return amendment


def decider_of(project: Project, kind: str, changes: Mapping[str, Any]) -> str:
    """The role that decides on it."""
    if kind in (Kind.SAVINGS, Kind.CANCELLATION):
        return Role.DELEGATE
    limits = parameters.values(project.rules)
    if kind == Kind.TIME and project.ends_on:
        days = (dt.date.fromisoformat(changes["ends_on"]) - project.ends_on).days
        is_small = days <= limits["amendment_days_of_delegation"]
    elif kind == Kind.QUANTITY:
        most = limits["amendment_percent_of_delegation"]
        wanted = {int(pk): Decimal(quantity) for pk, quantity in changes["quantities"].items()}
        before = dict(project.actions.values_list("pk", "quantity"))
        is_small = all(
            pk in before and abs(quantity - before[pk]) * 100 <= most * before[pk] for pk, quantity in wanted.items()
        )
    else:
        is_small = False
    return Role.DELEGATE if is_small else Role.MANAGER


def _try(amendment: Amendment) -> None:
    """Raises Refused with what stands in its way; leaves nothing."""
    try:
        with transaction.atomic():
            _apply(amendment, by=amendment.registered_by, at=amendment.registered_at)
            raise _TriedError
    except _TriedError:
        amendment.project.refresh_from_db()


def _apply(amendment: Amendment, *, by: User, at: dt.datetime) -> None:
    project = amendment.project
    before = rules_broken(project, at)
    today = project.municipality.local_day(at)
    APPLY[Kind(amendment.kind)](amendment, by, today)
    fresh = Project.objects.get(pk=project.pk)
    after = rules_broken(fresh, at)
    if broken := [sentence for key, sentence in after.items() if key not in before]:
        raise Refused(*broken)
    if amendment.kind != Kind.CANCELLATION:
        plan_releases(fresh, today=today)


@transaction.atomic
def approve_amendment(amendment: Amendment, *, by: User, at: dt.datetime | None = None) -> Amendment:
    """Under the locks of the ceilings where it takes money. Raises Refused where a rule or a ceiling is against it."""
    at = at or timezone.now()
    fresh = _lock(amendment, by)
    if fresh.kind in TAKES_MONEY:
        lock_branch(fresh.project)
    if not fresh.project.versions.exists():
        # Approved before versions were kept.
        keep_version(fresh.project, by=None, at=at)
    _apply(fresh, by=by, at=at)
    if fresh.kind == Kind.CANCELLATION:
        propose_cancellation(fresh.project, reason=fresh.asked, by=by, at=at)
    _decide(fresh, ActStatus.VALIDATED, by, "", at)
    keep_version(Project.objects.get(pk=fresh.project_id), by=by, at=at, amendment=fresh)
    return fresh


@transaction.atomic
def refuse_amendment(amendment: Amendment, *, by: User, reason: str, at: dt.datetime | None = None) -> Amendment:
    return _decide(_lock(amendment, by), ActStatus.REJECTED, by, reasoned(reason), at or timezone.now())


def may_decide(amendment: Amendment, user: User) -> bool:
    return amendment.status == ActStatus.REGISTERED and decides_on(amendment, user)


def decides_on(amendment: Amendment, user: User) -> bool:
    """Whether it waits, or waited, for this person's word."""
    return bool(
        user.is_authenticated
        and user.can_write
        and user.role == amendment.decider
        and user.pk != amendment.registered_by_id
    )


def _lock(amendment: Amendment, by: User) -> Amendment:
    project = lock_project(amendment.project, by, Role(amendment.decider))
    fresh = Amendment.objects.select_for_update(of=("self",)).get(pk=amendment.pk)
    fresh.project = project
    need_status(project, *STATUSES.get(Kind(fresh.kind), AMENDABLE))
    if fresh.status != ActStatus.REGISTERED:
        raise Refused(_("It is “%(status)s” now.") % {"status": fresh.get_status_display()})
    if fresh.registered_by_id == by.pk:
        raise StepForbidden(_("Who asks for an amendment does not decide on it."))
    return fresh


def _decide(amendment: Amendment, status: str, by: User, reason: str, at: dt.datetime) -> Amendment:
    amendment.status, amendment.decided_by, amendment.decided_at, amendment.reason = status, by, at, reason
    amendment.save(update_fields=["status", "decided_by", "decided_at", "reason"])
    notifications.tell_of_amendment(amendment, by=by)
    return amendment
