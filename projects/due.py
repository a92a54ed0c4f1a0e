"""What is missing or late of the money of works: on a work's page, and across works as lists."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money
from projects.balances import NOTHING, Balances
from projects.models import Estimate, LedgerEntry, Moment, Payment, PlannedRelease, Project, Source, Status

PESOS = DecimalField(max_digits=16, decimal_places=2)
UNDER_WAY = (Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER, Status.PROVEN)
BUILT = (Status.FINISHED, Status.HANDED_OVER, Status.PROVEN)


def _sum(rows: QuerySet, by: str) -> Coalesce:
    total = rows.order_by().values(by).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=PESOS)


def late_releases(user: User, today: dt.date) -> QuerySet[Any]:
    """Planned releases due until today that did not come: adds `missing`, the pesos that no release covers.

    Where a tender saved, nobody waits for more than was committed.
    """
    entries = LedgerEntry.objects.filter(project=OuterRef("project"), source=OuterRef("source"))
    released, committed = (entries.filter(moment=moment) for moment in (Moment.RELEASED, Moment.COMMITTED))
    running = Window(Sum("amount"), partition_by=[F("project"), F("source")], order_by=[F("on").asc()])
    rows: QuerySet[Any] = PlannedRelease.objects.visible_to(user).filter(project__status__in=UNDER_WAY, on__lte=today)
    rows = rows.annotate(running=running, released=_sum(released, "source"), committed=_sum(committed, "source"))
    # PostgreSQL's LEAST passes over NULL: nothing committed yet sets no limit.
    due = Least(F("running"), NullIf(F("committed"), Value(0, output_field=PESOS)), output_field=PESOS)
    rows = rows.annotate(missing=Least(F("amount"), due - F("released"), output_field=PESOS))
    return rows.filter(missing__gt=0)


def with_owed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Validated estimates that are owed: adds `paid` and `owed`, pesos with what is withheld."""
    payments = Payment.objects.validated().filter(estimate=OuterRef("pk"))
    rows = rows.filter(status="validated").annotate(paid=_sum(payments, "estimate"))
    return rows.annotate(owed=F("amount") - F("amortised") - F("paid")).filter(owed__gt=0)


def arrears(user: User) -> QuerySet[Any]:
    return with_owed(Estimate.objects.visible_to(user))


def refunds_due(user: User, today: dt.date) -> QuerySet[Any]:
    """Works whose federal money was released, not accrued and not refunded, once they are built or the year is over.

    Adds `released`, `accrued`, `refunded` and `left`, federal pesos. A work without estimates is left out: what it paid
    is what its months say.
    """
    federal = LedgerEntry.objects.filter(project=OuterRef("pk"), source=Source.FEDERAL)
    over = Project.objects.visible_to(user).filter(status__in=UNDER_WAY)
    rows: QuerySet[Any] = over.filter(Q(status__in=BUILT) | Q(fiscal_year__lt=today.year))
    for moment in (Moment.RELEASED, Moment.ACCRUED, Moment.PAID, Moment.REFUNDED):
        rows = rows.annotate(**{moment.value: _sum(federal.filter(moment=moment), "project")})
    rows = rows.annotate(left=F("released") - F("accrued") - F("refunded"))
    return rows.exclude(accrued=0, paid__gt=0).filter(left__gt=0)


def missing(project: Project, today: dt.date) -> Iterator[str]:
    """Sentences on what the money of this work lacks today."""
    balances = Balances(project)
    contracts = list(project.contracts.standing())
    if project.status in (Status.APPROVED, Status.IN_EXECUTION) and not contracts:
        yield _("No contract or agreement of own administration is registered.")
    yield from _releases(project, balances, today)
    yield from balances.savings_told()
    for estimate in with_owed(project.estimates.select_related("contract")):
        words: dict[str, object] = {"estimate": str(estimate), "owed": money(estimate.owed)}
        yield _("Estimate %(estimate)s: %(owed)s are owed.") % words
    if project.status in BUILT:
        for source in Source:
            if left := balances.unproven(source):
                words = {"source": source.label, "left": money(left)}
                yield _("%(source)s: %(left)s released are neither proven nor refunded.") % words


def _releases(project: Project, balances: Balances, today: dt.date) -> Iterator[str]:
    for source in Source:
        planned = [part for part in project.planned_releases.all() if part.source == source]
        due = sum((part.amount for part in planned if part.on <= today), NOTHING)
        due = min(due, balances.at(Moment.COMMITTED, source) or due)
        late = due - balances.at(Moment.RELEASED, source)
        if late > 0 and project.status in UNDER_WAY:
            first = _first_missing(planned, balances.at(Moment.RELEASED, source))
            words = {"source": source.label, "late": money(late), "day": date_format(first, "SHORT_DATE_FORMAT")}
            yield _("%(source)s: %(late)s planned since %(day)s have not been released.") % words


def _first_missing(planned: list[PlannedRelease], released: Decimal) -> dt.date:
    total = NOTHING
    for part in planned:
        total += part.amount
        if total > released:
            return part.on
    return planned[-1].on
