import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q


class PublicQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """What the program may fund, and in which years, is public."""
        return self


class RulesVersionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Drafts are for those who write or audit rules; what is or was in force is public."""
        if user.is_authenticated and user.reads_drafts_of_rules:
            return self
        return self.exclude(status__in=["draft", "discarded"])

    def drafts(self) -> Self:
        return self.filter(status="draft")

    def in_force(self) -> Self:
        return self.filter(status="in_force")

    def in_use(self) -> Self:
        """What cases may run under: anything but drafts."""
        return self.exclude(status__in=["draft", "discarded"])

    def current(self, today: dt.date) -> Self:
        """The rules in force of this year, or of the latest year before it: at most one row."""
        latest = self.in_force().filter(fiscal_year__lte=today.year).order_by("-fiscal_year_id").values("pk")[:1]
        return self.filter(pk__in=latest)


class RuleQuerySet(models.QuerySet):
    def of_type(self, action_type: Any) -> Self:
        """Rules narrowed to this action type or its modality, and those that hold for all; any strand."""
        names = {field.name for field in self.model._meta.fields}
        scope = self
        if "action_type" in names:
            scope = scope.filter(Q(action_type=None) | Q(action_type=action_type))
        if "modality" in names:
            scope = scope.filter(Q(modality=None) | Q(modality=action_type.modality_id))
        return scope

    def with_names(self) -> Self:
        """With the catalogue rows that narrow it, for words: one query a kind."""
        return self.select_related(
            *(field.name for field in self.model._meta.fields if field.is_relation and field.name != "rules")
        )
