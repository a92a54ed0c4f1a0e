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
