"""Who reads what of visits, committees, complaints, centres and closed files."""

from typing import Self

from django.db import models
from django.db.models import Q

from projects.querysets import OfProject
from projects.workflow import PUBLIC


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


class OfCommittee(OfMunicipality):
    municipality_path = "committee__municipality"


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

    def of_public_works(self) -> Self:
        return self.filter(project__status__in=PUBLIC)


class DestructionQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Those who decide on them, and auditors."""
        if user.is_authenticated and user.sees_the_nation and user.role in ("manager", "auditor"):
            return self
        return self.none()


class SilenceQuerySet(models.QuerySet):
    def of_state(self, code: str) -> Self:
        return self.filter(Q(state=None) | Q(state=code))
