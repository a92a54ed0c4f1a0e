"""What the ledger says of one work, by moment and source, and how a sum is divided among sources to the cent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from decimal import ROUND_DOWN, Decimal

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money
from projects.models import LedgerEntry, Moment, Project, Source

CENT = Decimal("0.01")
NOTHING = Decimal(0)
# The moments of a work under way, in the order of the law.
OF_WORKS = (
    Moment.APPROVED, Moment.COMMITTED, Moment.RELEASED, Moment.ACCRUED, Moment.PAID, Moment.PROVEN, Moment.REFUNDED,
)  # fmt: skip


class Balances:
    """Net pesos of a project's entries, read once."""

    def __init__(self, project: Project) -> None:
        rows = project.entries.order_by().values_list("moment", "source").annotate(sum=Sum("amount"))
        self.booked = {(moment, source): amount for moment, source, amount in rows}

    def at(self, moment: str, source: str) -> Decimal:
        return self.booked.get((moment, source), NOTHING)

    def total(self, moment: str) -> Decimal:
        return sum((self.at(moment, source) for source in Source.values), NOTHING)

    def by_source(self, moment: str) -> dict[str, Decimal]:
        return {source: self.at(moment, source) for source in Source.values}

    @property
    def savings(self) -> dict[str, Decimal]:
        """Approved and not committed, by source, once something is committed."""
        if not self.total(Moment.COMMITTED):
            return {}
        left = {
            source: self.at(Moment.APPROVED, source) - self.at(Moment.COMMITTED, source) for source in Source.values
        }
        return {source: amount for source, amount in left.items() if amount > 0}

    def savings_told(self) -> list[str]:
        words = _("%(source)s: %(amount)s are approved and not committed; an amendment returns the savings.")
        return [words % {"source": Source(key).label, "amount": money(left)} for key, left in self.savings.items()]

    def divide(self, amount: Decimal, moment: str, *, of: str, but: str = "") -> dict[str, Decimal]:
        """`amount` among the sources in the proportion of what they have `of` one moment and not yet at this one.

        No source gets more than it has left, as long as all together do not. `but`: a source that takes no part.
        """
        room = {source: self.at(of, source) - self.at(moment, source) for source in Source.values if source != but}
        free = {source: left for source, left in room.items() if left > 0}
        return {source: part for source, part in split(amount, free).items() if part} if free else {}

    def after(self, entries: Iterable[LedgerEntry]) -> "Balances":
        """As they would be with these entries, too."""
        later = copy(self)
        later.booked = dict(self.booked)
        for entry in entries:
            key = (entry.moment, entry.source)
            later.booked[key] = later.booked.get(key, NOTHING) + entry.amount
        return later

    def unproven(self, source: str) -> Decimal:
        """Released, and neither proven nor refunded: at closure nothing is left."""
        return self.at(Moment.RELEASED, source) - self.at(Moment.PROVEN, source) - self.at(Moment.REFUNDED, source)

    def broken(self) -> Iterator[str]:
        """Sentences where a moment passes what must come before it, or falls below zero."""
        for source in Source:
            under_contract = bool(self.at(Moment.COMMITTED, source) or self.at(Moment.ACCRUED, source))
            for less, more, binds in (
                ((Moment.COMMITTED,), Moment.APPROVED, True),
                ((Moment.RELEASED,), Moment.COMMITTED if under_contract else Moment.APPROVED, True),
                ((Moment.ACCRUED,), Moment.COMMITTED, under_contract),
                ((Moment.PAID,), Moment.RELEASED, under_contract),
                ((Moment.PROVEN,), Moment.PAID, True),
                ((Moment.PROVEN, Moment.REFUNDED), Moment.RELEASED, True),
            ):
                yield from self._passes(source, less, more) if binds else ()

    def _passes(self, source: Source, less: tuple[Moment, ...], more: Moment) -> Iterator[str]:
        amount, limit = sum((self.at(moment, source) for moment in less), NOTHING), self.at(more, source)
        if amount > limit:
            words = {
                "source": source.label,
                "less": " + ".join(str(moment.label) for moment in less),
                "amount": money(amount),
                "more": more.label,
                "limit": money(limit),
            }
            yield _("%(source)s: %(less)s would be %(amount)s, but %(more)s is %(limit)s.") % words


def paid_of(projects: QuerySet[Project]) -> dict[int, dict[str, Decimal]]:
    """Project → source → net pesos paid, by payments and by accepted months; in one query."""
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    rows = LedgerEntry.objects.filter(moment=Moment.PAID, project__in=projects).order_by()
    for project, source, amount in rows.values_list("project", "source").annotate(sum=Sum("amount")):
        found[project][source] = amount
    return found


def split(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """`amount` in the proportion of the weights, to the cent; what rounding leaves goes to the largest remainders.

    The federal part is rounded down, so that rounding never takes it past its share. A key without weight gets nothing.
    ValueError where no weight is above zero.
    """
    whole = sum(weights.values(), NOTHING)
    if whole <= 0:
        raise ValueError("nothing to divide by")
    exact = {key: amount * weight / whole for key, weight in weights.items() if weight}
    parts = {key: value.quantize(CENT, ROUND_DOWN) for key, value in exact.items()}
    cents = int((amount - sum(parts.values(), NOTHING)) / CENT)
    for key in sorted(exact, key=lambda one: (one == Source.FEDERAL, parts[one] - exact[one], one))[:cents]:
        parts[key] += CENT
    return parts
