"""What the rules ask about a project, each fact fetched once and only when a rule asks for it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from copy import copy
from decimal import Decimal
from functools import cached_property, lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum
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
from modalities.services import wall_clock, window
from polygons.models import Assessment
from projects.cofunding import by_source
from projects.models import Action, Ceiling, Contribution, Opinion, Project, ProjectTotal, RuleException, Source
from projects.rules import neighbours, overlaps, targets
from projects.workflow import MAIN_ROAD, PUBLIC, Status

PLACELESS = {LocationBasis.NONE, LocationBasis.MUNICIPALITY_WIDE}


class RuleBook:
    """The rows of one rules version, read in eight queries."""

    def __init__(self, version_pk: int) -> None:
        of_version = {"rules": version_pk}
        self.shares = list(ShareRule.objects.filter(**of_version))
        self.caps = list(CapRule.objects.filter(**of_version).select_related("action_type"))
        self.mixes = list(MixRule.objects.filter(**of_version).select_related("modality"))
        self.criteria = list(EligibilityCriterion.objects.filter(**of_version).prefetch_related("exempt_strands"))
        self.papers = list(RequiredDocument.objects.filter(**of_version))
        self.conducts = list(ConductRule.objects.filter(**of_version))
        years_types = RulesVersion.action_types.through.objects.filter(rulesversion=version_pk)
        self.types = set(years_types.values_list("actiontype", flat=True))

    @property
    def years_of_overlap(self) -> Decimal | None:
        """How far back earlier actions on the same blocks are looked for; None where the rules do not ask."""
        return next((rule.threshold for rule in self.conducts if rule.code == overlaps.RULE), None)


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
        self.rules = project.rules
        self.book = rule_book(project.rules)

    def under(self, rules: RulesVersion, book: RuleBook) -> "Facts":
        """The same facts, as far as they are known already, for judging by another version."""
        other = copy(self)
        other.rules, other.book = rules, book
        return other

    @cached_property
    def today(self) -> dt.date:
        return self.project.municipality.local_day(self.at)

    @cached_property
    def clock(self) -> dt.datetime:
        """The municipality's wall clock, to the second, without zone."""
        return wall_clock(self.project.municipality.time_zone, self.at)

    @cached_property
    def actions(self) -> list[Action]:
        rows = Action.objects.filter(project=self.project).defer("geometry").select_related("action_type")
        return list(rows.prefetch_related("contributions").order_by("pk"))

    @cached_property
    def sites(self) -> set[int]:
        """The actions that have one."""
        placed = Action.objects.filter(project=self.project, geometry__isnull=False)
        return set(placed.order_by().values_list("pk", flat=True))

    @cached_property
    def amounts(self) -> dict[int, dict[str, Decimal]]:
        """Action pk → source → pesos; a source nobody wrote down is absent."""
        return {action.pk: by_source(action.contributions.all()) for action in self.actions}

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
    def papers(self) -> Counter[str]:
        """Documents in the file, by kind."""
        return Counter(document.kind for document in self.project.documents.all())

    @cached_property
    def photos(self) -> Counter[str]:
        """Photographs in the file, by stage."""
        return Counter(self.project.photos.standing().order_by().values_list("stage", flat=True))

    @cached_property
    def opinions(self) -> list[Opinion]:
        return list(self.project.opinions.all())

    @cached_property
    def assessments(self) -> list[Assessment]:
        """What was found for the polygon version in this fiscal year, by the criteria of any rules of that year."""
        if self.project.polygon_version_id is None:
            return []
        found = Assessment.objects.counting().filter(
            version=self.project.polygon_version_id, fiscal_year=self.project.fiscal_year_id
        )
        return list(found.select_related("criterion").order_by("-at", "-pk"))

    def assessment(self, criterion: EligibilityCriterion) -> Assessment | None:
        """By this very row, else the latest by a row that asked the same: new rules do not ask a person again."""
        own = next((row for row in self.assessments if row.criterion_id == criterion.pk), None)
        return own or next((row for row in self.assessments if _asks_the_same(row.criterion, criterion)), None)

    @cached_property
    def share_inside(self) -> dict[int, float | None]:
        """Action pk → share (0 to 1) of its site inside the polygon, measured in EPSG:6372; None without a site."""
        with connection.cursor() as cursor:
            cursor.execute(SHARE_INSIDE, [self.project.polygon_version_id, self.project.pk])
            return dict(cursor.fetchall())

    @cached_property
    def capture_window(self) -> Milestone | None:
        return window(self.project.fiscal_year, Milestone.Kind.CAPTURE, self.project.municipality.state_id)

    @cached_property
    def measured(self) -> dict[int, Decimal]:
        """Action pk → quantity measured in accepted progress; before its approval a work has none."""
        if not self.has_reached(Status.APPROVED):
            return {}
        from_reports = Action.objects.filter(project=self.project, progress_lines__report__status="accepted")
        return dict(from_reports.order_by().annotate(sum=Sum("progress_lines__quantity")).values_list("pk", "sum"))

    @cached_property
    def booked(self) -> dict[tuple[str, str], Decimal]:
        """(moment, source) → net pesos in the ledger of this project."""
        rows = self.project.entries.order_by().values_list("moment", "source").annotate(sum=Sum("amount"))
        return {(moment, source): amount for moment, source, amount in rows}

    @cached_property
    def exceptions(self) -> dict[tuple[str, str], RuleException]:
        """Rule kind and code → the exception that holds today."""
        found = RuleException.objects.filter(project=self.project).holding(self.today).order_by("pk")
        return {(row.rule_kind, row.rule_code): row for row in found}

    @cached_property
    def overlaps(self) -> list[overlaps.Overlap]:
        return overlaps.overlaps(self.project, self.book.years_of_overlap)

    @cached_property
    def drawn(self) -> list[targets.Drawn]:
        return targets.drawn_sizes(self.project, self.actions)

    @cached_property
    def duplicates(self) -> list[neighbours.Duplicate]:
        return neighbours.duplicates(self.project)

    @cached_property
    def buried(self) -> neighbours.Buried | None:
        """None where nothing is paved."""
        if not any(action.action_type_id in neighbours.PAVING for action in self.actions):
            return None
        return neighbours.buried_services(self.project)

    # ---- What others have taken, in federal pesos of the same fiscal year ------------------------------------------
    @cached_property
    def branch(self) -> list[Ceiling]:
        """The leaf first: of two nodes with as little left, the municipality's own is named."""
        nodes = Ceiling.objects.branch(self.project).select_related("agreement").with_taken().order_by()
        return sorted(nodes, key=lambda node: (not node.modality_id, not node.municipality_id, not node.state_id))

    @cached_property
    def portfolio(self) -> dict[str, Decimal]:
        """Modality → what the municipality has submitted or been approved, and this project's own."""
        return portfolio_of(self.project.fiscal_year_id, self.project.municipality_id, also=self.project.pk)

    @cached_property
    def approved_in_municipality(self) -> dict[str, Decimal]:
        """Action type → pesos of other approved projects."""
        return self._approved(action__project__municipality=self.project.municipality_id)

    @cached_property
    def approved_in_polygon(self) -> dict[str, Decimal]:
        """A polygon drawn anew is the same polygon."""
        version = self.project.polygon_version
        return self._approved(action__project__polygon_version__polygon=version.polygon_id) if version else {}

    @cached_property
    def approved_at_centre(self) -> dict[str, Decimal]:
        """What the same community centre got: sites of the same type within `CENTRE_METRES` of the project's."""
        with connection.cursor() as cursor:
            cursor.execute(AT_CENTRE, [self.project.pk, self.project.fiscal_year_id, list(PUBLIC)])
            return dict(cursor.fetchall())

    def _approved(self, **where: object) -> dict[str, Decimal]:
        rows = Contribution.objects.filter(
            source=Source.FEDERAL,
            action__project__fiscal_year=self.project.fiscal_year_id,
            action__project__status__in=PUBLIC,
            **where,
        ).exclude(action__project=self.project)
        by_type = rows.order_by().values_list("action__action_type").annotate(sum=Sum("amount"))
        return dict(by_type)

    def has_reached(self, status: str) -> bool:
        """Whether the project stands at this status of the usual road, or past it."""
        here = Status.IN_REVIEW if self.project.status == Status.OBSERVED else self.project.status
        return here not in MAIN_ROAD or MAIN_ROAD.index(here) >= MAIN_ROAD.index(status)


