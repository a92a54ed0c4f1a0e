"""The ledger: sums of entries, corrections by reversal."""

import datetime as dt
from decimal import Decimal

from django.db.models import QuerySet

from habitat.accounts.models import User
from projects.cofunding import by_source
from projects.models import Ceiling, Contribution, LedgerEntry, Moment, Project
from projects.models.money import ACTS


def balance(ceiling: Ceiling) -> Decimal:
    """Federal pesos of this node that no approval has taken."""
    return ceiling.amount - LedgerEntry.objects.under(ceiling).at(Moment.APPROVED).total()


def enter(project: Project, moment: str, *, on: dt.date, by: User, note: str = "") -> None:
    """One entry per source of what the project's actions ask for; nothing for a source that gives nothing."""
    amounts = by_source(Contribution.objects.filter(action__project=project))
    LedgerEntry.objects.bulk_create(
        entry_of(project, moment, source, amount, on=on, by=by, note=note)
        for source, amount in sorted(amounts.items())
        if amount
    )


def entry_of(project: Project, moment: str, source: str, amount: Decimal, **fields: object) -> LedgerEntry:
    """Unsaved, with the columns of the project's branch."""
    fields["note"] = str(fields.get("note", ""))[:300]
    return LedgerEntry(
        project=project,
        moment=moment,
        source=source,
        amount=amount,
        fiscal_year_id=project.fiscal_year_id,
        strand_id=project.strand_id,
        state_id=project.municipality.state_id,
        municipality_id=project.municipality_id,
        modality_id=project.modality_id,
        **fields,
    )


def reverse_entries(entries: QuerySet[LedgerEntry], *, on: dt.date, by: User, note: str) -> None:
    """The opposite of each entry that is neither a reversal nor reversed already, of the same act."""
    standing = entries.filter(reversal_of=None, reversal=None)
    fields = {"on": on, "by": by, "note": note}
    LedgerEntry.objects.bulk_create(
        entry_of(entry.project, entry.moment, entry.source, -entry.amount, reversal_of=entry, **fields, **acts(entry))
        for entry in standing.select_related("project__municipality")
        if entry.project
    )


def acts(entry: LedgerEntry) -> dict[str, int | None]:
    """The keys of what it comes from."""
    return {f"{act}_id": getattr(entry, f"{act}_id") for act in ACTS}
