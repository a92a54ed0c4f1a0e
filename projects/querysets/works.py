"""Who reads which works and what hangs from them, and the questions asked of them again and again."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, Q, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from projects.workflow import ENDED, PUBLIC, Status

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
        return self.exclude(status__in=ENDED)

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


TO_CAPTURE = Q(status__in=["expected", "draft"], project__status=Status.IN_EXECUTION) | Q(
    status="returned", project__status__in=[Status.IN_EXECUTION, Status.FINISHED]
)


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
        return self.filter(TO_CAPTURE)

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
