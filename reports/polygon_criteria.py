"""How a version stands to each criterion of a year's rules: figure, threshold, verdict, evidence, who is waited for."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import number, number_range, percent, percent_range
from modalities.models import EligibilityCriterion, RulesVersion
from polygons.deficits import DEFICIT_BY_NAME
from polygons.models import Assessment, AssessmentDocument, PolygonVersion
from polygons.services.assessment import INDICATORS, UNKNOWN, Measure, verdict_of

# Indicators that are a number of persons; every other is a share in per cent.
PERSONS = frozenset({"city_population"})


@dataclass
class Standing:
    """One criterion. `assessment` is the judgement that counts, None while nobody recorded one."""

    criterion: EligibilityCriterion
    assessment: Assessment | None
    verdict: str
    measure: Measure | None
    earlier: list[Assessment] = field(default_factory=list)
    documents: list[AssessmentDocument] = field(default_factory=list)

    # What templates/components/verdict.html reads.
    @property
    def outcome(self) -> str:
        return self.verdict

    @property
    def title(self) -> str:
        return self.criterion.name

    @property
    def clause(self) -> str:
        return self.criterion.clause

    @property
    def is_verified(self) -> bool:
        return self.criterion.is_verified

    @property
    def is_measured(self) -> bool:
        return self.criterion.indicator in INDICATORS

    @property
    def value(self) -> str:
        """The figure as a range, in words."""
        if self.measure is None:
            return ""
        low, high = self.measure.low, self.measure.high
        return str(number(low)) if self.criterion.indicator in PERSONS else str(percent_range(low, high, 100))

    @property
    def threshold(self) -> str:
        if self.criterion.threshold is None:
            return ""
        write = number if self.criterion.indicator in PERSONS else percent
        return f"{self.criterion.get_comparator_display()} {write(self.criterion.threshold)}"

    @property
    def data(self) -> str:
        """What the figure was made from."""
        evidence = self.measure.evidence if self.measure else {}
        if "deficit" in evidence:
            words = _("%(counted)s of %(base)s dwellings %(deficit)s, census of %(vintage)s.")
            label = DEFICIT_BY_NAME[evidence["deficit"]].label
            counted = number_range(evidence["low"], evidence["high"])
            return words % (_written(evidence) | {"deficit": label, "counted": counted})
        if "poor" in evidence:
            words = _("%(poor)s of %(households)s households, %(unknown)s not known, census of %(vintage)s.")
            return words % _written(evidence)
        if "city" in evidence:
            return _("City %(city)s of the National Urban System.") % evidence
        return ""

    @property
    def waits_for(self) -> str:
        """Whom the verdict waits for; empty once it is given."""
        if self.verdict != UNKNOWN:
            return ""
        if not self.is_measured:
            return _("Waits for the program unit: a verdict with a document.")
        if self.measure is None:
            return _("Waits for figures, which the portal does not have yet, or for the program unit with a document.")
        return _("The figures leave it open: waits for the program unit with a document.")


def _written(evidence: dict[str, Any]) -> dict[str, str]:
    """Counts as the page writes numbers; a year is no count."""
    counts = {name: value for name, value in evidence.items() if isinstance(value, int)}
    return {name: str(value) if name == "vintage" else number(value) for name, value in counts.items()}


def rules_for(version: PolygonVersion, today: dt.date) -> RulesVersion | None:
    """The rules in force; for a version that is over, those it was last judged by."""
    if version.status == PolygonVersion.Status.SUPERSEDED:
        last = version.assessments.order_by("-fiscal_year", "-at").select_related("criterion__rules").first()
        return last.criterion.rules if last else None
    return RulesVersion.objects.current(today).first()


def standings(version: PolygonVersion, rules: RulesVersion, reader: Any) -> list[Standing]:
    """One a criterion, in the rules' order. Documents only for those who may read them."""
    rows: dict[str, list[Assessment]] = defaultdict(list)
    judged = Assessment.objects.filter(version=version, fiscal_year=rules.fiscal_year_id)
    for row in judged.select_related("criterion", "by").order_by("-at", "-pk"):
        rows[row.criterion.code].append(row)
    papers: dict[int, list[AssessmentDocument]] = defaultdict(list)
    for paper in AssessmentDocument.objects.visible_to(reader).filter(assessment__in=judged).order_by("-uploaded_at"):
        papers[paper.assessment_id].append(paper)
    found = []
    for criterion in rules.eligibilitycriterions.order_by("pk"):
        counting = next((row for row in rows[criterion.code] if row.replaced_at is None), None)
        measure = _measured(criterion, version, counting)
        found.append(
            Standing(
                criterion,
                counting,
                counting.verdict if counting else verdict_of(criterion, measure),
                measure,
                [row for row in rows[criterion.code] if row is not counting],
                papers[counting.pk] if counting else [],
            )
        )
    return found


def _measured(criterion: EligibilityCriterion, version: PolygonVersion, row: Assessment | None) -> Measure | None:
    """As it was when it was judged; before that, as the figures stand."""
    if row is not None:
        if row.value is None:
            return None
        return Measure(row.value, Decimal(row.evidence.get("value_high", row.value)), row.evidence)
    indicator = INDICATORS.get(criterion.indicator)
    return indicator(version) if indicator else None
