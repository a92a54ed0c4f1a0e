"""Two persons for every peso: the municipality registers, the delegation validates, and only then the ledger hears."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from projects import notifications
from projects.balances import Balances
from projects.models import (
    Act,
    ActStatus,
    Amendment,
    Contract,
    Document,
    Estimate,
    LedgerEntry,
    MoneyAct,
    Payment,
    Project,
    Proof,
    Refund,
    Release,
)
from projects.refusals import Refused, StepForbidden
from projects.services.documents import attach_document
from projects.services.locks import lock_project, need_going_on, need_status
from projects.services.money import reverse_entries

A = TypeVar("A", bound=MoneyAct)
REGISTRARS = (Role.CERTIFIER,)
VALIDATORS = (Role.REVIEWER, Role.DELEGATE)
ACTS: tuple[type[Act], ...] = (Contract, Release, Estimate, Payment, Proof, Refund, Amendment)

# What hangs on an act and is undone before it.
RESTING: dict[type[MoneyAct], tuple[str, ...]] = {Contract: ("estimates", "payments"), Estimate: ("payments",)}


@dataclass(frozen=True)
class Kind:
    """`needs`: sentences where it cannot be, asked when it is registered and again when it is validated, of the locked
    project and its balances. `book`: its entries, unsaved. `paper`: the kind of its document."""

    statuses: tuple[str, ...]
    paper: str
    needs: Callable[[Any, Balances], list[str]]
    book: Callable[[Any, Balances], list[LedgerEntry]]


def may_register(project: Project, user: User) -> bool:
    return _may(project, user, REGISTRARS)


def may_validate(project: Project, user: User) -> bool:
    return _may(project, user, VALIDATORS)


def _may(project: Project, user: User, roles: tuple[Role, ...]) -> bool:
    return user.is_authenticated and user.can_write and user.role in roles


def paper_of(project: Project, kind: str, upload: File | None, document: Document | None, by: User) -> Document | None:
    """The document an act rests on: one of the file, or a new one of this kind."""
    if document and document.project_id != project.pk:
        raise Refused(_("The document belongs to another project."))
    return attach_document(project, kind, upload, by=by) if upload else document


def register(
    act: A,
    kind: Kind,
    *,
    by: User,
    upload: File | None = None,
    at: dt.datetime | None = None,
    then: Callable[[A], None] = lambda act: None,
) -> A:
    """Keep an unsaved act until the delegation looks at it. `then` writes its parts, in the same transaction."""
    # What a scanner found is kept though the transaction of the act is taken back.
    with watching(by, (upload.name if upload else "") or ""), transaction.atomic():
        locked = lock_project(act.project, by, *REGISTRARS)
        need_status(locked, *kind.statuses)
        act.project = locked
        act.document = paper_of(locked, kind.paper, upload, act.document, by)
        act.registered_by, act.registered_at = by, at or timezone.now()
        _entries(act, kind)
        try:
            with transaction.atomic():
                act.save()
                then(act)
        except IntegrityError as error:
            raise Refused(_("Look at the amounts, dates and numbers again: they do not fit together.")) from error
        notifications.tell_of_act(act, by=by)
    return act


def _entries(act: MoneyAct, kind: Kind) -> list[LedgerEntry]:
    """What it would write, unsaved. Raises Refused where it cannot be."""
    balances = Balances(act.project)
    messages = list(kind.needs(act, balances))
    if act.on > act.project.municipality.local_day(act.registered_at):
        messages.insert(0, _("The date lies in the future."))
    if act.amount <= 0:
        messages.insert(0, _("Write an amount above zero; a mistake is mended by its reversal."))
    if not messages:
        entries = kind.book(act, balances)
        messages = list(balances.after(entries).broken())
        if sum(entry.amount for entry in entries) != act.amount:
            messages.insert(0, _("No source has this much left for it."))
    if messages:
        raise Refused(*messages)
    return entries


@transaction.atomic
def validate(act: A, kind: Kind, *, by: User, at: dt.datetime | None = None) -> A:
    """Enter it in the ledger. Raises Refused where a moment would pass what must come before it."""
    fresh = _lock(act, by, ActStatus.REGISTERED)
    need_going_on(fresh.project)
    if fresh.document_id is None:
        raise Refused(_("It has no document: reject it, and let it be registered with one."))
    LedgerEntry.objects.bulk_create(_entries(fresh, kind))
    return _decide(fresh, ActStatus.VALIDATED, by, "", at)


@transaction.atomic
def reject(act: A, *, by: User, reason: str, at: dt.datetime | None = None) -> A:
    fresh = _lock(act, by, ActStatus.REGISTERED)
    return _decide(fresh, ActStatus.REJECTED, by, reasoned(reason), at)


@transaction.atomic
def reverse(act: A, *, by: User, reason: str, at: dt.datetime | None = None) -> A:
    """The opposite of its entries. Raises Refused where something later rests on them, and once the works ended."""
    fresh = _lock(act, by, ActStatus.VALIDATED)
    need_going_on(fresh.project)
    note = reasoned(reason)
    if any(getattr(fresh, name).standing().exists() for name in RESTING.get(type(fresh), ())):
        raise Refused(_("Estimates or payments rest on it: reverse or reject those first."))
    reverse_entries(
        LedgerEntry.objects.filter(**{fresh._meta.model_name or "": fresh}),
        on=fresh.project.municipality.local_day(at),
        by=by,
        note=note,
    )
    whole(fresh.project)
    return _decide(fresh, ActStatus.REVERSED, by, note, at)


def waiting_acts(project: Project) -> list[Act]:
    """Whatever waits for another person: money, and amendments. Seven queries."""
    return [act for model in ACTS for act in model._default_manager.filter(project=project).waiting()]


def whole(project: Project) -> None:
    """Raises Refused where the ledger of the project no longer adds up."""
    if messages := list(Balances(project).broken()):
        raise Refused(*messages)


def reasoned(reason: str) -> str:
    if not reason.strip():
        raise Refused(_("Give the reason."))
    return reason.strip()


def _lock(act: A, by: User, status: str) -> A:
    """The project first, as every service does; then the act anew."""
    project = lock_project(act.project, by, *VALIDATORS)
    fresh = type(act)._default_manager.select_for_update(of=("self",)).get(pk=act.pk)
    fresh.project = project
    if fresh.status != status:
        raise Refused(_("It is “%(status)s” now.") % {"status": fresh.get_status_display()})
    if fresh.registered_by_id == by.pk:
        raise StepForbidden(_("Who registers does not validate."))
    return cast("A", fresh)


def _decide(act: A, status: str, by: User, reason: str, at: dt.datetime | None) -> A:
    act.status, act.decided_by, act.decided_at, act.reason = status, by, at or timezone.now(), reason
    act.save(update_fields=["status", "decided_by", "decided_at", "reason"])
    notifications.tell_of_act(act, by=by)
    return act
