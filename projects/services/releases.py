"""Releases (ministraciones): planned from the schedule, registered when the money came, with a reason when late."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.core.files.base import File
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from modalities.models import DocumentKind
from projects.balances import NOTHING, Balances, split
from projects.cofunding import by_source
from projects.models import (
    Contribution,
    Document,
    LedgerEntry,
    Moment,
    PlannedRelease,
    Project,
    Release,
    SchedulePart,
    Source,
    Status,
)
from projects.services.acts import Kind, register
from projects.services.money import entry_of


def plan_releases(project: Project, *, today: dt.date | None = None) -> None:
    """Each month's cost is due on its first day, by source as the whole is; without a schedule all at the start.

    `today`: of an amendment. What was due by then stays as it was; only the rest is planned anew.
    """
    kept: dict[str, Decimal] = defaultdict(Decimal)
    rows = project.planned_releases.all()
    if today:
        for row in rows.filter(on__lte=today):
            kept[row.source] += row.amount
        rows = rows.filter(on__gt=today)
    rows.delete()
    weights = _weights(project, today)
    sums = by_source(Contribution.objects.filter(action__project=project))
    PlannedRelease.objects.bulk_create(
        PlannedRelease(project=project, source=source, on=dt.date.fromisoformat(day), amount=part)
        for source, amount in sums.items()
        if amount > kept[source]
        for day, part in split(amount - kept[source], weights).items()
        if part
    )


def _weights(project: Project, today: dt.date | None) -> dict[str, Decimal]:
    """Day as text → cost of the schedule due then; days gone by give way to the next."""
    first = project.starts_on or project.municipality.local_day(project.status_since)
    if today:
        first = max(first, today + dt.timedelta(1))
    weights: dict[str, Decimal] = defaultdict(Decimal)
    for part in SchedulePart.objects.filter(action__project=project, amount__gt=0):
        if not today or part.month > today:
            weights[str(max(part.month, first))] += part.amount
    return weights or {str(first): Decimal(1)}


def planned_for(project: Project, source: str, released: Decimal) -> dt.date | None:
    """The earliest planned day that what was released so far does not cover."""
    total = NOTHING
    for part in project.planned_releases.filter(source=source).order_by("on"):
        total += part.amount
        if total > released:
            return part.on
    return None


def register_release(
    project: Project,
    *,
    source: str,
    amount: Decimal,
    on: dt.date,
    reference: str,
    by: User,
    late_reason: str = "",
    note: str = "",
    upload: File | None = None,
    document: Document | None = None,
    at: dt.datetime | None = None,
) -> Release:
    """Money of one source that came. Raises Refused beyond what is committed, or late without a reason."""
    release = Release(
        project=project, source=source, amount=amount, on=on, reference=reference.strip(), late_reason=late_reason,
        note=note.strip(), document=document,
    )  # fmt: skip
    return register(release, KIND, by=by, upload=upload, at=at)


def _needs(release: Release, balances: Balances) -> list[str]:
    if release.source not in Source.values:
        return [_("An unknown source was named.")]
    if not release.pk:
        release.planned_on = planned_for(release.project, release.source, balances.at(Moment.RELEASED, release.source))
    found = []
    if release.days_late and not release.late_reason:
        words = _("It was planned for %(day)s: say why it is late.")
        found.append(words % {"day": release.planned_on.strftime("%d/%m/%Y") if release.planned_on else ""})
    if release.late_reason == Release.LateReason.OTHER and not release.note:
        found.append(_("Say in the note why it was late."))
    if release.source == Source.FEDERAL and release.on.year > release.project.fiscal_year_id:
        found.append(_("Federal money is released within its fiscal year."))
    return found


def _book(release: Release, balances: Balances) -> list[LedgerEntry]:
    return [
        entry_of(release.project, Moment.RELEASED, release.source, release.amount, on=release.on,
                 by=release.registered_by, note=release.reference, release=release)
    ]  # fmt: skip


KIND = Kind(
    (Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER), DocumentKind.OTHER, _needs, _book
)
