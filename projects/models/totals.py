"""Sums kept beside the rows they add up, by triggers and by nothing else; `reports.indicators` holds their definitions.

A project's own sums (`ProjectTotal`) are added up anew under its row's lock whenever a row below it changes. What
changed goes on to the places as further rows of differences (`PlaceTotal`, `LedgerTotal`): writers never wait for each
other at the nation's row, and whoever reads adds up a few rows. `fold_totals` puts rows of one key together.
"""

from decimal import Decimal

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from modalities.models import FiscalYear, Modality
from polygons.models import Municipality, Polygon, State
from projects.querysets.money import LedgerTotalQuerySet, PlaceTotalQuerySet

# Month ends of a fiscal year; plans also know the day before it begins.
MONTHS = 12


def _pesos(size: int | None = None) -> models.Field:
    amount = models.DecimalField(max_digits=24, decimal_places=8)
    return ArrayField(amount, size=size) if size else amount


class Level(models.TextChoices):
    NATION = "nation"
    STATE = "state"
    MUNICIPALITY = "municipality"
    POLYGON = "polygon"


class Sums(models.Model):
    """`reached` and `spent_*` run on from month to month of the fiscal year: what came before it counts in January,
    what came after it in December. `planned` is what the projects' own dates foresee at the end of the day before the
    year and of each month. Pesos; `reached` and `planned` are pesos' worth of works.
    """

    fiscal_year = models.ForeignKey(FiscalYear, models.CASCADE, related_name="+")
    state = models.ForeignKey(State, models.CASCADE, null=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.CASCADE, null=True, related_name="+")
    polygon = models.ForeignKey(Polygon, models.CASCADE, null=True, related_name="+")
    modality = models.ForeignKey(Modality, models.CASCADE, related_name="+")
    status = models.CharField(max_length=14)
    households = models.BigIntegerField()
    cost_federal = _pesos()
    cost_state = _pesos()
    cost_municipal = _pesos()
    cost_beneficiaries = _pesos()
    spent_federal = _pesos(MONTHS)
    spent_state = _pesos(MONTHS)
    spent_municipal = _pesos(MONTHS)
    spent_beneficiaries = _pesos(MONTHS)
    reached = _pesos(MONTHS)
    planned = _pesos(MONTHS + 1)

    class Meta:
        abstract = True


class ProjectTotal(Sums):
    project = models.OneToOneField("projects.Project", models.CASCADE, primary_key=True, related_name="total")

    @property
    def cost(self) -> Decimal:
        return self.cost_federal + self.cost_state + self.cost_municipal + self.cost_beneficiaries

    @property
    def reached_share(self) -> Decimal | None:
        """Physical progress in per cent of the cost; None of what costs nothing."""
        return self.reached[-1] * 100 / self.cost if self.cost else None


class PlaceTotal(Sums):
    """Several rows of one key add up; `state`, `municipality` and `polygon` are set down to the row's level."""

    level = models.CharField(max_length=12, choices=Level)
    projects = models.IntegerField()

    objects = PlaceTotalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["fiscal_year", "level", "state"], name="total_of_state"),
            models.Index(fields=["municipality", "fiscal_year", "level"], name="total_of_municipality"),
            models.Index(fields=["polygon", "fiscal_year"], name="total_of_polygon"),
            # Which polygons have works, without reading the rows themselves.
            models.Index(
                fields=["fiscal_year", "state", "municipality", "status", "polygon"],
                include=["projects"],
                condition=models.Q(level="polygon"),
                name="polygons_with_works",
            ),
        ]


class LedgerTotal(models.Model):
    """What the ledger's entries of one month add up to; entries of a year past its end count in December.

    Of polygons none is kept: their entries are few.
    """

    level = models.CharField(max_length=12, choices=Level)
    fiscal_year = models.ForeignKey(FiscalYear, models.CASCADE, related_name="+")
    state = models.ForeignKey(State, models.CASCADE, null=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.CASCADE, null=True, related_name="+")
    modality = models.ForeignKey(Modality, models.CASCADE, null=True, related_name="+")
    moment = models.CharField(max_length=16)
    source = models.CharField(max_length=14)
    month = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    objects = LedgerTotalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["fiscal_year", "level", "state"], name="ledger_of_state"),
            models.Index(fields=["municipality", "fiscal_year", "level"], name="ledger_of_municipality"),
        ]


# The rows of `LedgerTotal` for some entries of the ledger.
LEDGER_TOTALS = """
    INSERT INTO projects_ledgertotal
        (level, fiscal_year_id, state_id, municipality_id, modality_id, moment, source, month, amount)
    SELECT place.level, held.fiscal_year_id, place.state_id, place.municipality_id, held.modality_id, held.moment,
           held.source, projects_month_of(held.fiscal_year_id, held."on"), sum(held.amount)
    FROM {rows} AS held
    CROSS JOIN LATERAL (VALUES
        ('nation', NULL, NULL), ('state', held.state_id, NULL), ('municipality', held.state_id, held.municipality_id)
    ) AS place (level, state_id, municipality_id)
    WHERE CASE place.level WHEN 'state' THEN held.state_id IS NOT NULL
                           WHEN 'municipality' THEN held.municipality_id IS NOT NULL ELSE true END
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def kept_in_totals(projects: str, changed: str = "true") -> list[pgtrigger.Trigger]:
    """After every statement the sums of the projects that its rows belong to are added up anew.

    `projects` is SQL that gives their ids from `{rows} AS held`; `changed` compares an update's `before` and `after`.
    """
    refresh = "PERFORM projects_refresh_totals(ARRAY({ids})); RETURN NULL;"
    of_old, of_new = (projects.format(rows=rows) for rows in ("old_rows", "new_rows"))
    left, moved = (
        projects.format(
            rows=f"(SELECT {end}.* FROM new_rows AS after JOIN old_rows AS before USING (id) WHERE {changed})"
        )
        for end in ("before", "after")
    )
    ways = (
        ("insert", pgtrigger.Insert, of_new, pgtrigger.Referencing(new="new_rows")),
        ("update", pgtrigger.Update, f"{left} UNION {moved}", pgtrigger.Referencing(old="old_rows", new="new_rows")),
        ("delete", pgtrigger.Delete, of_old, pgtrigger.Referencing(old="old_rows")),
    )
    return [
        pgtrigger.Trigger(
            name=f"totals_{name}",
            operation=operation,
            when=pgtrigger.After,
            level=pgtrigger.Statement,
            referencing=referencing,
            func=refresh.format(ids=ids),
        )
        for name, operation, ids, referencing in ways
    ]
