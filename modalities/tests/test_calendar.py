import datetime as dt

import pytest

from modalities import services
from modalities.models import Milestone

CAMPECHE = {"state_code": "04", "time_zone": "America/Merida"}
TIJUANA = {"state_code": "02", "time_zone": "America/Tijuana"}


@pytest.fixture
def year(rules):
    rules.fiscal_year.milestones.filter(kind="capture").update(
        opens_on=dt.date(2026, 3, 1), closes_on=dt.date(2026, 4, 30)
    )
    return rules.fiscal_year


def capture_is_open(year, place, moment: str) -> bool:
    return services.is_open(year, Milestone.Kind.CAPTURE, at=dt.datetime.fromisoformat(moment), **place)


def test_a_window_closes_at_the_end_of_the_last_day_on_the_municipalitys_clock(year):
    # 06:30 UTC is half past midnight in Campeche and 23:30 of the day before in Tijuana.
    assert capture_is_open(year, CAMPECHE, "2026-05-01T05:30:00+00:00")
    assert not capture_is_open(year, CAMPECHE, "2026-05-01T06:30:00+00:00")
    assert capture_is_open(year, TIJUANA, "2026-05-01T06:30:00+00:00")


def test_a_window_opens_at_midnight_on_the_municipalitys_clock(year):
    assert not capture_is_open(year, CAMPECHE, "2026-03-01T05:30:00+00:00")
    assert capture_is_open(year, CAMPECHE, "2026-03-01T06:30:00+00:00")


def test_a_states_own_window_wins_over_the_countrys(year):
    Milestone.objects.create(
        fiscal_year=year, kind="capture", state_code="04", opens_on=dt.date(2026, 5, 1), closes_on=dt.date(2026, 5, 31)
    )
    assert capture_is_open(year, CAMPECHE, "2026-05-15T18:00:00+00:00")
    assert not capture_is_open(year, TIJUANA, "2026-05-15T18:00:00+00:00")


def test_a_progress_window_is_of_its_month(year):
    Milestone.objects.create(
        fiscal_year=year, kind="progress", month=6, opens_on=dt.date(2026, 7, 1), closes_on=dt.date(2026, 7, 10)
    )
    assert services.window(year, "progress", "04", 6).closes_on == dt.date(2026, 7, 10)
    assert services.window(year, "progress", "04", 7) is None


def test_where_the_calendar_is_silent_nothing_is_open(year):
    at = dt.datetime(2026, 6, 1, 18, tzinfo=dt.UTC)
    assert not services.is_open(year, Milestone.Kind.REFUND, at=at, **CAMPECHE)
