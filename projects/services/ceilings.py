"""The tree of ceilings: set from the root down, each change a version with its reason and its paper."""

import datetime as dt
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.models import Agreement, Ceiling, CeilingChange, MoneyPaper
from projects.refusals import Refused
from projects.services.agreements import beyond_agreed, need_program_unit, store_paper
from projects.services.money import balance


@transaction.atomic
def set_ceiling(
    *,
    fiscal_year: FiscalYear,
    strand: Strand,
    amount: Decimal,
    agreement: Agreement,
    by: User,
    state: State | None = None,
    municipality: Municipality | None = None,
    modality: Modality | None = None,
    reason: str = "",
    upload: UploadedFile | None = None,
    at: dt.datetime | None = None,
) -> Ceiling:
    """Create or change one node. Raises Refused with a sentence where tree, agreement or approvals do not allow it.

    A change needs its reason; its paper is `upload`, else that of the agreement it cites.
    """
    need_program_unit(by)
    if amount < 0:
        raise Refused(_("A ceiling is not negative."))
    if municipality is not None:
        state = municipality.state
    if agreement.fiscal_year_id != fiscal_year.pk or agreement.state_id != (state.pk if state else None):
        raise Refused(_("The ceiling cites an agreement of its own state and year; this one is of another."))
    place = {"state": state, "municipality": municipality, "modality": modality}
    tree = Ceiling.objects.filter(fiscal_year=fiscal_year, strand=strand)
    parent = _parent(tree, **place)
    node = tree.filter(**place).select_for_update(of=("self",)).first() or Ceiling(
        fiscal_year=fiscal_year, strand=strand, parent=parent, **place
    )
    if node.pk and not reason.strip():
        raise Refused(_("Give the reason of the change."))
    is_lowered = node.pk is not None and amount < node.amount
    node.agreement = agreement
    # Lowering is always a step towards what was agreed.
    if not is_lowered and (wrong := beyond_agreed(node, amount, lock=True)):
        raise Refused(wrong)
    paper = store_paper(upload, by=by, state=state) if upload else agreement.papers.first()
    change_amount(node, amount, by=by, at=at or timezone.now(), reason=reason, paper=paper)
    return node


def change_amount(
    node: Ceiling,
    amount: Decimal,
    *,
    by: User,
    at: dt.datetime,
    reason: str,
    paper: MoneyPaper | None = None,
    kind: str = CeilingChange.Kind.SET,
    **origin: object,
) -> CeilingChange:
    """Write a node, locked with those above it, and the version that says so; `origin` is what it was part of.

    Raises Refused where approvals have taken more, or the levels above or below do not hold it.
    """
    before = node.amount if node.pk else None
    if before is not None and amount < before and amount < (taken := before - balance(node)):
        raise Refused(_("%(taken)s of this ceiling are already approved.") % {"taken": money(taken)})
    node.amount, node.by = amount, by
    _save(node)
    return CeilingChange.objects.create(
        ceiling=node,
        kind=kind,
        before=before,
        after=amount,
        agreement=node.agreement,
        paper=paper,
        reason=reason.strip(),
        by=by,
        at=at,
        **origin,
    )


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


def _save(node: Ceiling) -> None:
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
