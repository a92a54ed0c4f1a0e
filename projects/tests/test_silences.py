import datetime as dt

import pytest

from projects import services
from projects.models import Silence
from projects.refusals import StepForbidden, StepRefused


@pytest.fixture
def silence(campeche, manager):
    """Of Campeche, from 1 March at noon to 5 April 2026 whole, on its own clock (UTC-6)."""
    row = Silence(
        state=campeche.state, election="Local", source="INE", starts_on=dt.date(2026, 3, 1),
        starts_time=dt.time(12), ends_on=dt.date(2026, 4, 5),
    )  # fmt: skip
    return services.save_silence(row, by=manager)


@pytest.mark.parametrize(
    ("moment", "is_silent"),
    [
        (dt.datetime(2026, 3, 1, 17, 59, 59, tzinfo=dt.UTC), False),
        (dt.datetime(2026, 3, 1, 18, 0, 0, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 4, 6, 5, 59, 59, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 4, 6, 6, 0, 0, tzinfo=dt.UTC), False),
    ],
)
def test_a_silence_runs_on_the_states_own_clock(silence, moment, is_silent):
    assert services.is_silent("04", moment) is is_silent


def test_one_state_is_silent_and_its_neighbour_speaks(silence, tlaxcala):
    at = dt.datetime(2026, 3, 15, tzinfo=dt.UTC)
    assert services.silent_states(at) == {"04"}
    assert not services.is_silent("29", at)


def test_one_that_has_begun_is_not_taken_away(silence, manager):
    with pytest.raises(StepRefused):
        services.drop_silence(silence, by=manager, at=dt.datetime(2026, 3, 15, tzinfo=dt.UTC))


def test_only_the_program_unit_writes_them(silence, delegate):
    with pytest.raises(StepForbidden):
        services.save_silence(silence, by=delegate)


def test_the_front_page_is_silent_by_itself(client, rules, manager, campeche):
    today = dt.date.today()
    row = Silence(election="Federal", source="INE", starts_on=today - dt.timedelta(2), ends_on=today + dt.timedelta(2))
    services.save_silence(row, by=manager)
    page = client.get("/").content.decode()
    assert "Veda electoral" in page
    assert "Obras recientes" not in page
