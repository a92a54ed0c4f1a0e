from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Cast, Coalesce

from projects.workflow import PUBLIC, Status

PAYERS = ("federal", "state", "municipal", "beneficiaries")


class OfProject(models.QuerySet):
    """Rows that hang on a project: who sees the project sees them; the public sees those of public projects."""

    project_path = "project"

    def _at(self, suffix: str, value: object) -> Self:
        prefix = f"{self.project_path}__" if self.project_path else ""
        return self.filter(**{f"{prefix}{suffix}": value})

    def in_territory(self, user) -> Self:
        if user.sees_the_nation:
            return self
        return self._at("municipality__in", user.municipalities())

    def visible_to(self, user) -> Self:
        """One's own territory; nobody logged in sees what the public may."""
        return self.in_territory(user) if user.is_authenticated else self._at("status__in", PUBLIC)


class OfAction(OfProject):
    project_path = "action__project"


class ProjectQuerySet(OfProject):
    project_path = ""

    def approved(self) -> Self:
        """Approved and not cancelled since, whatever came after."""
        return self.filter(status__in=PUBLIC)

    def open(self) -> Self:
        return self.exclude(status__in=[Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.CANCELLED])

    def until_approval(self) -> Self:
        """Proposals that the rules in force judge; from approval on a project keeps those it was approved by."""
        return self.open().exclude(status__in=PUBLIC)

    def overdue(self, today) -> Self:
        return self.open().filter(due_on__lt=today)

    def for_judging(self) -> Self:
        """With the rows around a project that its rules ask about; outlines stay in the database."""
        around = ("rules", "municipality__state", "strand", "modality", "fiscal_year", "assigned_to")
        return self.select_related(*around, "polygon_version__polygon__city").defer(
            "polygon_version__geometry", "polygon_version__mercator"
        )

    def with_totals(self) -> Self:
        """Adds `cost` and `federal`, in pesos, as the triggers keep them beside the project."""
        cost = sum((F(f"total__cost_{source}") for source in PAYERS[1:]), F(f"total__cost_{PAYERS[0]}"))
        return self.annotate(cost=_pesos(cost), federal=_pesos(F("total__cost_federal")))


def _pesos(sum_: Combinable) -> Coalesce:
    pesos = models.DecimalField(max_digits=16, decimal_places=2)
    return Coalesce(Cast(sum_, pesos), Value(0), output_field=pesos)


class DocumentQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        """The technical file is for those of the territory; the public sees none of it."""
        return self.in_territory(user) if user.is_authenticated else self.none()


class ProgressQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        scope = super().visible_to(user)
        return scope if user.is_authenticated else scope.accepted()

    def accepted(self) -> Self:
        return self.filter(status="accepted")

    def standing(self) -> Self:
        """Without the versions that were reopened since."""
        return self.exclude(status="superseded")

    def to_capture(self) -> Self:
        """What the municipality still owes: not sent, or returned; of works that have ended only what was returned."""
        at_work = Q(status__in=["expected", "draft"], project__status=Status.IN_EXECUTION)
        mended = Q(status="returned", project__status__in=[Status.IN_EXECUTION, Status.FINISHED])
        return self.filter(at_work | mended)

    def overdue(self, today) -> Self:
        return self.to_capture().filter(period__due_on__lt=today)


class ActQuerySet(OfProject):
    """Acts on money and amendments: the public sees what was validated of public projects."""

    def visible_to(self, user) -> Self:
        scope = super().visible_to(user)
        return scope if user.is_authenticated else scope.validated()

    def validated(self) -> Self:
        return self.filter(status="validated")

    def waiting(self) -> Self:
        return self.filter(status="registered")

    def standing(self) -> Self:
        """Validated, or waiting for it: what takes up room."""
        return self.filter(status__in=["registered", "validated"])


class CommentQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        """What is published; delegation, program unit and auditors also read what waits and what is not."""
        scope = super().visible_to(user)
        reads_all = user.is_authenticated and not user.is_local
        return scope if reads_all else scope.filter(status="published")

    def waiting(self) -> Self:
        return self.filter(status="waiting")

    def unanswered(self) -> Self:
        return self.filter(status="published", answered_at=None)


class PhotoQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        """Those of the territory see all; the public sees copies that a person has released."""
        scope = super().visible_to(user)
        return scope if user.is_authenticated else scope.released()

    def standing(self) -> Self:
        return self.filter(removed_at=None)

    def released(self) -> Self:
        return self.standing().filter(released_at__isnull=False)


class AlertQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        """For those of the territory; the public sees none."""
        return self.in_territory(user) if user.is_authenticated else self.none()

    def open(self) -> Self:
        return self.filter(closed_at=None)


class PortfolioQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_the_nation else self.filter(municipality__in=user.municipalities())


class OfState(models.QuerySet):
    """Agreements and the papers of money: those of the nation, and those of states one has a part of."""

    def visible_to(self, user) -> Self:
        """None for the public, nor for who has no territory."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_the_nation:
            return self
        mine = user.municipalities()
        return self.filter(Q(state=None) | Q(state__in=mine.values("state"))) if mine.exists() else self.none()


class ExceptionQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        """For those of the territory, as the papers; the public sees none of it."""
        return self.in_territory(user) if user.is_authenticated else self.none()

    def holding(self, day) -> Self:
        return self.filter(is_granted=True, expires_on__gte=day)


class IntegralQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        if not user.is_authenticated:
            return self.none()
        return (
            self
            if user.sees_the_nation
            else self.filter(polygon_version__polygon__municipality__in=user.municipalities())
        )


class BatchQuerySet(PortfolioQuerySet):
    """Workbooks are of one municipality, as portfolios are."""


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


class ScenarioQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Shared by those who review and decide in its territory; governments do not read how they are weighed."""
        if not user.is_authenticated or not (user.is_delegation or user.is_federal or user.role == "auditor"):
            return self.none()
        return self if user.sees_the_nation else self.filter(state__in=user.municipalities().values("state"))


class ScenarioRowQuerySet(models.QuerySet):
    def annotate_federal(self) -> Self:
        """Adds `asked`, the federal pesos its project asks for."""
        federal = Q(project__actions__contributions__source="federal")
        return self.annotate(asked=Sum("project__actions__contributions__amount", filter=federal, default=0))


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
