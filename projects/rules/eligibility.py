"""Whether the project's polygon may be attended this year."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import number, percent, percent_range
from modalities.models import EligibilityCriterion
from polygons.services.assessment import INDICATORS, Measure
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome, judge


def eligibility(facts: Facts) -> Iterator[Judgement]:
    """Nothing to say of a project without any action bound to a polygon."""
    if not facts.needs_polygon:
        return
    for criterion in facts.book.criteria:
        words, inputs = finding(criterion, facts)
        yield judge(criterion, criterion.name, words, inputs)


def finding(criterion: EligibilityCriterion, facts: Facts) -> tuple[str, dict[str, object]]:
    """The year's assessment decides; a criterion that figures can judge needs none."""
    version = facts.project.polygon_version
    assessment = facts.assessment(criterion)
    measurable = INDICATORS.get(criterion.indicator)
    measure = measurable(version) if measurable and version else None
    inputs = {
        "exempt": facts.project.strand_id in {strand.pk for strand in criterion.exempt_strands.all()},
        "version": facts.project.polygon_version_id,
        "comparator": criterion.comparator,
        "threshold": criterion.threshold,
        "assessment": assessment.pk if assessment else None,
        "assessed": assessment.verdict if assessment else None,
        "low": measure.low if measure else None,
        "high": measure.high if measure else None,
    }
    return _words(criterion, facts, measure, inputs), inputs


def _words(criterion: EligibilityCriterion, facts: Facts, measure: Measure | None, inputs: Mapping[str, object]) -> str:
    if inputs["exempt"]:
        return _("Works of the strand %(strand)s are exempt.") % {"strand": facts.project.strand.name}
    if inputs["version"] is None:
        return _("No Habitat Polygon has been chosen.")
    if measure is not None and criterion.threshold is not None:
        return said(criterion, measure)
    is_open = inputs["assessed"] in (None, Outcome.UNKNOWN)
    if is_open and criterion.indicator in INDICATORS:
        return _no_figure(criterion)
    if is_open:
        return _("A person must still attest it with a document.")
    return _("Assessed for %(year)s.") % {"year": facts.project.fiscal_year_id}


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
