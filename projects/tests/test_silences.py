import datetime as dt

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from projects import services
from projects.models import Photo, Silence
from projects.refusals import StepForbidden, StepRefused


@pytest.fixture
def silence(campeche, manager):
    """Of Campeche, from 1 March at noon to 5 April 2026 whole, on its own clock (UTC-6)."""
    row = Silence(
        state=campeche.state, election="Local", source="INE", starts_on=dt.date(2026, 3, 1),
        starts_time=dt.time(12), ends_on=dt.date(2026, 4, 5),
    )  # fmt: skip
    return services.save_silence(row, by=manager)


@pytest.fixture
def vote(campeche, manager):
    """A silence of one state that runs today; of Campeche where none is named."""

    def call(state=campeche.state) -> Silence:
        today = timezone.localdate()
        row = Silence(
            state=state, election="Local", source="INE", starts_on=today - dt.timedelta(2),
            ends_on=today + dt.timedelta(2),
        )  # fmt: skip
        return services.save_silence(row, by=manager)

    return call


@pytest.fixture
def shown(project, lead, reviewer):
    """A photograph of an approved work that the public sees."""
    lead(project, "approve")
    photo = Photo.objects.create(
        project=project, stage="before", file="x", original_name="calle.jpg", content_type="image/jpeg", size=1,
        sha256="0" * 64, status="done", released_at=timezone.now(), released_by=reviewer,
    )  # fmt: skip
    photo.copy.save("calle.jpg", ContentFile(b"jpeg"))
    photo.thumbnail.save("calle.jpg", ContentFile(b"jpeg"))
    return photo


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


def test_one_that_ends_before_it_begins_is_refused_in_words(client, manager):
    client.force_login(manager)
    said = {"state": "", "election": "Federal", "starts_on": "2031-06-01", "starts_time": "00:00:00",
            "ends_on": "2031-05-01", "ends_time": "23:59:59", "source": "INE"}  # fmt: skip
    page = client.post("/projects/silences/new/", said)
    assert page.context["form"].errors == {"ends_on": ["Debe terminar después de empezar."]}
    with pytest.raises(ValidationError) as refused:
        Silence(starts_on=dt.date(2031, 6, 1), ends_on=dt.date(2031, 5, 1)).validate_constraints()
    assert "silence_in_order" not in str(refused.value)


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


def seen_of(client, photo: Photo) -> list[int]:
    """What the addresses of a photograph answer: its page, its picture."""
    whole = f"/projects/{photo.project_id}/photos/{photo.pk}/"
    return [client.get(address).status_code for address in (whole, f"{whole}copy/")]


def test_photographs_of_a_silent_state_are_kept_from_the_public_and_what_the_law_asks_for_stays(client, shown, vote):
    work = f"/projects/{shown.project_id}/"
    picture = f"{work}photos/{shown.pk}/thumbnail/"
    assert (seen_of(client, shown), picture in client.get(f"{work}photos/").text) == ([200, 200], True)
    vote()
    assert seen_of(client, shown) == [404, 404]
    gallery, record, comments = (client.get(f"{work}{page}").text for page in ("photos/", "", "comments/"))
    assert picture not in gallery
    assert all("Veda electoral hasta el" in page for page in (gallery, record, comments))
    # Cost, comments and open data are no promotion.
    assert "$1,000,000.00" in record and "Enviar" in comments
    assert client.get("/open-data/").status_code == 200
    assert client.get("/complaints/").status_code == 200


def test_a_silence_of_elsewhere_or_of_yesterday_keeps_nothing_back(client, shown, vote, tlaxcala):
    vote(tlaxcala.state)
    yesterday = timezone.localdate() - dt.timedelta(3)
    Silence.objects.create(
        state=shown.project.municipality.state,
        election="Local",
        starts_on=yesterday - dt.timedelta(9),
        ends_on=yesterday,
    )
    assert seen_of(client, shown) == [200, 200]


def test_those_who_work_with_photographs_still_see_them(client, shown, vote, reviewer):
    vote()
    client.force_login(reviewer)
    assert seen_of(client, shown) == [200, 200]


def test_a_handover_on_a_silent_day_is_held_without_a_public_act(client, project, lead, vote, reviewer, certificate):
    lead(project, "finish")
    vote()
    client.force_login(reviewer)
    for page in ("certificate/", "steps/hand_over/"):
        assert "los actos públicos y su difusión están suspendidos" in client.get(f"/projects/{project.pk}/{page}").text
    issued = certificate(project, on=timezone.localdate())
    text = pypdf.PdfReader(issued.file.file).pages[0].extract_text()
    assert "sin acto público ni difusión" in " ".join(text.split())
