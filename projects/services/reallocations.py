"""Moving money between ceilings: what it would do to both branches, and doing it once a second person agrees."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money
from projects.models import Ceiling, CeilingChange, Reallocation
from projects.refusals import Refused
from projects.services.agreements import beyond_agreed, need_program_unit, store_paper
from projects.services.ceilings import change_amount


@dataclass(frozen=True)
class Effect:
    """One node before and after, in pesos. `why_not`: the sentence that stands in the way, else empty."""

    ceiling: Ceiling
    after: Decimal
    why_not: str = ""

    @property
    def difference(self) -> Decimal:
        return self.after - self.ceiling.amount

    @property
    def left_after(self) -> Decimal:
        """What approvals may still take of it."""
        return self.after - self.ceiling.taken


@dataclass(frozen=True)
class Branches:
    """`shared`: the first node both ends have in common, which keeps its amount."""

    lowered: list[Effect]
    raised: list[Effect]
    shared: Effect

    def seen_by(self, ceilings: QuerySet[Ceiling]) -> "Branches":
        """Without the nodes that are not among these."""
        seen = set(ceilings.values_list("pk", flat=True))
        lowered, raised = (
            [effect for effect in side if effect.ceiling.pk in seen] for side in (self.lowered, self.raised)
        )
        return Branches(lowered, raised, self.shared)

    @property
    def why_not(self) -> list[str]:
        return [effect.why_not for effect in [*self.lowered, *self.raised, self.shared] if effect.why_not]


def branches_of(source: Ceiling, target: Ceiling, amount: Decimal, *, lock: bool = False) -> Branches:
    """Both branches, leaf first, as they are and as they would be. With `lock` their rows are held, root first.

    Raises Refused where the two are of different trees.
    """
    if (source.fiscal_year_id, source.strand_id) != (target.fiscal_year_id, target.strand_id):
        raise Refused(_("Money moves within one fiscal year and strand: each has its own tree."))
    up, down = _line(source), _line(target)
    shared = next(pk for pk in up if pk in down)
    down = down[: down.index(shared)]
    up = up[: up.index(shared)]
    rows = Ceiling.objects.filter(pk__in=[*up, *down, shared])
    if lock:
        list(rows.from_the_root().select_for_update(of=("self",)).values_list("pk", flat=True))
    related = ("strand", "state", "municipality", "modality", "agreement")
    nodes = {node.pk: node for node in rows.select_related(*related).with_taken().with_given()}
    return Branches(
        [_lowered(nodes[pk], amount, below=nodes[up[i - 1]] if i else None) for i, pk in enumerate(up)],
        [_raised(nodes[pk], amount, lock=lock) for pk in down],
        _kept(nodes[shared], amount, is_source=not up),
    )


def _line(node: Ceiling | None) -> list[int]:
    """From the node up to its root."""
    found = []
    while node is not None:
        found.append(node.pk)
        node = node.parent
    return found


def _lowered(node: Ceiling, amount: Decimal, below: Ceiling | None) -> Effect:
    """`below`: the node on the way that gives the same amount first."""
    after = node.amount - amount
    given = node.given - (amount if below else 0)
    if after < node.taken:
        words = _("%(taken)s of %(amount)s are already approved: at most %(free)s can leave.")
        free = max(node.amount - node.taken, Decimal(0))
        known = {"taken": money(node.taken), "amount": money(node.amount), "free": money(free)}
        return Effect(node, after, words % known)
    if after < given:
        words = _("%(given)s are given to the level below: at most %(free)s can leave.")
        return Effect(node, after, words % {"given": money(given), "free": money(max(node.amount - given, Decimal(0)))})
    return Effect(node, after)


def _raised(node: Ceiling, amount: Decimal, *, lock: bool) -> Effect:
    """A state that gets more than its agreement gives signs an amendment first, and its ceiling cites it."""
    after = node.amount + amount
    return Effect(node, after, beyond_agreed(node, after, lock=lock))


def _kept(node: Ceiling, amount: Decimal, *, is_source: bool) -> Effect:
    """The node both share: where the money is its own, what it has not given away must hold it."""
    free = node.amount - node.given
    if is_source and free < amount:
        return Effect(node, node.amount, _("Only %(free)s are free here.") % {"free": money(max(free, Decimal(0)))})
    return Effect(node, node.amount)


@transaction.atomic
def propose_reallocation(
    *,
    source: Ceiling,
    target: Ceiling,
    amount: Decimal,
    reason: str,
    by: User,
    upload: UploadedFile | None = None,
    at: dt.datetime | None = None,
) -> Reallocation:
    """The first person's half; nothing moves. Raises StepForbidden, or Refused with every reason against it."""
    need_program_unit(by)
    if source.pk == target.pk or amount <= 0:
        raise Refused(_("Choose two ceilings and an amount above zero."))
    if not reason.strip():
        raise Refused(_("Give the reason."))
    if why_not := branches_of(source, target, amount).why_not:
        raise Refused(*why_not)
    paper = store_paper(upload, by=by, state=None) if upload else None
    return Reallocation.objects.create(
        source=source,
        target=target,
        amount=amount,
        reason=reason.strip(),
        paper=paper,
        proposed_by=by,
        proposed_at=at or timezone.now(),
    )


@transaction.atomic
def confirm_reallocation(reallocation: Reallocation, *, by: User, at: dt.datetime | None = None) -> Reallocation:
    """The second person's half: both branches change under lock, each node with its version.

    Raises StepForbidden; Refused where the money was taken meanwhile, or the same person proposed it.
    """
    need_program_unit(by)
    locked = _open(reallocation)
    if locked.proposed_by_id == by.pk:
        raise Refused(_("Who proposed a reallocation does not confirm it: a second person does."))
    branches = branches_of(locked.source, locked.target, locked.amount, lock=True)
    if branches.why_not:
        raise Refused(*branches.why_not)
    at = at or timezone.now()
    # Lowered from the leaf, raised from the root: at no moment do children pass their parent.
    for effect in [*branches.lowered, *reversed(branches.raised)]:
        change_amount(
            effect.ceiling, effect.after, kind=CeilingChange.Kind.REALLOCATED, by=by, at=at, reason=locked.reason,
            paper=locked.paper, reallocation=locked,
        )  # fmt: skip
    locked.confirmed_by, locked.confirmed_at = by, at
    locked.save(update_fields=["confirmed_by", "confirmed_at"])
    return locked


@transaction.atomic
def discard_reallocation(reallocation: Reallocation, *, by: User, at: dt.datetime | None = None) -> Reallocation:
    """By either person, before it is confirmed."""
    need_program_unit(by)
    locked = _open(reallocation)
    locked.discarded_by, locked.discarded_at = by, at or timezone.now()
    locked.save(update_fields=["discarded_by", "discarded_at"])
    return locked


def _open(reallocation: Reallocation) -> Reallocation:
    rows = Reallocation.objects.select_related("source", "target", "paper")
    locked = rows.select_for_update(of=("self",)).get(pk=reallocation.pk)
    if not locked.is_open:
        raise Refused(_("This reallocation was decided already."))
    return locked
