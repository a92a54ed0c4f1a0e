"""Coordination agreements and their amendments: written down by the program unit, fixed once signed."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.documents import inspect
from habitat.lib.templatetags.portal import money
from modalities.models import FiscalYear
from polygons.models import State
from projects.models import Agreement, Ceiling, MoneyPaper
from projects.refusals import Refused, StepForbidden

# What is written while nothing is signed; afterwards only the publication is.
FIELDS = ("kind", "amends", "name", "signed_on", "published_on", "federal", "state_part", "municipal_part")


def may_set_money(user: User) -> bool:
    return user.is_authenticated and user.role == Role.MANAGER and user.can_write and user.is_valid_today


def need_program_unit(by: User) -> None:
    """Raises StepForbidden."""
    if not may_set_money(by):
        raise StepForbidden(_("Ceilings are set by the program unit."))


@transaction.atomic
def save_agreement(
    *,
    fiscal_year: FiscalYear,
    state: State | None,
    by: User,
    agreement: Agreement | None = None,
    upload: UploadedFile | None = None,
    at: dt.datetime | None = None,
    **fields: object,
) -> Agreement:
    """Write a new agreement, or fields of `FIELDS` of one that nobody signed yet.

    A signature needs the scanned paper. Raises StepForbidden, or Refused with a sentence.
    """
    need_program_unit(by)
    row = Agreement(fiscal_year=fiscal_year, state=state)
    if agreement is not None:
        # Does not stop foreign keys: a ceiling may come to cite it meanwhile, and then waits for its amount.
        row = Agreement.objects.select_for_update(of=("self",), no_key=True).get(pk=agreement.pk)
    was_signed = row.signed_on is not None
    for name, value in fields.items():
        if name not in FIELDS:
            raise TypeError(f"{name} is no field of an agreement")
        if was_signed and name != "published_on" and value != getattr(row, name):
            raise Refused(_("This agreement is signed: what changes afterwards is an amendment."))
        setattr(row, name, value)
    _check(row, today=timezone.localdate(at))
    row.by = by
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("The state has an agreement of this name and year already.")) from error
    if not was_signed and (given := _cited(row)) > row.federal:
        raise Refused(_("Ceilings that cite it add up to %(given)s already.") % {"given": money(given)})
    if upload is not None:
        store_paper(upload, by=by, state=row.state, agreement=row)
    if row.signed_on and not was_signed and not row.papers.exists():
        raise Refused(_("Attach the signed paper: without it the agreement does not count as signed."))
    return row


def agreed_together(agreement: Agreement) -> list[int]:
    """Keys of what was agreed first and of all that amends it, the first in front: each states the new totals."""
    amends = dict(
        Agreement.objects.filter(fiscal_year=agreement.fiscal_year_id, state=agreement.state_id)
        .order_by("pk")
        .values_list("pk", "amends")
    )

    def first(pk: int) -> int:
        above = amends[pk]
        return first(above) if above else pk

    found = first(agreement.pk)
    return [found, *(pk for pk in amends if pk != found and first(pk) == found)]


def resting_on(agreement: Agreement) -> QuerySet[Ceiling]:
    """The ceilings of every strand that together may not pass what was agreed: the state's own, or the nation's."""
    return Ceiling.objects.filter(agreement__in=agreed_together(agreement), municipality=None, modality=None)


def beyond_agreed(node: Ceiling, amount: Decimal, *, lock: bool = False) -> str:
    """The sentence for a ceiling of so many pesos that what it cites does not give; empty where it does.

    With `lock` nobody else sets a ceiling that rests on the same, in whatever strand, until the transaction ends.
    """
    if node.municipality_id or node.modality_id:
        # Held by the ceiling above, which the database compares.
        return ""
    if lock:
        # Does not stop foreign keys, as of a ceiling that cites it.
        rows = Agreement.objects.select_for_update(of=("self",), no_key=True)
        rows.get(pk=agreed_together(node.agreement)[0])
    others = resting_on(node.agreement).exclude(pk=node.pk).aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]
    if others + amount <= node.agreement.federal:
        return ""
    words = _("“%(name)s” gives %(agreed)s: the ceilings that rest on it would add up to %(sum)s.")
    known = {"name": node.agreement, "agreed": money(node.agreement.federal), "sum": money(others + amount)}
    return words % known


def _cited(row: Agreement) -> Decimal:
    """Pesos of the ceilings that cite this very one, held until the transaction ends."""
    list(Agreement.objects.filter(pk=agreed_together(row)[0]).select_for_update(of=("self",), no_key=True))
    own = resting_on(row).filter(agreement=row)
    return own.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


def _check(row: Agreement, today: dt.date) -> None:
    if (row.kind == Agreement.Kind.BUDGET) != (row.state is None):
        raise Refused(_("The federal budget has no state; an agreement and its amendment have one."))
    if row.kind == Agreement.Kind.AMENDMENT:
        amended = row.amends
        if amended is None or (amended.fiscal_year_id, amended.state_id) != (row.fiscal_year_id, row.state_id):
            raise Refused(_("Say which agreement of the same state and year it amends."))
        if row.signed_on and not amended.signed_on:
            raise Refused(_("An amendment is signed after the agreement it amends."))
    elif row.amends is not None:
        raise Refused(_("Only an amendment amends."))
    if row.signed_on and row.signed_on > today:
        raise Refused(_("The day of the signature has not come yet."))
    if row.published_on and (row.signed_on is None or row.published_on < row.signed_on):
        raise Refused(_("It is published after it was signed."))


def store_paper(
    upload: UploadedFile, *, by: User, state: State | None, agreement: Agreement | None = None
) -> MoneyPaper:
    """A private paper. Raises Refused with the sentence of `habitat.lib.documents.inspect`."""
    try:
        facts = inspect(upload)
    except ValidationError as error:
        raise Refused(*error.messages) from error
    return MoneyPaper.objects.create(
        state=state,
        agreement=agreement,
        by=by,
        **facts.columns,
    )
