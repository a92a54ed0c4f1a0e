"""The mix by modality of each municipality's portfolio, judged once at every cut-off of the year's calendar."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from modalities.models import FiscalYear, Milestone, MixRule, RulesVersion
from polygons.models import Municipality
from projects.models import Contribution, PortfolioVerdict, Source
from projects.rules import ENGINE
from projects.rules.facts import standing
from projects.rules.money import judge_mix

# The last place of the country to end a day: Tijuana in winter.
SLOWEST = dt.timezone(dt.timedelta(hours=-8))


def judge_due_portfolios(*, at: dt.datetime | None = None) -> list[tuple[dt.date, int]]:
    """Every cut-off that is over and was not judged yet: (its day, verdicts written). Safe to run twice."""
    at = at or timezone.now()
    today = at.astimezone(SLOWEST).date()
    written = []
    for year in FiscalYear.objects.exclude(status__in=["planned", "closed"]):
        for cut_off in year.milestones.filter(kind=Milestone.Kind.CUT_OFF, closes_on__lt=today):
            count = judge_portfolios(cut_off, at=at)
            if count:
                written.append((cut_off.closes_on, count))
    return written


@transaction.atomic
def judge_portfolios(cut_off: Milestone, *, at: dt.datetime) -> int:
    """How many verdicts were written; none where this cut-off was judged already. A state's own day wins."""
    year = FiscalYear.objects.select_for_update(no_key=True).get(pk=cut_off.fiscal_year_id)
    rules = RulesVersion.objects.in_force().filter(fiscal_year=year).first()
    places = Municipality.objects.all()
    if cut_off.state_code:
        places = places.filter(state=cut_off.state_code)
    else:
        own = year.milestones.filter(kind=Milestone.Kind.CUT_OFF).exclude(state_code="").values("state_code")
        places = places.exclude(state__in=own)
    judged = PortfolioVerdict.objects.filter(cut_off=cut_off.closes_on, rules__fiscal_year=year)
    if rules is None or judged.filter(municipality__in=places).exists():
        return 0
    mixes = list(MixRule.objects.filter(rules=rules).select_related("modality"))
    rows = [
        _verdict(rule, place, portfolio, cut_off.closes_on, at)
        for place, portfolio in portfolios(year.pk, places).items()
        for rule in mixes
    ]
    PortfolioVerdict.objects.bulk_create(rows, batch_size=1_000)
    return len(rows)


def portfolios(year: int, places: QuerySet[Municipality]) -> dict[str, dict[str, Decimal]]:
    """Municipality code → modality → federal pesos of what is submitted or approved."""
    rows = Contribution.objects.filter(
        standing(), source=Source.FEDERAL, action__project__fiscal_year=year, action__project__municipality__in=places
    )
    grouped = rows.order_by().values_list("action__project__municipality", "action__project__modality")
    found: dict[str, dict[str, Decimal]] = {}
    for place, modality, taken in grouped.annotate(sum=Sum("amount")):
        found.setdefault(place, {})[modality] = taken
    return found


def _verdict(
    rule: MixRule, place: str, portfolio: dict[str, Decimal], day: dt.date, at: dt.datetime
) -> PortfolioVerdict:
    judged = judge_mix(rule, portfolio)
    return PortfolioVerdict(
        municipality_id=place,
        modality_id=rule.modality_id,
        cut_off=day,
        rules_id=rule.rules_id,
        rule_code=rule.code,
        rule_uuid=rule.public_id,
        clause=rule.clause,
        outcome=judged.outcome,
        inputs=judged.inputs,
        evaluated_at=at,
        engine=ENGINE,
    )