def _asks_the_same(one: EligibilityCriterion, other: EligibilityCriterion) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("code", "indicator", "comparator", "threshold"))


def standing() -> Q:
    """Of contributions: to what was submitted or approved and is not gone."""
    return ~Q(action__project__status__in=neighbours.GONE)


def portfolio_of(year: int, municipality: str, also: int | None = None) -> dict[str, Decimal]:
    """Modality → federal pesos of what was submitted or approved in the year; of `also` whatever its status."""
    kept = ProjectTotal.objects.filter(
        ~Q(status__in=neighbours.GONE) | Q(project=also), fiscal_year=year, municipality=municipality
    )
    by_modality = kept.order_by().values_list("modality").annotate(sum=Sum("cost_federal"))
    # To the cent, as it is kept with the verdict.
    return {modality: round(pesos, 2) for modality, pesos in by_modality if pesos}


# Two sites of a community centre are the same centre within these metres, measured in EPSG:6372.
CENTRE_METRES = 50
AT_CENTRE = f"""
    SELECT other.action_type_id, sum(contribution.amount)
    FROM projects_action AS other
    JOIN projects_project AS project ON project.id = other.project_id
    JOIN projects_contribution AS contribution ON contribution.action_id = other.id AND contribution.source = 'federal'
    WHERE EXISTS (
        SELECT 1 FROM projects_action AS mine
        WHERE mine.project_id = %s AND mine.action_type_id = other.action_type_id AND mine.project_id <> project.id
          AND other.geometry && ST_Expand(mine.geometry, 0.001)
          AND ST_DWithin(ST_Transform(other.geometry, 6372), ST_Transform(mine.geometry, 6372), {CENTRE_METRES})
    ) AND project.fiscal_year_id = %s AND project.status = ANY(%s)
    GROUP BY other.action_type_id
"""
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
