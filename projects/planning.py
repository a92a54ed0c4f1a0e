"""What a scenario would do, in figures: money, dwellings and deprivation reached, mix by modality, use of ceilings."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Max, Sum

from polygons.models import Block
from projects.models import ActionBlock, Ceiling, Contribution, Scenario, ScenarioRow, Source

# As many ceilings are named beside a scenario; the others are used less.
MOST_USES = 4
NOTHING = Decimal(0)
# Strand, state, municipality and modality of a ceiling; None: all of that level.
Node = tuple[str | None, ...]
TAKEN = (ScenarioRow.Choice.ACCEPT, ScenarioRow.Choice.CUT)


@dataclass(frozen=True)
class Use:
    """One ceiling: pesos approved already, what the scenario adds, what is over it (0: nothing)."""

    ceiling: Ceiling
    added: Decimal

    @property
    def over(self) -> Decimal:
        return max(self.used - self.ceiling.amount, NOTHING)

    @property
    def used(self) -> Decimal:
        return self.ceiling.taken + self.added

    @property
    def share(self) -> Decimal:
        """Per cent of the ceiling; of one of nothing, all."""
        return self.used * 100 / self.ceiling.amount if self.ceiling.amount else Decimal(100)


@dataclass(frozen=True)
class Measure:
    """Pesos; dwellings of the distinct blocks touched by what is accepted or cut, deprived ones as (low, high).

    A cut lowers the federal part alone: the local parts stay until the municipality adjusts them.
    """

    scenario: Scenario
    counts: dict[str, int]
    federal: Decimal
    local: Decimal
    households: int
    blocks: int
    dwellings: int
    without_water: tuple[int, int]
    without_drainage: tuple[int, int]
    by_modality: dict[str, Decimal]
    uses: list[Use] = field(default_factory=list)

    @property
    def cost(self) -> Decimal:
        return self.federal + self.local

    @property
    def undecided(self) -> int:
        return self.counts[""]

    @property
    def over(self) -> list[Use]:
        """Ceilings it would pass, the worst first."""
        return sorted((use for use in self.uses if use.over), key=lambda use: -use.over)

    @property
    def fullest(self) -> list[Use]:
        """The ceilings that would be used most and still hold it."""
        return sorted((use for use in self.uses if not use.over), key=lambda use: -use.share)[:MOST_USES]

    @property
    def mix(self) -> list[tuple[str, Decimal, Decimal]]:
        """(modality, federal pesos, per cent of all)."""
        whole = self.federal or Decimal(1)
        return [(code, pesos, pesos * 100 / whole) for code, pesos in sorted(self.by_modality.items())]


def measure(scenario: Scenario) -> Measure:
    """Seven queries, whatever the length of the list."""
    rows = list(scenario.rows.select_related("project__municipality"))
    chosen = {row.project_id: row for row in rows if row.choice in TAKEN}
    paid: dict[int, dict[str, Decimal]] = defaultdict(dict)
    sums = Contribution.objects.filter(action__project__in=chosen).order_by().values_list("action__project", "source")
    for project, source, amount in sums.annotate(sum=Sum("amount")):
        paid[project][source] = amount
    federal = NOTHING
    by_modality: dict[str, Decimal] = defaultdict(Decimal)
    added: dict[Node, Decimal] = defaultdict(Decimal)
    for pk, row in chosen.items():
        asked = paid[pk].get(Source.FEDERAL, NOTHING)
        part = asked if row.federal is None else min(row.federal, asked)
        project = row.project
        federal += part
        by_modality[project.modality_id] += part
        state, place = project.municipality.state_id, project.municipality_id
        for node in (
            (None, None, None),
            (state, None, None),
            (state, place, None),
            (state, place, project.modality_id),
        ):
            added[(project.strand_id, *node)] += part
    local = sum(
        (pesos for parts in paid.values() for source, pesos in parts.items() if source != Source.FEDERAL), NOTHING
    )
    touched = ActionBlock.objects.filter(action__project__in=chosen).values("block")
    reached = Block.objects.filter(pk__in=touched).aggregate(
        blocks=Count("pk"), dwellings=Sum("inhabited_dwellings", default=0), water_low=Sum("water_low", default=0),
        water_high=Sum("water_high", default=0), drainage_low=Sum("drainage_low", default=0),
        drainage_high=Sum("drainage_high", default=0),
    )  # fmt: skip
    return Measure(
        scenario=scenario,
        counts={choice: sum(row.choice == choice for row in rows) for choice in ("accept", "cut", "refuse", "")},
        federal=federal,
        local=local,
        households=_households(set(chosen)),
        blocks=reached["blocks"],
        dwellings=reached["dwellings"],
        without_water=(reached["water_low"], reached["water_high"]),
        without_drainage=(reached["drainage_low"], reached["drainage_high"]),
        by_modality=dict(by_modality),
        uses=_uses(scenario, added),
    )


def _households(projects: set[int]) -> int:
    """Of each project the largest count of its actions: they mostly serve the same households."""
    from_actions = ScenarioRow.objects.filter(project__in=projects).order_by().values("project")
    largest = from_actions.annotate(most=Max("project__actions__households")).values_list("project", "most")
    return sum(most or 0 for _project, most in set(largest))


def _uses(scenario: Scenario, added: dict[Node, Decimal]) -> list[Use]:
    nodes = Ceiling.objects.filter(fiscal_year=scenario.fiscal_year_id, strand__in={key[0] for key in added})
    related = ("strand", "state", "municipality", "modality")
    found = []
    for node in nodes.select_related(*related).with_taken():
        amount = added.get((node.strand_id, node.state_id, node.municipality_id, node.modality_id))
        if amount:
            found.append(Use(node, amount))
    return found
