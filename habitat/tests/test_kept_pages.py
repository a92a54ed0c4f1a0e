"""Pages of features that are kept: for whom, until when, and never a stale one."""

import datetime as dt
import gzip
import json

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from polygons.models import Block, Polygon, PolygonVersion


@pytest.fixture
def api():
    return APIClient()


def page(api, name="blocks", **params):
    return api.get(f"/api/v1/{name}/", {"format": "geojson", **params})


def kept(api, name="blocks", **params):
    """The page after it was asked for twice, so that it is kept from then on."""
    for _time in range(2):
        page(api, name, **params)
    return page(api, name, **params)


def numbers(answer):
    return {feature["properties"]["code"] for feature in json.loads(answer.content)["features"]}


def test_a_page_asked_for_again_is_kept_and_no_block_read(api, make_block, django_assert_num_queries):
    make_block(1)
    first = page(api)
    page(api)
    with django_assert_num_queries(1):
        again = page(api)
    assert again.content == first.content
    # In another order, the same question.
    with django_assert_num_queries(1):
        assert api.get("/api/v1/blocks/?format=geojson").content == first.content


def test_a_page_asked_for_once_takes_no_room(api, make_block, monkeypatch):
    make_block(1)
    held = []
    monkeypatch.setattr(cache, "set", lambda key, value, *rest: held.append((key, value)))
    page(api)
    assert [value for key, value in held if key.startswith("page-")] == [b""]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("blocks", lambda: Block.objects.update(population=77)),
        ("blocks", lambda: Block.objects.filter(polygon_versions=None).delete()),
        ("polygons", lambda: Polygon.objects.update(name="Otro nombre")),
        ("polygons", lambda: PolygonVersion.objects.update(valid_to=dt.date(2026, 12, 1))),
    ],
)
def test_a_kept_page_is_given_up_with_the_change(api, polygon_version, make_block, name, change):
    make_block(9)
    before = kept(api, name)
    change()
    after = page(api, name, limit=100)
    cache.clear()
    assert page(api, name, limit=100).content == after.content
    assert page(api, name).content != before.content


def test_what_is_published_shows_at_once_and_members_by_polygon_with_it(api, polygon_version):
    code = polygon_version.polygon.code
    PolygonVersion.objects.update(status="draft")
    assert numbers(kept(api, "polygons")) == set() == numbers(kept(api, polygon=code))
    PolygonVersion.objects.update(status="published")
    assert numbers(page(api, "polygons")) == {code}
    assert len(numbers(page(api, polygon=code))) == polygon_version.blocks.count()


def test_nobody_gets_the_page_of_another_territory(api, make_block, certifier, stranger, homeless):
    make_block(1)
    public = kept(api)
    seen = {}
    for person in (certifier, stranger, homeless):
        api.force_authenticate(person)
        seen[person] = kept(api)
    assert [len(numbers(seen[person])) for person in (certifier, stranger, homeless)] == [1, 0, 0]
    assert seen[certifier]["ETag"] not in {public["ETag"], seen[stranger]["ETag"], seen[homeless]["ETag"]}
    # Somebody else's tag is no proof of having the page.
    answer = api.get("/api/v1/blocks/?format=geojson", headers={"if-none-match": public["ETag"]})
    assert (answer.status_code, numbers(answer)) == (200, set())


def test_a_draft_is_in_no_page_but_of_those_who_read_drafts(api, polygon_version, technician):
    PolygonVersion.objects.update(status="draft")
    api.force_authenticate(technician)
    params = {"version": 1}
    assert len(numbers(kept(api, "polygons", **params))) == 1
    api.force_authenticate(None)
    assert numbers(page(api, "polygons", **params)) == set()


def test_whoever_has_the_page_is_told_so_until_it_changes(api, make_block):
    make_block(1)
    first = page(api)
    assert first["Cache-Control"] == "private, no-cache"
    tag = {"if-none-match": first["ETag"]}
    answer = api.get("/api/v1/blocks/?format=geojson", headers=tag)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", first["ETag"])
    make_block(2)
    assert api.get("/api/v1/blocks/?format=geojson", headers=tag).status_code == 200


def test_a_kept_page_comes_packed_to_those_who_take_it_so(api, make_block):
    make_block(1)
    plain = kept(api)
    packed = api.get("/api/v1/blocks/?format=geojson", headers={"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert gzip.decompress(packed.content) == plain.content
    assert "Accept-Encoding" in packed["Vary"]


def test_links_of_a_kept_page_lead_to_the_host_that_was_asked(api, polygon_version, settings):
    settings.ALLOWED_HOSTS = ["testserver", "habitat.example"]
    kept(api, limit=1)
    answer = api.get("/api/v1/blocks/?format=geojson&limit=1", headers={"host": "habitat.example"})
    assert json.loads(answer.content)["links"][0]["href"].startswith("http://habitat.example/")


def test_a_page_since_a_moment_is_never_kept(api, make_block):
    make_block(1)
    assert "ETag" not in page(api, updated_since="2020-01-01T00:00:00Z")


def test_a_wrong_parameter_is_refused_beside_a_kept_page(api, make_block):
    make_block(1)
    kept(api)
    assert page(api, nonsense="1").status_code == page(api, bbox="a,b").status_code == 400
