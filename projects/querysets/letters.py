"""Which letters a person reads, and which of them stand."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Federal level and auditors: all; a delegation: its state's; a government: those that list its projects.

        A letter of subsidies shows every municipality's ceiling: the governments of one do not read it.
        """
        if not user.is_authenticated or not user.is_valid_today:
            return self.none()
        if user.sees_the_nation:
            return self
        if user.is_delegation:
            return self.filter(state=user.state_id) if user.state_id else self.none()
        mine = user.municipalities().values("pk")
        listed = self.model._meta.apps.get_model("projects", "LetterLine").objects.filter(
            project__municipality__in=mine, letter=models.OuterRef("pk")
        )
        return self.exclude(kind="subsidy").filter(models.Exists(listed))

    def standing(self) -> Self:
        """Made or being made, not cancelled, not replaced: what they list needs no other letter."""
        replaced = Q(replacement__status__in=["waiting", "running", "issued"])
        return self.filter(cancelled_at=None).exclude(status="failed").exclude(replaced)

    def in_force(self) -> Self:
        """Issued, not cancelled, and no issued letter in its place."""
        return self.filter(status="issued", cancelled_at=None).exclude(replacement__status="issued")

    def authorising(self, *, strand: str, on: dt.date, **place) -> Self:
        """The state's authorisation to apply subsidies of a strand, as it stands on a day."""
        return self.in_force().filter(kind="subsidy", on__lte=on, lines__strand=strand, **place)

    def with_copies(self) -> Self:
        """Adds `copies`, how many signed copies each has."""
        return self.annotate(copies=models.Count("scans"))

    def unmade(self, at) -> Self:
        """Not begun, or begun by a worker that is gone."""
        unheld = Q(lease_until=None) | Q(lease_until__lt=at)
        return self.filter(unheld, status__in=["waiting", "running"])


class ScanQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """With its letter; one that waits in the inbox, to who sent it and to the program unit."""
        if not user.is_authenticated:
            return self.none()
        letters = self.model._meta.apps.get_model("projects", "Letter").objects.visible_to(user)
        waiting = Q(letter=None, by=user) | (Q(letter=None) if user.role == "manager" else Q(pk=None))
        return self.filter(Q(letter__in=letters) | waiting)
