"""Capture opens and closes at an instant of the municipality's own clock."""

import datetime as dt

import pytest
from django.urls import reverse

from habitat.tests.fixtures import YEAR
from modalities.models import Milestone
from projects import services
from projects.models import Project, Status
from projects.windows import capture_of


@pytest.fixture
def window(pipe):
    """The country's: until the last second of 15 April, six in the evening; the rest of the year as it was."""
    row = Milestone.objects.get(fiscal_year=YEAR, kind="capture", state_code="")
    row.opens_on, row.closes_on, row.closes_time = dt.date(YEAR, 3, 1), dt.date(YEAR, 4, 15), dt.time(18, 0)
    row.save()
    return row


SECOND = dt.timedelta(seconds=1)
# Zone -> the last instant of 18:00:00 there: Mérida is six hours behind UTC, Hermosillo seven, all year.
INSTANTS = {
    "America/Merida": dt.datetime(YEAR, 4, 16, 0, 0, 0, tzinfo=dt.UTC),
    "America/Hermosillo": dt.datetime(YEAR, 4, 16, 1, 0, 0, 999_999, tzinfo=dt.UTC),
}


@pytest.mark.parametrize(("zone", "last"), INSTANTS.items())
def test_one_second_late_is_refused_and_the_draft_stays_readable(client, pipe, window, preparer, certifier, zone, last):
    pipe.municipality.time_zone = zone
    pipe.municipality.save()
    Project.objects.filter(pk=pipe.pk).update(ready_at=last, ready_by=preparer)

    def stops(moment: dt.datetime) -> bool:
        offer = next(o for o in services.offers(pipe, certifier, moment) if o.step.name == "submit")
        return any("18:00 h" in sentence for sentence in offer.why_not)

    assert not stops(last)
    late = last + SECOND
    assert stops(late)
    with pytest.raises(services.StepRefused, match="18:00 h"):
        services.take_step(pipe, "submit", by=certifier, at=late)
    pipe.refresh_from_db()
    assert pipe.status == Status.DRAFT
    client.force_login(preparer)
    shown = client.get(reverse("projects:edit", args=[pipe.pk, "work"]))
    assert shown.status_code == 200
    assert pipe.name in shown.text


def test_the_words_say_how_long_and_whose_clock(pipe, window):
    place = pipe.municipality
    place.time_zone = "America/Hermosillo"
    closes = dt.datetime(YEAR, 4, 16, 1, 0, 1, tzinfo=dt.UTC)
    capture = capture_of(pipe.fiscal_year, place, closes - dt.timedelta(hours=2))
    assert capture.turns_at == closes
    assert "2" in capture.words
    assert "18:00 h de Hermosillo" in capture.words
    assert "menos de un minuto" in capture_of(pipe.fiscal_year, place, closes - dt.timedelta(seconds=59)).words
    assert capture_of(pipe.fiscal_year, place, closes).is_over
    before = capture_of(pipe.fiscal_year, place, dt.datetime(YEAR, 3, 1, 6, 59, 59, tzinfo=dt.UTC))
    assert not before.is_open
    assert "00:00 h de Hermosillo" in before.words


TYPED = {
    "opens_on": f"{YEAR}-03-01", "opens_time": "09:00:00", "closes_on": f"{YEAR}-05-31", "closes_time": "23:59:59",
    "source": "Oficio 12",
}  # fmt: skip


def test_the_program_unit_writes_the_windows_and_does_not_overwrite_each_other(client, rules, campeche, manager):
    client.force_login(manager)
    url = f"/projects/windows/{YEAR}/04/"
    assert client.post(url, TYPED | {"closes_on": f"{YEAR}-02-01"}).status_code == 400
    assert client.post(url, TYPED).url == f"/projects/windows/{YEAR}/"
    row = Milestone.objects.get(state_code="04")
    assert (row.closes, row.source) == (dt.datetime(YEAR, 5, 31, 23, 59, 59), "Oficio 12")
    assert Milestone.pgh_event_model.objects.filter(pgh_obj_id=row.pk, source="Oficio 12").exists()
    late = client.post(url, TYPED | {"source": "Oficio 13"})
    assert late.status_code == 409
    assert "Oficio 12" in late.text
    seen = {"seen": late.context["seen"]}
    assert client.post(url, TYPED | {"source": "Oficio 13"} | seen).status_code == 302
    listed = client.get(f"/projects/windows/{YEAR}/")
    assert "Oficio 13" in listed.text
    assert "Oficio 13" in b"".join(client.get(f"/projects/windows/{YEAR}/?format=csv")).decode()
    client.post(url, {"remove": "1"} | seen)
    assert Milestone.objects.filter(state_code="04").exists(), "somebody changed it since"
    client.post(url, {"remove": "1", "seen": client.get(url).context["seen"]})
    assert not Milestone.objects.filter(state_code="04").exists()
    country = f"/projects/windows/{YEAR}/country/"
    client.post(country, {"remove": "1", "seen": client.get(country).context["seen"]})
    assert Milestone.objects.filter(kind="capture", state_code="").exists()


def test_the_desk_of_a_municipality_says_when_capture_closes(client, project, preparer):
    client.force_login(preparer)
    assert "h de Mérida" in client.get("/").text


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED])
def test_the_button_to_mark_ready_says_what_the_server_would(client, project, preparer, status):
    Project.objects.filter(pk=project.pk).update(status=status)
    client.force_login(preparer)
    url = f"/projects/{project.pk}/edit/summary/"
    for price in (None, "3.5"):
        project.actions.update(unit_price=price)
        shown = client.get(url)
        is_offered = not (shown.context["why_not"] or not shown.context["is_open"])
        assert (" disabled>" in shown.text.split('class="form-actions"')[1][:200]) is not is_offered
        client.post(url)
        project.refresh_from_db()
        assert bool(project.ready_at) is is_offered
        Project.objects.filter(pk=project.pk).update(ready_at=None, ready_by=None)
