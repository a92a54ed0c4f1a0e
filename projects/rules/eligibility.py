"""Whether the project's polygon may be attended this year: what was assessed, else what its own sums say."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import number, percent, percent_range
from modalities.models import EligibilityCriterion
from polygons.models import PolygonVersion
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome, judge

MAPPED = ("water", "drainage", "electricity", "floor")


@dataclass(frozen=True)
class Finding:
    outcome: str
    words: str
    inputs: dict[str, object] = field(default_factory=dict)


def eligibility(facts: Facts) -> Iterator[Judgement]:
    """Nothing to say of a project without any action bound to a polygon."""
    if not facts.needs_polygon:
        return
    for criterion in facts.book.criteria:
        found = finding(criterion, facts)
        yield judge(
            criterion,
            found.outcome,
            criterion.name,
            found.words,
            version=facts.project.polygon_version_id,
            threshold=criterion.threshold,
            **found.inputs,
        )


def finding(criterion: EligibilityCriterion, facts: Facts) -> Finding:
    version = facts.project.polygon_version
    if facts.project.strand_id in {strand.pk for strand in criterion.exempt_strands.all()}:
        strand = facts.project.strand.name
        return Finding(Outcome.PASS, _("Works of the strand %(strand)s are exempt.") % {"strand": strand})
    if version is None:
        return Finding(Outcome.UNKNOWN, _("No Habitat Polygon has been chosen."))
    assessment = facts.assessments.get(criterion.code)
    if assessment is not None:
        words = _("Assessed for %(year)s.") % {"year": facts.project.fiscal_year_id}
        return Finding(assessment.verdict, words, {"value": assessment.value, "assessment": assessment.pk})
    if criterion.threshold is not None and criterion.indicator == "service_deficit":
        return service_deficit(version, criterion.threshold)
    if criterion.threshold is not None and criterion.indicator == "city_population":
        return city_population(version, criterion.threshold)
    return Finding(
        Outcome.UNKNOWN, _("Nobody has assessed it yet for %(year)s.") % {"year": facts.project.fiscal_year_id}
    )


def service_deficit(version: PolygonVersion, threshold: Decimal) -> Finding:
    """The largest deficit as a range: it passes when what is printed reaches the threshold, fails when nothing can."""
    if not version.base:
        return Finding(Outcome.UNKNOWN, _("The census gives no figure for this polygon."))
    low = max(getattr(version, f"{name}_low") for name in MAPPED)
    high = max(getattr(version, f"{name}_high") for name in MAPPED)
    whole = threshold * version.base
    outcome = Outcome.PASS if low * 100 >= whole else Outcome.FAIL if high * 100 < whole else Outcome.UNKNOWN
    words = {"range": percent_range(low, high, version.base), "threshold": percent(threshold)}
    sentence = _("%(range)s of the dwellings lack it; the threshold is %(threshold)s.") % words
    return Finding(outcome, sentence, {"low": low, "high": high, "base": version.base})


def city_population(version: PolygonVersion, threshold: Decimal) -> Finding:
    city = version.polygon.city
    if city is None or city.population is None:
        return Finding(Outcome.UNKNOWN, _("The polygon's city or its population is not known."))
    words = {"city": city.name, "people": number(city.population), "threshold": number(threshold)}
    sentence = _("%(city)s has %(people)s inhabitants; the threshold is %(threshold)s.") % words
    return Finding(Outcome.PASS if city.population >= threshold else Outcome.FAIL, sentence, {"value": city.population})
