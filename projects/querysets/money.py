"""Who reads which rows of the money: ceilings, ledger, moves between ceilings, and the sums that triggers keep."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from projects.workflow import PUBLIC


class ReallocationQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Those that begin or end at a ceiling of one's territory; none for the public."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_the_nation:
            return self
        mine = user.municipalities()
        ends = Q()
        for end in ("source", "target"):
            of_state = {f"{end}__municipality": None, f"{end}__state__in": mine.values("state")}
            ends |= Q(**{f"{end}__municipality__in": mine}) | Q(**of_state)
        return self.filter(ends) if mine.exists() else self.none()


class WithdrawalQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Whoever has a territory reads that a cut-off took money back; its lines are narrowed to their own."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_the_nation or user.municipalities().exists():
            return self
        return self.none()


class WithdrawalLineQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_the_nation else self.filter(ceiling__municipality__in=user.municipalities())


# One case is worked out a node, from the entries of its own place alone (index `approved_federal`). As text, since the
# rules ask it of every project of a long list and Django takes longer to write it than PostgreSQL to answer.
_LEVELS = ("state_id", "municipality_id", "modality_id")
_GIVEN = """(
    SELECT sum(entry.amount) FROM projects_ledgerentry AS entry
    WHERE entry.fiscal_year_id = projects_ceiling.fiscal_year_id AND entry.strand_id = projects_ceiling.strand_id
      AND entry.moment = 'approved' AND entry.source = 'federal' {at}
)"""


def _given(levels: int) -> str:
    return _GIVEN.format(at=" ".join(f"AND entry.{name} = projects_ceiling.{name}" for name in _LEVELS[:levels]))


TAKEN = f"""coalesce(CASE
    WHEN projects_ceiling.modality_id IS NOT NULL THEN {_given(3)}
    WHEN projects_ceiling.municipality_id IS NOT NULL THEN {_given(2)}
    WHEN projects_ceiling.state_id IS NOT NULL THEN {_given(1)}
    ELSE {_given(0)} END, 0)"""


class CeilingQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Ceilings of one's territory, and the national and state nodes above it; none for the public."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_the_nation:
            return self
        mine = user.municipalities()
        above = Q(municipality=None, state__in=mine.values("state")) | Q(state=None)
        return self.filter(Q(municipality__in=mine) | above) if mine.exists() else self.none()

    def branch(self, project) -> Self:
        """The nodes an approval of this project draws on, from the root to the leaf."""
        state = project.municipality.state_id
        return self.filter(fiscal_year=project.fiscal_year_id, strand=project.strand_id).filter(
            Q(state=None)
            | Q(state=state, municipality=None)
            | Q(municipality=project.municipality_id, modality=None)
            | Q(municipality=project.municipality_id, modality=project.modality_id)
        )

    def from_the_root(self) -> Self:
        """Parents before children: the order in which a branch is locked, the same for everybody."""
        return self.order_by(*(F(level).asc(nulls_first=True) for level in ("state", "municipality", "modality")))

    def as_trees(self) -> Self:
        """To be read: the newest year first, and in it each strand from the nation down to its leaves."""
        below = (F(level).asc(nulls_first=True) for level in ("state", "municipality", "modality"))
        return self.order_by("-fiscal_year", "strand", *below)

    def with_given(self) -> Self:
        """Adds `given`, the pesos of the level below."""
        below = self.model._default_manager.filter(parent=OuterRef("pk")).order_by().values("parent")
        total = below.annotate(total=Sum("amount")).values("total")
        pesos = models.DecimalField(max_digits=16, decimal_places=2)
        return self.annotate(given=Coalesce(Subquery(total), Value(0), output_field=pesos))

    def with_taken(self) -> Self:
        """Adds `taken`, the federal pesos approved under each node; `balance` is what is left of it."""
        pesos = models.DecimalField(max_digits=16, decimal_places=2)
        return self.annotate(taken=RawSQL(TAKEN, [], output_field=pesos))  # noqa: S611 - our own text, no value in it


class LedgerQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_the_nation else self.filter(municipality__in=user.municipalities())

    def under(self, ceiling) -> Self:
        """Entries that draw on this node or below it."""
        scope = self.filter(fiscal_year=ceiling.fiscal_year_id, strand=ceiling.strand_id)
        for level in ("state", "municipality", "modality"):
            if getattr(ceiling, f"{level}_id"):
                scope = scope.filter(**{level: getattr(ceiling, f"{level}_id")})
        return scope

    def at(self, moment: str, source: str = "federal") -> Self:
        return self.filter(moment=moment, source=source)

    def total(self):
        return self.aggregate(total=Coalesce(Sum("amount"), 0, output_field=models.DecimalField()))["total"]


class KeptTotalQuerySet(models.QuerySet):
    """Rows added up by triggers. Who does not see the nation sees what is filed under their own municipalities."""

    def of(self, level: str, **keys: object) -> Self:
        """`keys` name the place: state, municipality, polygon."""
        return self.filter(level=level, **keys)

    def in_territory(self, user) -> Self:
        return self if user.sees_the_nation else self.filter(municipality__in=user.municipalities())


class PlaceTotalQuerySet(KeptTotalQuerySet):
    def visible_to(self, user) -> Self:
        return self.in_territory(user) if user.is_authenticated else self.filter(status__in=PUBLIC)


class LedgerTotalQuerySet(KeptTotalQuerySet):
    def visible_to(self, user) -> Self:
        return self.in_territory(user) if user.is_authenticated else self.none()
