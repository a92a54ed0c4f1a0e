"""The ledger after approval, in the least the law's moments need; releases and refunds get their own flow later."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.templatetags.portal import money
from projects.models import LedgerEntry, Moment, Project, Source
from projects.refusals import Refused
from projects.services.locks import lock_project
from projects.services.money import entry_of, reverse_entries
from projects.workflow import PUBLIC

# Who enters which moment by hand. Authorised and approved come with their steps, paid with accepted progress.
BY_HAND: dict[str, tuple[Role, ...]] = {
    Moment.COMMITTED: (Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE),
    Moment.ACCRUED: (Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE),
    Moment.RELEASED: (Role.REVIEWER, Role.DELEGATE, Role.MANAGER),
    Moment.PROVEN: (Role.REVIEWER, Role.DELEGATE, Role.MANAGER),
    Moment.REFUNDED: (Role.REVIEWER, Role.DELEGATE, Role.MANAGER),
}
# Moments that share a whole: neither may pass it alone, nor those of a group together.
WHOLE = {
    Moment.COMMITTED: (Moment.APPROVED, (Moment.COMMITTED,)),
    Moment.ACCRUED: (Moment.APPROVED, (Moment.ACCRUED,)),
    Moment.RELEASED: (Moment.APPROVED, (Moment.RELEASED,)),
    Moment.PROVEN: (Moment.RELEASED, (Moment.PROVEN, Moment.REFUNDED)),
    Moment.REFUNDED: (Moment.RELEASED, (Moment.PROVEN, Moment.REFUNDED)),
}


def moments_for(user: User) -> list[str]:
    """The moments this person may enter by hand."""
    if not user.is_authenticated or not user.can_write:
        return []
    return [moment for moment, roles in BY_HAND.items() if user.role in roles]


@transaction.atomic
def record_money(
    project: Project, moment: str, source: str, amount: Decimal, *, on: dt.date, by: User, note: str = ""
) -> LedgerEntry:
    """Enter what happened to a source's money, in pesos above zero. Raises Refused beyond what came before it."""
    if moment not in BY_HAND or source not in Source.values:
        raise Refused(_("This moment is not entered by hand."))
    locked = lock_project(project, by, *BY_HAND[Moment(moment)])
    if locked.status not in PUBLIC:
        raise Refused(_("Only an approved project has money to enter."))
    if amount <= 0:
        raise Refused(_("Write an amount above zero; a mistake is mended by its reversal."))
    limit, together = WHOLE[Moment(moment)]
    left = _booked(locked, (limit,), source) - _booked(locked, together, source)
    if amount > left:
        words = {"limit": Moment(limit).label, "left": money(left)}
        raise Refused(_("Write %(left)s or less: no more is %(limit)s.") % words)
    entry = entry_of(locked, moment, source, amount, on=on, by=by, note=note)
    entry.save()
    return entry


def _booked(project: Project, moments: tuple[str, ...], source: str) -> Decimal:
    rows = project.entries.filter(moment__in=moments, source=source)
    return rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


@transaction.atomic
def reverse_entry(entry: LedgerEntry, *, on: dt.date, by: User, note: str) -> LedgerEntry:
    """Mend a mistake entered by hand: the opposite entry, which names the one it mends and says why."""
    if entry.project is None or entry.moment not in BY_HAND:
        raise Refused(_("This entry is reversed by its own step, not by hand."))
    lock_project(entry.project, by, *BY_HAND[Moment(entry.moment)])
    if not note.strip():
        raise Refused(_("Give the reason."))
    if entry.reversal_of_id or LedgerEntry.objects.filter(reversal_of=entry).exists():
        raise Refused(_("This entry has been reversed already."))
    if entry.moment == Moment.RELEASED:
        spent = _booked(entry.project, (Moment.PROVEN, Moment.REFUNDED), entry.source)
        if spent > _booked(entry.project, (Moment.RELEASED,), entry.source) - entry.amount:
            raise Refused(_("Part of it is already proven or refunded; reverse that first."))
    reverse_entries(LedgerEntry.objects.filter(pk=entry.pk), on=on, by=by, note=note.strip())
    return LedgerEntry.objects.get(reversal_of=entry)
