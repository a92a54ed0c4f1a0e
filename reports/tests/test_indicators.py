"""A figure is the sum of the rows that open behind it, for everybody who may see it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser

from habitat.tests.fixtures import agreed
from polygons.models import CensusTotal
from projects.models import Ceiling, Contribution
from reports.indicators import Figures
from reports.scopes import Scope, scope_of

SEPTEMBER = dt.date(2026, 9, 30)


@pytest.fixture
def ceilings(rules, campeche, manager, agreement):
    """100 million for the nation, 20 for Campeche, 10 for its capital, 6 of them for ME."""
    nation = Ceiling.objects.create(
        fiscal_year=rules.fiscal_year, strand_id="G", amount=100_000_000, agreement=agreed(rules.fiscal_year)
    )
    state = Ceiling.objects.create(
        fiscal_year=rules.fiscal_year,
        strand_id="G",
        amount=20_000_000,
        agreement=agreement,
        parent=nation,
        state=campeche.state,
    )
    town = Ceiling.objects.create(
        fiscal_year=rules.fiscal_year,
        strand_id="G",
        amount=10_000_000,
        agreement=agreement,
        parent=state,
        state=campeche.state,
        municipality=campeche,
    )
    Ceiling.objects.create(
        fiscal_year=rules.fiscal_year,
        strand_id="G",
        amount=6_000_000,
        agreement=agreement,
        parent=town,
        state=campeche.state,
        municipality=campeche,
        modality_id="ME",
    )


@pytest.fixture(params=["nation", "state", "municipality", "polygon"])
def scope(request, campeche, polygon_version):
    return {
        "nation": Scope(),
        "state": Scope(campeche.state),
        "municipality": Scope(campeche.state, campeche),
        "polygon": Scope(campeche.state, campeche, polygon_version.polygon),
    }[request.param]


def test_every_level_tells_the_same_of_the_only_project(scope, running_project, technician):
    figures = Figures(scope, 2026, technician, SEPTEMBER)
    assert (figures.attended.count(), figures.polygons.count()) == (1, 1)
    assert figures.need.dwellings == 120
    assert figures.federal_at("approved") == Decimal(500_000)
    assert sum(figures.cost.values()) == Decimal(1_000_000)
    assert figures.spent == {"federal": Decimal("200000.15")}
    assert figures.physical.measured == pytest.approx(40)


def test_deficit_is_a_range_and_a_mask_is_never_zero(polygon_version, technician):
    water, drainage = Figures(Scope(), 2026, technician).need.shortages[:2]
    assert (water.low, water.high, water.base) == (60, 60, 108)
    assert (drainage.low, drainage.high) == (0, 108)


def test_stored_sums_of_a_polygon_are_those_of_its_blocks(polygon_version, technician):
    need = Figures(scope_of("04-0017"), 2026, technician).need
    assert [(s.low, s.high, s.base) for s in need.shortages[:2]] == [
        (polygon_version.water_low, polygon_version.water_high, polygon_version.base),
        (polygon_version.drainage_low, polygon_version.drainage_high, polygon_version.base),
    ]


def test_census_row_stands_beside_the_sum_of_blocks_and_never_in_it(polygon_version, campeche, technician):
    CensusTotal.objects.create(level="state", code="04", vintage=2020, name="Campeche", dwellings=260_824)
    figures = Figures(Scope(campeche.state), 2026, technician)
    assert (figures.census_row.dwellings, figures.need.dwellings) == (260_824, 120)
    assert Figures(Scope(), 2026, technician).census_row is None


def test_ceiling_is_that_of_the_node(ceilings, campeche, technician):
    millions = {
        Scope(): 100,
        Scope(campeche.state): 20,
        Scope(campeche.state, campeche): 10,
    }
    for scope, amount in millions.items():
        assert Figures(scope, 2026, technician).ceiling == amount * 1_000_000
    assert Figures(Scope(campeche.state), 2026, technician).ceilings_by_modality == {"ME": Decimal(6_000_000)}


def test_public_sees_works_and_neither_ledger_nor_ceiling(running_project, ceilings, campeche):
    public = Figures(Scope(), 2026, AnonymousUser())
    assert public.projects.count() == 1
    assert public.spent == {"federal": Decimal("200000.15")}
    assert (public.federal, public.ceiling) == ({}, None)


def test_neighbour_sees_nothing_of_ours(running_project, ceilings, stranger):
    theirs = Figures(Scope(), 2026, stranger)
    assert (theirs.projects.count(), theirs.federal, theirs.need.blocks, theirs.polygons.count()) == (0, {}, 0, 0)


def test_plan_follows_the_projects_own_dates(running_project, technician):
    """From 1 June to 30 September: 122 days, 61 of them by 31 July."""
    july, october = dt.date(2026, 7, 31), dt.date(2026, 10, 31)
    assert Figures(Scope(), 2026, technician, july).physical.planned == pytest.approx(50)
    assert Figures(Scope(), 2026, technician, october).physical.planned == pytest.approx(100)
    assert Figures(Scope(), 2026, technician, dt.date(2026, 5, 1)).physical.planned == 0


def test_months_add_up_to_the_figure(running_project, technician):
    figures = Figures(Scope(), 2026, technician, dt.date(2026, 11, 22))
    measured, planned = figures.physical_by_month()["ME"]
    assert measured[7:] == pytest.approx([0, 25, 40, 40])
    assert measured[-1] == pytest.approx(figures.physical.measured)
    assert planned[-1] == pytest.approx(100)


def test_dear_actions_weigh_more(running_project, technician):
    """Half of a project measured whole, the other half not at all, the one three times as dear."""
    dear = running_project.actions.create(action_type_id="ME01", quantity=10)
    Contribution.objects.create(action=dear, source="federal", amount=3_000_000)
    assert Figures(Scope(), 2026, technician).physical.measured == pytest.approx(10)


def test_nothing_approved_is_no_figure_and_not_zero(project, technician):
    physical = Figures(Scope(), 2026, technician).physical
    assert (physical.measured, physical.planned) == (None, None)
