"""Judging polygons by the year's eligibility criteria, as far as figures can; the rest is for people with documents."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from modalities.models import EligibilityCriterion, RulesVersion
from polygons.deficits import DEFICITS, MAPPED, Deficit
from polygons.models import Assessment, PolygonVersion

PASS, FAIL, UNKNOWN = Assessment.Verdict.PASS, Assessment.Verdict.FAIL, Assessment.Verdict.UNKNOWN


class Measure(NamedTuple):
    """A figure as a range, in the criterion's own unit (per cent for shares), and what it was made from."""

    low: Decimal
    high: Decimal
    evidence: dict[str, Any]


def share_of(version: PolygonVersion, deficit: Deficit) -> Measure | None:
    """Per cent of the polygon's dwellings with known characteristics; None where nothing is known."""
    low, high = getattr(version, deficit.low), getattr(version, deficit.high)
    if not version.base or low is None:
        return None
    evidence = {"deficit": deficit.name, "low": low, "high": high, "base": version.base, "vintage": version.vintage}
    return Measure(Decimal(100 * low) / version.base, Decimal(100 * high) / version.base, evidence)


def _service_deficit(version: PolygonVersion) -> Measure | None:
    shares = [share for deficit in MAPPED if (share := share_of(version, deficit))]
    if not shares:
        return None
    worst = max(shares, key=lambda share: share.low)
    return Measure(worst.low, max(share.high for share in shares), worst.evidence)


def _city_population(version: PolygonVersion) -> Measure | None:
    city = version.polygon.city
    if not city or city.population is None:
        return None
    people = Decimal(city.population)
    return Measure(people, people, {"city": city.code, "population": city.population})


def _household_poverty(version: PolygonVersion) -> Measure | None:
    """Per cent of the households; those of members whose poverty nobody estimated may all be poor, or none."""
    known, poor = version.poverty_households, version.poor_households
    if not known or poor is None:
        return None
    unknown = max(version.households - known, 0)
    evidence = {"poor": poor, "households": known, "unknown": unknown, "vintage": version.vintage}
    return Measure(
        Decimal(100 * poor) / (known + unknown), Decimal(100 * (poor + unknown)) / (known + unknown), evidence
    )


INDICATORS: dict[str, Callable[[PolygonVersion], Measure | None]] = {
    "service_deficit": _service_deficit,
    "city_population": _city_population,
    "household_poverty": _household_poverty,
} | {f"{deficit.name}_share": partial(share_of, deficit=deficit) for deficit in DEFICITS}


def verdict_of(criterion: EligibilityCriterion, measure: Measure | None) -> str:
    """A range that lies across the threshold leaves the verdict open."""
    if measure is None or criterion.threshold is None:
        return UNKNOWN
    low, high = measure.low >= criterion.threshold, measure.high >= criterion.threshold
    if criterion.comparator == EligibilityCriterion.Comparator.AT_MOST:
        low, high = measure.low <= criterion.threshold, measure.high <= criterion.threshold
    if low == high:
        return PASS if low else FAIL
    return UNKNOWN


@transaction.atomic
def assess(rules: RulesVersion, *, by: Any = None, at: datetime | None = None) -> dict[str, int]:
    """Judge every published version by the criteria of `rules`; returns verdict -> rows written.

    A criterion without a known indicator waits for a person: it gets a row "not yet known", and what a person judged
    is left alone. Equal rows are not written again; what changed stands beside the earlier row, which is kept.
    """
    at = at or timezone.now()
    criteria = list(rules.eligibilitycriterions.all())
    versions = PolygonVersion.objects.published().select_related("polygon__city").order_by("pk")
    rows = Assessment.objects.counting().filter(fiscal_year=rules.fiscal_year, version__in=versions)
    # By code: new rules of the same year ask the same question under another key.
    held = {
        (row.version_id, row.criterion.code): row
        for row in rows.select_related("criterion").select_for_update(of=("self",))
    }
    changed = [
        judged
        for judged in _judge(rules, criteria, versions.defer("geometry", "mercator"), by, at)
        if _is_news(held.get((judged.version_id, judged.criterion.code)), judged)
    ]
    replaced = [held.get((judged.version_id, judged.criterion.code)) for judged in changed]
    Assessment.objects.filter(pk__in=[row.pk for row in replaced if row]).update(replaced_at=at)
    Assessment.objects.bulk_create(changed, batch_size=1_000)
    counted = Counter(judged.verdict for judged in changed)
    return {verdict.value: counted[verdict.value] for verdict in Assessment.Verdict}


def _is_news(before: Assessment | None, now: Assessment) -> bool:
    if before is None:
        return True
    if before.is_by_person and (before.verdict != UNKNOWN or now.verdict == UNKNOWN):
        return False
    if now.criterion.indicator not in INDICATORS and before.verdict != UNKNOWN:
        return False
    names = ("value", "threshold", "verdict", "evidence")
    return any(getattr(before, name) != getattr(now, name) for name in names)


def _judge(
    rules: RulesVersion, criteria: list[EligibilityCriterion], versions: Any, by: Any, at: datetime
) -> Iterator[Assessment]:
    for version in versions:
        for criterion in criteria:
            measure = INDICATORS.get(criterion.indicator, lambda version: None)(version)
            yield Assessment(
                version=version,
                fiscal_year=rules.fiscal_year,
                criterion=criterion,
                value=round(measure.low, 4) if measure else None,
                threshold=criterion.threshold,
                verdict=verdict_of(criterion, measure),
                evidence=measure.evidence | {"value_high": str(round(measure.high, 4))} if measure else {},
                at=at,
                by=by,
            )
