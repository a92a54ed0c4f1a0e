"""What the rules ask about a project, each fact fetched once and only when a rule asks for it."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property, lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from modalities.models import (
    CapRule,
    ConductRule,
    EligibilityCriterion,
    LocationBasis,
    Milestone,
    MixRule,
    RequiredDocument,
    RulesVersion,
    ShareRule,
)
from modalities.services import window
from polygons.models import Assessment
from projects.models import Action, Project, Source
from projects.workflow import MAIN_ROAD, Status

PLACELESS = {LocationBasis.NONE, LocationBasis.MUNICIPALITY_WIDE}


class RuleBook:
    """The rows of one rules version, read in seven queries."""

    def __init__(self, version_pk: int) -> None:
        of_version = {"rules": version_pk}
        self.shares = list(ShareRule.objects.filter(**of_version))
        self.caps = list(CapRule.objects.filter(**of_version).select_related("action_type"))
        self.mixes = list(MixRule.objects.filter(**of_version).select_related("modality"))
        self.criteria = list(EligibilityCriterion.objects.filter(**of_version).prefetch_related("exempt_strands"))
        self.papers = list(RequiredDocument.objects.filter(**of_version))
        self.conducts = list(ConductRule.objects.filter(**of_version))


@lru_cache(maxsize=16)
def _frozen_book(version_pk: int, public_id: UUID) -> RuleBook:
    return RuleBook(version_pk)


def rule_book(version: RulesVersion) -> RuleBook:
    """What is or was in force never changes (the database refuses it), so it is read once a process."""
    if version.status == RulesVersion.Status.DRAFT:
        return RuleBook(version.pk)
    return _frozen_book(version.pk, version.public_id)


class Facts:
    """Money in pesos, days on the municipality's own calendar."""

    def __init__(self, project: Project, at: dt.datetime | None = None) -> None:
        self.project = project
        self.at = at or timezone.now()
        self.book = rule_book(project.rules)

    @cached_property
    def today(self) -> dt.date:
        return self.at.astimezone(ZoneInfo(self.project.municipality.time_zone)).date()

    @cached_property
    def actions(self) -> list[Action]:
        rows = Action.objects.filter(project=self.project).defer("geometry").select_related("action_type")
        return list(rows.prefetch_related("contributions"))

    @cached_property
    def sites(self) -> set[int]:
        """The actions that have one."""
        return set(Action.objects.filter(project=self.project, geometry__isnull=False).values_list("pk", flat=True))

    @cached_property
    def amounts(self) -> dict[int, dict[str, Decimal]]:
        """Action pk → source → pesos; a source nobody wrote down is absent."""
        return {a.pk: {c.source: c.amount for c in a.contributions.all()} for a in self.actions}

    def paid_by(self, source: str, actions: Iterable[Action] | None = None) -> Decimal:
        chosen = self.actions if actions is None else actions
        return sum((self.amounts[action.pk].get(source, Decimal(0)) for action in chosen), Decimal(0))

    def cost(self, actions: Iterable[Action] | None = None) -> Decimal:
        chosen = self.actions if actions is None else list(actions)
        return sum((self.paid_by(source, chosen) for source in Source.values), Decimal(0))

    @cached_property
    def needs_polygon(self) -> bool:
        """One action bound to a polygon binds the project."""
        bound = {LocationBasis.IN_POLYGON, LocationBasis.SERVING_POLYGON}
        return any(action.action_type.location_basis in bound for action in self.actions)

    @cached_property
    def papers(self) -> set[str]:
        return set(self.project.documents.values_list("kind", flat=True))

    @cached_property
    def assessments(self) -> dict[str, Assessment]:
        """Criterion code → what was found for the polygon version in this fiscal year."""
        found = (
            Assessment.objects.counting()
            .filter(version=self.project.polygon_version_id, fiscal_year=self.project.fiscal_year_id)
            .select_related("criterion")
        )
        return {assessment.criterion.code: assessment for assessment in found}

    @cached_property
    def share_inside(self) -> dict[int, float | None]:
        """Action pk → share (0 to 1) of its site inside the polygon, measured in EPSG:6372; None without a site."""
        with connection.cursor() as cursor:
            cursor.execute(SHARE_INSIDE, [self.project.polygon_version_id, self.project.pk])
            return dict(cursor.fetchall())

    def window(self, kind: str) -> Milestone | None:
        return window(self.project.fiscal_year, kind, self.project.municipality.state_id)

    @cached_property
    def year_types(self) -> set[str]:
        return set(RulesVersion.action_types.through.objects.filter(rulesversion=self.project.rules_id)
                   .values_list("actiontype", flat=True))  # fmt: skip

    @cached_property
    def measured(self) -> dict[int, Decimal]:
        """Action pk → quantity measured in accepted progress."""
        from_reports = Action.objects.filter(project=self.project, progress_lines__report__status="accepted")
        return dict(from_reports.annotate(sum=Sum("progress_lines__quantity")).values_list("pk", "sum"))

    @cached_property
    def booked(self) -> dict[tuple[str, str], Decimal]:
        """(moment, source) → net pesos in the ledger of this project."""
        rows = self.project.entries.order_by().values_list("moment", "source").annotate(sum=Sum("amount"))
        return {(moment, source): amount for moment, source, amount in rows}

    def has_reached(self, status: str) -> bool:
        """Whether the project stands at this status of the usual road, or past it."""
        here = Status.IN_REVIEW if self.project.status == Status.OBSERVED else self.project.status
        return here not in MAIN_ROAD or MAIN_ROAD.index(here) >= MAIN_ROAD.index(status)


# A line counts by its length, an area by its surface, a point by lying inside or not.
SHARE_INSIDE = """
    SELECT action.id, CASE
        WHEN action.geometry IS NULL OR version.id IS NULL THEN NULL
        WHEN ST_Dimension(action.geometry) = 0 THEN ST_Covers(version.geometry, action.geometry)::int::float
        WHEN ST_Dimension(action.geometry) = 1 THEN
            ST_Length(ST_Transform(ST_Intersection(action.geometry, version.geometry), 6372))
            / NULLIF(ST_Length(ST_Transform(action.geometry, 6372)), 0)
        ELSE
            ST_Area(ST_Transform(ST_Intersection(action.geometry, version.geometry), 6372))
            / NULLIF(ST_Area(ST_Transform(action.geometry, 6372)), 0)
        END
    FROM projects_action AS action
    LEFT JOIN polygons_polygonversion AS version ON version.id = %s
    WHERE action.project_id = %s
"""
