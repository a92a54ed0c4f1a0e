"""Ceilings and the ledger: locks from the root of a branch to its leaf, sums of entries, corrections by reversal."""

import datetime as dt
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.templatetags.portal import money
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.models import Ceiling, Contribution, LedgerEntry, Moment, Project
from projects.refusals import Refused, StepForbidden


def balance(ceiling: Ceiling) -> Decimal:
    """Federal pesos of this node that no approval has taken."""
    return ceiling.amount - LedgerEntry.objects.under(ceiling).at(Moment.APPROVED).total()


def enter(project: Project, moment: str, *, on: dt.date, by: User, note: str = "") -> None:
    """One entry per source of what the project's actions ask for; nothing for a source that gives nothing."""
    amounts: dict[str, Decimal] = {}
    for contribution in Contribution.objects.filter(action__project=project):
        amounts[contribution.source] = amounts.get(contribution.source, Decimal(0)) + contribution.amount
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
    """The opposite of each entry that is neither a reversal nor reversed already."""
    standing = entries.filter(reversal_of=None, reversal=None)
    LedgerEntry.objects.bulk_create(
        entry_of(entry.project, entry.moment, entry.source, -entry.amount, on=on, by=by, note=note, reversal_of=entry)
        for entry in standing.select_related("project__municipality")
        if entry.project
    )


@transaction.atomic
def set_ceiling(
    *,
    fiscal_year: FiscalYear,
    strand: Strand,
    amount: Decimal,
    agreement: str,
    by: User,
    state: State | None = None,
    municipality: Municipality | None = None,
    modality: Modality | None = None,
    agreed_on: dt.date | None = None,
) -> Ceiling:
    """Create or change one node. Raises Refused with a sentence where the tree or the approvals do not allow it."""
    if by.role != Role.MANAGER or not by.is_valid_today:
        raise StepForbidden(_("Ceilings are set by the program unit."))
    if not agreement.strip():
        raise Refused(_("Name the coordination agreement the ceiling rests on."))
    if amount < 0:
        raise Refused(_("A ceiling is not negative."))
    if municipality is not None:
        state = municipality.state
    place = {"state": state, "municipality": municipality, "modality": modality}
    tree = Ceiling.objects.filter(fiscal_year=fiscal_year, strand=strand)
    parent = _parent(tree, **place)
    node = tree.filter(**place).select_for_update(of=("self",)).first() or Ceiling(
        fiscal_year=fiscal_year, strand=strand, parent=parent, **place
    )
    if node.pk and node.amount > amount and amount < (taken := node.amount - balance(node)):
        raise Refused(_("%(taken)s of this ceiling are already approved.") % {"taken": money(taken)})
    node.amount, node.agreement, node.agreed_on, node.by = amount, agreement.strip(), agreed_on, by
    return _save(node)


def _parent(tree: QuerySet[Ceiling], state, municipality, modality) -> Ceiling | None:
    """The node above, locked after those above it."""
    if state is None:
        return None
    above = [{"state": None}]
    if municipality is not None:
        above.append({"state": state, "municipality": None})
    if modality is not None:
        above.append({"municipality": municipality, "modality": None})
    parent = None
    for place in above:
        parent = tree.filter(**place).select_for_update(of=("self",)).first()
        if parent is None:
            raise Refused(_("First set the ceiling of the level above."))
    return parent


def _save(node: Ceiling) -> Ceiling:
    """Save, with the database's refusals in words."""
    try:
        with transaction.atomic():
            node.save()
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint == "ceiling_within_parent":
            raise Refused(_("With it, the ceilings of this level would pass that of the level above.")) from error
        if constraint == "ceiling_above_children":
            raise Refused(_("The ceilings of the level below already add up to more.")) from error
        raise
    return node
