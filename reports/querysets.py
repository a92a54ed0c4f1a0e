from typing import Self

from django.db import models
from django.db.models import Q


class ReportQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """Reports whose scope lies inside one's territory, and those one asked for; none for the public."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_the_nation:
            return self
        mine = user.municipalities()
        inside = Q(municipality__in=mine)
        if user.state_id:
            inside |= Q(state=user.state_id, municipality=None)
        return self.filter(inside) if mine.exists() else self.none()

    def same_as(self, report) -> Self:
        """Of the same kind, period, place, moment and language."""
        return self.filter(
            kind=report.kind,
            period=report.period,
            state=report.state_id,
            municipality=report.municipality_id,
            polygon=report.polygon_id,
            as_at=report.as_at,
            language=report.language,
        )

    def standing(self) -> Self:
        """Those that make asking again needless: still being made, or final."""
        return self.filter(Q(status__in=["waiting", "running"]) | Q(status="done", is_final=True))

    def at_work(self) -> Self:
        return self.filter(status__in=["waiting", "running"])


class SavedViewQuerySet(models.QuerySet):
    def of(self, user) -> Self:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def visible_to(self, user) -> Self:
        """One's own, and under its link what others share."""
        shared = Q(is_shared=True)
        return self.filter(shared | Q(owner=user)) if user.is_authenticated else self.filter(shared)
