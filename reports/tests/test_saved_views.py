"""Saved views of the explorer, and finding places."""

import pytest
from django.urls import reverse

from polygons.models import City, Locality
from reports.models import SavedView

SAVE = "/polygons/views/"
SEARCH = "/polygons/search/"


@pytest.fixture
def view(preparer):
    return SavedView.objects.create(owner=preparer, name="Sin agua", query="colour=water&at_least=20")


def link(view, deed: str = "") -> str:
    return reverse(f"polygons:{deed}-view" if deed else "polygons:view", kwargs={"key": view.public_id})


def test_what_is_shown_is_saved_without_its_page(client, preparer):
    client.force_login(preparer)
    client.post(SAVE, {"name": "Drenaje", "query": "colour=drainage&page=3&format=csv"})
    saved = SavedView.objects.get()
    assert (saved.owner, saved.query, saved.is_shared) == (preparer, "colour=drainage", False)
    assert "Drenaje" in client.get("/polygons/").content.decode()


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 121}, {"name": "x", "query": "a" * 2_001}])
def test_a_view_without_a_fit_name_is_not_saved(client, preparer, wrong):
    client.force_login(preparer)
    page = client.post(SAVE, {"query": "colour=water"} | wrong, follow=True).content.decode()
    assert not SavedView.objects.exists() and "120" in page


def test_a_view_of_ones_own_opens(client, preparer, view):
    client.force_login(preparer)
    assert client.get(link(view)).url == "/polygons/?colour=water&at_least=20"


def test_what_is_not_shared_is_not_there_for_others(client, certifier, view):
    assert client.get(link(view)).status_code == 404
    client.force_login(certifier)
    assert client.get(link(view)).status_code == 404
    assert list(client.get("/polygons/").context["views"]) == []


def test_a_shared_view_shows_each_reader_their_own_scope(client, polygon_version, stranger, view):
    SavedView.objects.update(is_shared=True)
    assert len(client.get(link(view), follow=True).context["found"]) == 1
    client.force_login(stranger)
    assert len(client.get(link(view), follow=True).context["found"]) == 0


def test_only_its_owner_changes_or_deletes_a_view(client, preparer, certifier, view):
    SavedView.objects.update(is_shared=True)
    client.force_login(certifier)
    assert client.post(link(view, "change"), {"name": "Mía"}).status_code == 404
    assert client.post(link(view, "delete")).status_code == 404
    client.force_login(preparer)
    client.post(link(view, "change"), {"name": "Agua 2026", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("Agua 2026", True, "colour=water&at_least=20")
    client.post(link(view, "delete"))
    assert not SavedView.objects.exists()


def test_every_change_of_a_view_is_on_record(preparer, view):
    view.name = "Otra"
    view.save()
    view.delete()
    events = SavedView.pgh_event_model.objects.order_by("pgh_id").values_list("pgh_label", "name")
    assert list(events) == [("insert", "Sin agua"), ("update", "Otra"), ("delete", "Otra")]


# ---- Places ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def places(polygon_version, campeche, tlaxcala):
    Locality.objects.create(code="040020001", name="San Francisco", municipality=campeche)
    city = City.objects.create(code="063", name="Ciudad de Campeche", kind="conurbation")
    polygon_version.polygon.__class__.objects.filter(pk=polygon_version.polygon_id).update(city=city)


def found(client, text: str) -> list[tuple[str, str]]:
    places = client.get(SEARCH, {"q": text}).context["places"]
    return [(place.level, place.code) for place in places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("campe", [("state", "04"), ("municipality", "04002"), ("city", "063")]),
        ("bella", [("polygon", "04-0017")]),
        ("04-0", [("polygon", "04-0017")]),
        ("FRÁNCISCO", [("locality", "040020001")]),
        ("0400200010017", [("ageb", "0400200010017"), *(("block", f"0400200010017{n:03d}") for n in (1, 2, 3))]),
        ("0400200010017003", [("block", "0400200010017003")]),
        ("c", []),
        ("nowhere", []),
    ],
)
def test_places_are_found_by_name_and_key(client, places, text, expected):
    answer = found(client, text)
    assert [place for place in answer if place[0] != "ageb" or place in expected] == expected


def test_one_finds_places_of_ones_own_territory(client, places, stranger):
    client.force_login(stranger)
    assert found(client, "campe") == [] and found(client, "0400200010017003") == []
    assert client.get(SEARCH, {"level": "block", "code": "0400200010017003"}).url == "/polygons/"


@pytest.mark.parametrize(
    ("level", "code", "names"),
    [
        ("state", "04", {"state", "bbox"}),
        ("municipality", "04002", {"state", "municipality", "bbox"}),
        ("polygon", "04-0017", {"selected", "bbox"}),
        ("ageb", "0400200010017", {"grain", "state", "municipality", "bbox"}),
        ("block", "0400200010017003", {"grain", "state", "municipality", "selected", "bbox"}),
    ],
)
def test_a_place_is_gone_to_by_its_extent(client, places, level, code, names):
    answer = client.get(SEARCH, {"level": level, "code": code, "colour": "floor", "page": "2"}, follow=True)
    asked = answer.context["asked"]
    assert set(asked.data) == names | {"colour"} and asked.box is not None
    assert not answer.context["form"].errors and len(answer.context["found"]) > 0


def test_suggestions_are_options(client, places):
    page = client.get(SEARCH, {"q": "bella", "form": "list"}).content.decode()
    assert page.count('role="option"') == 1 and "<html" not in page


def test_searching_takes_few_queries(client, places, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        client.get(SEARCH, {"q": "040020", "form": "list"})
