import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from modalities import rules_2012
from modalities.models import (
    RULE_KINDS,
    CapRule,
    ConductRule,
    EligibilityCriterion,
    FiscalYear,
    Milestone,
    RequiredDocument,
    RulesVersion,
    ShareRule,
)
from projects.workflow import WORKFLOWS, Status, steps_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole_catalogue(db):
    call_command("import_catalogue", stdout=StringIO())


@pytest.fixture
def years(whole_catalogue):
    """2012 and its copies for 2026 and 2025."""
    run("--year", "2026")
    return {row.fiscal_year_id: row for row in RulesVersion.objects.all()}


def run(*options: str) -> str:
    out = StringIO()
    call_command("import_rules", *options, stdout=out)
    return out.getvalue()


def rows(version: RulesVersion) -> list:
    return [row for kind in RULE_KINDS for row in kind._default_manager.filter(rules=version)]


def test_2012_and_two_copies_are_in_force(years):
    assert sorted(years) == [2012, 2025, 2026]
    assert {row.status for row in years.values()} == {RulesVersion.Status.IN_FORCE}
    assert years[2012].published_on == dt.date(2011, 12, 30)
    assert [years[2026].copied_from, years[2025].copied_from] == [years[2012]] * 2
    assert FiscalYear.objects.get(pk=2026).status == FiscalYear.Status.OPEN
    assert FiscalYear.objects.get(pk=2012).status == FiscalYear.Status.CLOSED


def test_the_year_is_todays_unless_given(whole_catalogue):
    run()
    assert dt.date.today().year in set(FiscalYear.objects.values_list("year", flat=True))


def test_a_second_run_writes_nothing(years):
    before = [(row.pk, row.updated_at) for version in years.values() for row in rows(version)]
    assert run("--year", "2026").count("nothing to write") == 2
    assert [(row.pk, row.updated_at) for version in years.values() for row in rows(version)] == before


def test_next_year_adds_one_copy_and_leaves_the_others(years):
    run("--year", "2027")
    assert sorted(FiscalYear.objects.values_list("year", flat=True)) == [2012, 2025, 2026, 2027]


def test_dry_run_writes_nothing_and_says_what_would_be_written(whole_catalogue):
    said = run("--dry-run", "--year", "2026")
    assert not FiscalYear.objects.exists()
    assert said.startswith(run("--year", "2026"))


def test_rules_need_the_catalogue(db):
    with pytest.raises(CommandError, match="import_catalogue"):
        run()


def test_every_rule_says_its_clause_and_source(years):
    assert all(row.clause and row.source for version in years.values() for row in rows(version))


def test_a_copied_rule_is_unverified_and_says_so(years):
    assert not any(row.is_verified for row in rows(years[2026]))
    assert all(row.source.startswith("Copia de 2012, sin verificar.") for row in rows(years[2026]))
    verified = {row.code for row in rows(years[2012]) if row.is_verified}
    assert verified == {"city-size", "funding_complete"}


def test_a_copy_holds_the_same_rules(years):
    def said(version):
        return [(type(row), row.code, row.clause, row.required_at) for row in rows(version)]

    assert said(years[2026]) == said(years[2012])
    assert years[2026].action_types.count() == 49
    exempt = EligibilityCriterion.objects.get(rules=years[2026], code="service-deficit").exempt_strands
    assert [strand.pk for strand in exempt.all()] == ["CH"]


def test_caps_are_unknown_not_invented(years):
    assert CapRule.objects.filter(rules=years[2012]).count() == 49
    assert not CapRule.objects.exclude(amount=None).exists()


def test_shares_by_strand(years):
    shares = ShareRule.objects.filter(rules=years[2012]).values_list("strand", "federal_max_pct", "local_min_pct")
    assert set(shares) == {
        (strand, Decimal(top), 100 - Decimal(top)) for strand, top in (("G", 50), ("CH", 70), ("IP", 70))
    }


def test_rules_name_steps_and_states_of_their_workflow(years):
    steps = steps_of(rules_2012.WORKFLOW)
    named = {row.required_at for row in rows(years[2012])} - {""}
    assert rules_2012.WORKFLOW in WORKFLOWS
    assert named <= {name for name, step in steps.items() if step.checks_rules}
    assert {limit.status for limit in rules_2012.LIMITS} <= set(Status.values)


def test_a_municipality_needs_two_papers_to_submit_any_project(years):
    for modality in ("DS", "ME", "PD"):
        papers = RequiredDocument.objects.filter(rules=years[2012], required_at="submit", modality__in=[modality])
        common = RequiredDocument.objects.filter(rules=years[2012], required_at="submit", modality=None)
        assert papers.count() + common.count() == 2


def test_conduct_rules_are_named_in_both_languages(years):
    for rule in ConductRule.objects.filter(rules=years[2012]):
        assert rule.name_es != rule.name_en


def test_2012_has_the_dates_that_are_sure_and_one_progress_window_a_month(years):
    dates = Milestone.objects.filter(fiscal_year=2012)
    sure = dates.filter(is_verified=True).values_list("kind", "closes_on")
    assert set(sure) == {("guidelines", dt.date(2012, 1, 31)), ("federal_spending", dt.date(2012, 11, 30))}
    assert sorted(dates.filter(kind="progress").values_list("month", flat=True)) == list(range(1, 13))
    december = dates.get(kind="progress", month=12)
    assert (december.opens_on, december.closes_on) == (dt.date(2013, 1, 1), dt.date(2013, 1, 10))


def test_a_copied_calendar_keeps_its_days_but_leaves_capture_open_all_year(years):
    dates = Milestone.objects.filter(fiscal_year=2026)
    assert dates.get(kind="federal_spending").closes_on == dt.date(2026, 11, 30)
    assert dates.get(kind="refund").closes_on == dt.date(2027, 1, 15)
    capture = dates.get(kind="capture")
    assert (capture.opens_on, capture.closes_on) == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert not dates.filter(is_verified=True).exists()
