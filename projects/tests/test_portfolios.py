"""The mix by modality, judged once at each cut-off on what a municipality has submitted or been approved."""

import csv
import datetime as dt
from decimal import Decimal

import pytest

from habitat.tests.fixtures import YEAR
from modalities.models import Milestone, MixRule
from modalities.services import copy_rules, publish
from projects import services
from projects.models import PortfolioVerdict, Project

AFTER = dt.datetime(YEAR, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def cut_off(rules):
    draft = copy_rules(rules, YEAR)
    MixRule.objects.create(rules=draft, code="mix-ds", modality_id="DS", min_pct=Decimal(20), clause="3", source="-")
    MixRule.objects.create(rules=draft, code="mix-me", modality_id="ME", max_pct=Decimal(100), clause="3", source="-")
    publish(draft, by=None)
    day = dt.date(YEAR, 5, 31)
    return Milestone.objects.create(fiscal_year=rules.fiscal_year, kind="cut_off", opens_on=day, closes_on=day)


@pytest.fixture
def submitted(project, lead):
    return lead(project, "submit")


def test_a_cut_off_is_judged_once_after_its_last_day(cut_off, submitted):
    assert services.judge_due_portfolios(at=dt.datetime(YEAR, 6, 1, 7, 59, tzinfo=dt.UTC)) == []
    assert services.judge_due_portfolios(at=AFTER) == [(cut_off.closes_on, 2)]
    assert services.judge_due_portfolios(at=AFTER) == []
    said = dict(PortfolioVerdict.objects.values_list("rule_code", "outcome"))
    assert said == {"mix-ds": "fail", "mix-me": "pass"}
    assert {services.replay(row).answer for row in PortfolioVerdict.objects.all()} == {"same"}


def test_a_draft_is_no_part_of_a_portfolio(cut_off, project):
    assert services.judge_due_portfolios(at=AFTER) == []


def test_a_states_own_cut_off_wins(cut_off, submitted):
    later = dt.date(YEAR, 6, 30)
    Milestone.objects.create(
        fiscal_year=cut_off.fiscal_year, kind="cut_off", state_code="04", opens_on=later, closes_on=later
    )
    assert services.judge_due_portfolios(at=AFTER) == []
    assert services.judge_due_portfolios(at=AFTER + dt.timedelta(days=40)) == [(later, 2)]


def test_each_sees_their_own_municipality(
    client, cut_off, submitted, preparer, stranger, django_assert_max_num_queries
):
    services.judge_due_portfolios(at=AFTER)
    client.cookies["django_language"] = "en"
    client.force_login(preparer)
    with django_assert_max_num_queries(12):
        page = client.get("/projects/portfolios/").content.decode()
    assert "Campeche" in page
    lines = b"".join(client.get("/projects/portfolios/?format=csv").streaming_content).decode("utf-8-sig")
    assert [row["Rule"] for row in csv.DictReader(lines.splitlines())] == ["mix-ds", "mix-me"]
    client.force_login(stranger)
    assert "none has been judged yet" in client.get("/projects/portfolios/").content.decode()
    assert Project.objects.visible_to(stranger).count() == 0
