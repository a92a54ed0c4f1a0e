"""Whether the project's polygon may be attended this year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import number, percent, percent_range
from modalities.models import EligibilityCriterion
from polygons.services.assessment import INDICATORS, Measure, verdict_of
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome, judge


@dataclass(frozen=True)
class Finding:
    outcome: str
    words: str
    inputs: Mapping[str, object] = field(default_factory=dict)


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
            {"version": facts.project.polygon_version_id, "threshold": criterion.threshold, **found.inputs},
        )


def finding(criterion: EligibilityCriterion, facts: Facts) -> Finding:
    """The year's assessment decides; a criterion that figures can judge needs none."""
    version = facts.project.polygon_version
    year = {"year": facts.project.fiscal_year_id}
    if facts.project.strand_id in {strand.pk for strand in criterion.exempt_strands.all()}:
        strand = facts.project.strand.name
        return Finding(Outcome.PASS, _("Works of the strand %(strand)s are exempt.") % {"strand": strand})
    if version is None:
        return Finding(Outcome.UNKNOWN, _("No Habitat Polygon has been chosen."))
    assessment = facts.assessments.get(criterion.code)
    measurable = INDICATORS.get(criterion.indicator)
    if measurable is None and (assessment is None or assessment.verdict == Outcome.UNKNOWN):
        return Finding(Outcome.UNKNOWN, _("A person must still attest it with a document."))
    measure = measurable(version) if measurable else None
    outcome = assessment.verdict if assessment else verdict_of(criterion, measure)
    inputs = {"assessment": assessment.pk if assessment else None}
    if measure is None or criterion.threshold is None:
        is_open = measurable and (assessment is None or assessment.verdict == Outcome.UNKNOWN)
        words = _no_figure(criterion) if is_open else _("Assessed for %(year)s.") % year
        return Finding(outcome, words, inputs)
    return Finding(outcome, said(criterion, measure), {**inputs, "low": measure.low, "high": measure.high})


def _no_figure(criterion: EligibilityCriterion) -> str:
    if criterion.indicator == "household_poverty":
        return _("Nobody has estimated the households in poverty here: a person must attest it with a document.")
    return _("The census gives no figure for it.")


def said(criterion: EligibilityCriterion, measure: Measure) -> str:
    if criterion.indicator == "city_population":
        words = {"value": number(measure.low), "threshold": number(criterion.threshold)}
        return _("%(value)s inhabitants; the threshold is %(threshold)s.") % words
    words = {"value": percent_range(measure.low, measure.high, 100), "threshold": percent(criterion.threshold)}
    if criterion.indicator == "household_poverty":
        return _("%(value)s of the households; the threshold is %(threshold)s.") % words
    return _("%(value)s of the dwellings; the threshold is %(threshold)s.") % words
