"""Who reads what of visits, committees, complaints, centres and closed files."""

from typing import Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from projects.querysets.works import OfProject


class InsideProject(OfProject):
    """For those of the territory; the public sees none of it."""

    def visible_to(self, user) -> Self:
        return self.in_territory(user) if user.is_authenticated else self.none()


class ActionPointQuerySet(InsideProject):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def overdue(self, today) -> Self:
        return self.open().filter(due_on__lt=today)


class OfMunicipality(models.QuerySet):
    municipality_path = "municipality"

    def visible_to(self, user) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_the_nation else self.filter(
            **{f"{self.municipality_path}__in": user.municipalities()}
        )  # fmt: skip


class CommitteeQuerySet(OfMunicipality):
    def watching(self, project, day) -> Self:
        """Of the project itself, or of its polygon in its year; constituted by that day and not dissolved."""
        of_it = Q(works__project=project)
        if project.polygon_version_id:
            of_it |= Q(polygon=project.polygon_version.polygon_id, fiscal_year=project.fiscal_year_id)
        standing = Q(dissolved_on=None) | Q(dissolved_on__gt=day)
        return self.filter(of_it, standing, constituted_on__lte=day).distinct()

    def with_counts(self) -> Self:
        """Adds `minutes`, `women`, `men` and `people`: those who are members now."""
        return self.annotate(
            minutes=self._count("CommitteePaper", kind="minutes"),
            women=self._count("CommitteeMember", left_on=None, sex="woman"),
            men=self._count("CommitteeMember", left_on=None, sex="man"),
            people=self._count("CommitteeMember", left_on=None),
            watched=self._count("CommitteeProject"),
        )

    def _count(self, model: str, **where: object) -> Coalesce:
        rows = self.model._meta.apps.get_model("projects", model).objects.filter(committee=OuterRef("pk"), **where)
        counted = rows.order_by().values("committee").annotate(count=Count("pk")).values("count")
        return Coalesce(Subquery(counted), 0)


class OfCommittee(OfMunicipality):
    municipality_path = "committee__municipality"


class CentreQuerySet(OfMunicipality):
    def with_latest(self, year: int) -> Self:
        """Adds `inspected_on`, `building` (its condition then) and `people`, who came in a year."""
        find = self.model._meta.apps.get_model
        last = find("projects", "CentreInspection").objects.filter(centre=OuterRef("pk")).order_by("-on", "-pk")
        came = find("projects", "CentreAttendance").objects.filter(centre=OuterRef("pk"), month__year=year)
        total = came.order_by().values("centre").annotate(sum=Sum("women") + Sum("men")).values("sum")
        return self.annotate(
            inspected_on=Subquery(last.values("on")[:1]),
            building=Subquery(last.values("building")[:1]),
            people=Coalesce(Subquery(total), 0),
        )


class OfCentre(OfMunicipality):
    municipality_path = "centre__municipality"


class CaptureQuerySet(OfCommittee):
    def open(self) -> Self:
        return self.filter(captured_on=None)

    def overdue(self, today) -> Self:
        return self.open().filter(due_on__lt=today)


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The program unit and auditors; a delegation those sent to it. Governments read none: it may be of them."""
        if not user.is_authenticated:
            return self.none()
        if user.role in ("manager", "auditor") and user.sees_the_nation:
            return self
        if user.is_delegation:
            return self.filter(route="delegation", state__in=user.municipalities().values("state"))
        return self.none()

    def open(self) -> Self:
        return self.exclude(status="answered")

    def overdue(self, today) -> Self:
        return self.open().filter(due_on__lt=today)


class HandoverQuerySet(OfProject):
    def visible_to(self, user) -> Self:
        return self.in_territory(user) if user.is_authenticated else self.none()


class DestructionQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Those who decide on them, and auditors."""
        if user.is_authenticated and user.sees_the_nation and user.role in ("manager", "auditor"):
            return self
        return self.none()


class SilenceQuerySet(models.QuerySet):
    def of_state(self, code: str) -> Self:
        return self.filter(Q(state=None) | Q(state=code))
