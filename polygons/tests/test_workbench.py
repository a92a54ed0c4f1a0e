import json

import pytest
from django.urls import reverse

from polygons.models import Block, City, Polygon, PolygonVersion
from polygons.services import new_draft, refresh_totals

BENCH = "/polygons/workbench/"
CHOICE = {
    "place": "04002",
    "vintage": "2020",
    "variable": "water",
    "kind": "value",
    "threshold": "20",
    "gap": "60",
    "min_dwellings": "100",
}


@pytest.fixture
def street(make_block):
    """Six blocks in a row; the fourth has water."""
    lacking = {"without_water": 20, "with_water": 16}
    served = {"without_water": 0, "with_water": 36}
    return [make_block(number, **(served if number == 4 else lacking)) for number in range(1, 7)]


@pytest.fixture
def draft(street, campeche, technician):
    return new_draft(
        blocks=[block.code for block in street[:3]],
        vintage=2020,
        municipality=campeche,
        name="Bellavista",
        by=technician,
    )


@pytest.fixture
def bench(client, technician):
    client.force_login(technician)
    return client


def address(draft: PolygonVersion) -> str:
    return reverse("polygons:draft", args=[draft.polygon.code])


def codes(draft: PolygonVersion) -> list[str]:
    return sorted(draft.blocks.values_list("code", flat=True))


def act(client, draft, deed, blocks=(), keys="", revision=None, **more):
    return client.post(
        address(draft),
        {"deed": deed, "blocks": [b.code for b in blocks], "keys": keys, "revision": revision or draft.revision} | more,
    )


def test_a_place_is_found_by_name_and_by_key(bench, campeche):
    City.objects.create(code="063", name="Campeche", kind=City.Kind.URBAN_CENTRE)
    page = bench.get(BENCH, {"q": "campe"}).content.decode()
    assert '?place=063"' in page and '?place=04002"' in page
    assert '?place=04002"' in bench.get(BENCH, {"q": "04002"}).content.decode()
    assert "?place=" not in bench.get(BENCH, {"q": "atlantis"}).content.decode()


def test_the_first_page_offers_the_open_drafts_and_the_cities_with_blocks(bench, draft, street):
    city = City.objects.create(code="063", name="Campeche", kind=City.Kind.URBAN_CENTRE)
    Block.objects.update(city=city)
    refresh_totals([2020])
    page = bench.get(BENCH).content.decode()
    assert '?place=063"' in page and address(draft) in page
    drafts = reverse("polygons:drafts")
    assert f'href="{drafts}"' in page
    for asked, found in [("", 1), ("?place=04002", 1), ("?place=29033", 0), ("?q=bella", 1), ("?q=x", 0)]:
        assert len(bench.get(f"{drafts}{asked}").context["table"].data) == found


def test_the_address_holds_the_choice_and_previews_without_writing(bench, street):
    page = bench.get(BENCH, CHOICE)
    assert page.status_code == 200
    seen = page.context["preview"]
    assert (seen.count, seen.totals["block_count"]) == (1, 3)
    outlines = json.loads(seen.outlines)
    assert outlines["features"][0]["properties"] == {"number": 1}
    assert "Save as drafts" in page.content.decode() or "Guardar como borradores" in page.content.decode()
    assert not Polygon.objects.exists()


@pytest.mark.parametrize(("min_dwellings", "blocks", "is_warned"), [("100", 3, False), ("1", 5, True)])
def test_a_choice_that_takes_every_deprived_block_is_warned_of(bench, street, min_dwellings, blocks, is_warned):
    page = bench.get(BENCH, CHOICE | {"min_dwellings": min_dwellings})
    seen = page.context["preview"]
    assert (seen.totals["block_count"], seen.totals["deprived"], seen.takes_all) == (blocks, 5, is_warned)
    assert ('class="notice warn"' in page.content.decode()) is is_warned


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": "0"},
        {"threshold": "101"},
        {"threshold": "x"},
        {"variable": "nothing"},
        {"vintage": "1999"},
        {"gap": "0"},
        {"gap": "99999999999"},
        {"min_dwellings": "-1"},
        {"kind": "decile", "threshold": "10"},
        {"kind": ""},
    ],
)
def test_a_wrong_choice_is_told_at_its_form(bench, street, wrong):
    page = bench.get(BENCH, CHOICE | wrong)
    assert page.status_code == 200
    assert page.context["preview"] is None
    assert "error-summary" in page.content.decode()


def test_saving_draws_drafts_and_says_how_many(bench, street, technician):
    page = bench.post(BENCH, CHOICE | {"deed": "save"}, follow=True)
    version = PolygonVersion.objects.get()
    assert (version.status, version.by, version.block_count) == ("draft", technician, 3)
    assert version.polygon.name in page.content.decode()


def test_saving_again_leaves_a_draft_that_somebody_works_on(bench, street):
    bench.post(BENCH, CHOICE | {"deed": "save"})
    wider = CHOICE | {"gap": "200", "deed": "save"}
    page = bench.post(BENCH, wider, follow=True)
    assert PolygonVersion.objects.get().block_count == 3
    assert "borrador" in [str(message) for message in page.context["messages"]][-1]


def test_drafts_are_published_together_with_a_reason(bench, draft):
    chosen = {"place": "04002", "deed": "publish", "drafts": [draft.pk]}
    bench.post(BENCH, chosen | {"reason": " "})
    assert PolygonVersion.objects.get().status == "draft"
    bench.post(BENCH, chosen | {"reason": "Acta 4/2026"})
    version = PolygonVersion.objects.get()
    assert (version.status, version.reason) == ("published", "Acta 4/2026")


def test_a_technician_of_another_state_finds_neither_place_nor_draft(client, draft, make_user, tlaxcala):
    client.force_login(make_user("technician", state=tlaxcala.state))
    assert client.get(BENCH, CHOICE).status_code == 404
    assert client.get(address(draft)).status_code == 404
    assert not client.get(reverse("polygons:drafts")).context["table"].data
    assert act(client, draft, "discard").status_code == 404
    assert client.get(reverse("polygons:draft_blocks", args=[draft.polygon.code])).status_code == 404
    assert "?place=" not in client.get(BENCH, {"q": "campeche"}).content.decode()


def test_blocks_are_added_by_box_and_by_key(bench, draft, street):
    page = act(bench, draft, "add", blocks=[street[3]], keys=f"{street[4].code}, {street[0].code.lower()}")
    assert page.status_code == 302
    assert codes(draft) == [block.code for block in street[:5]]
    draft.refresh_from_db()
    assert (draft.block_count, draft.water_low) == (5, 80)


def test_what_is_no_key_is_named_and_nothing_is_added(bench, draft, street):
    page = act(bench, draft, "add", keys=f"{street[4].code}; 0400")
    words = page.content.decode()
    assert page.status_code == 409 and "16 caracteres: 0400" in words
    assert f"0400\n{street[4].code}</textarea>" in words, "what was written stays"
    assert codes(draft) == [block.code for block in street[:3]]


def test_what_a_lasso_caught_outside_the_polygon_is_not_removed(bench, draft, street):
    act(bench, draft, "remove", blocks=[street[2], street[3]])
    assert codes(draft) == [block.code for block in street[:2]]


def test_chosen_blocks_become_a_polygon_of_their_own(bench, draft, street):
    act(bench, draft, "split", blocks=[street[0]])
    assert codes(draft) == [block.code for block in street[1:3]]
    other = PolygonVersion.objects.exclude(pk=draft.pk).get()
    assert (codes(other), other.status) == ([street[0].code], "draft")


def test_two_drafts_are_merged(bench, draft, street, campeche):
    other = new_draft(blocks=[street[4].code], vintage=2020, municipality=campeche, name="B")
    act(bench, draft, "merge", other=other.polygon.code)
    assert codes(draft) == [block.code for block in [*street[:3], street[4]]]
    assert not PolygonVersion.objects.filter(pk=other.pk).exists()


def test_a_draft_is_published_from_its_page(bench, draft):
    assert act(bench, draft, "publish", reason="Acta 4/2026").status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.reason) == ("published", "Acta 4/2026")


def test_a_draft_is_discarded(bench, draft):
    assert act(bench, draft, "discard").status_code == 302
    assert not PolygonVersion.objects.exists()


@pytest.mark.parametrize("deed", ["add", "remove", "split", "merge", "publish", "nothing", ""])
def test_an_empty_deed_is_refused_with_a_sentence(bench, draft, street, deed):
    page = act(bench, draft, deed)
    assert page.status_code == 409
    assert 'role="alert"' in page.content.decode()
    assert codes(draft) == [block.code for block in street[:3]]


@pytest.mark.parametrize("deed", ["add", "remove", "split", "merge", "publish", "discard"])
def test_the_second_technician_is_told_and_keeps_what_was_chosen(
    bench, draft, street, campeche, client, make_user, deed
):
    other = new_draft(blocks=[street[5].code], vintage=2020, municipality=campeche, name="B")
    seen = draft.revision
    act(bench, draft, "add", blocks=[street[3]])
    client.force_login(make_user("technician", is_national=True))
    mine = [street[0], street[4]]
    page = act(client, draft, deed, blocks=mine, revision=seen, other=other.polygon.code, reason="Acta")
    assert page.status_code == 409
    assert codes(draft) == [block.code for block in street[:4]]
    assert PolygonVersion.objects.filter(status="draft").count() == 2
    assert page.context["chosen"] == {block.code for block in mine}
    assert page.context["version"].revision == seen + 1
    # Pressing again, over what is there now, works.
    assert (
        act(client, draft, deed, blocks=mine, revision=seen + 1, other=other.polygon.code, reason="A").status_code
        == 302
    )


def test_a_draft_discarded_meanwhile_leads_back_to_the_workbench(bench, draft, street):
    url = address(draft)
    act(bench, draft, "discard")
    assert bench.post(url, {"deed": "add", "blocks": [street[3].code], "revision": 1}).status_code == 404


def test_blocks_near_it_are_offered_and_others_found_by_key(bench, draft, street):
    near = bench.get(address(draft), {"show": "near"}).context["blocks"]
    assert [block.code for block in near] == [block.code for block in street[3:5]]
    found = bench.get(address(draft), {"show": "near", "q": street[5].code.lower()}).context["blocks"]
    assert [block.code for block in found] == [street[5].code]
    mine = bench.get(address(draft), {"q": "0400200010017002"}).context["blocks"]
    assert [block.code for block in mine] == [street[1].code]


def test_the_map_gets_members_and_neighbours(bench, draft, street):
    body = bench.get(reverse("polygons:draft_blocks", args=[draft.polygon.code])).json()
    found = {f["properties"]["code"]: f["properties"]["member"] for f in body["features"]}
    assert found == {block.code: number < 3 for number, block in enumerate(street[:5])}
    assert len(body["features"][0]["properties"]["spot"]) == 2


def test_a_draft_that_follows_starts_from_the_version_in_force(bench, polygon_version):
    url = reverse("polygons:draft", args=[polygon_version.polygon.code])
    assert bench.get(url).status_code == 200
    bench.post(url)
    follower = polygon_version.polygon.versions.get(status="draft")
    assert codes(follower) == codes(polygon_version)
    assert bench.get(url).context["version"] == follower


def test_pages_have_a_fixed_number_of_queries(bench, draft, street, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        bench.get(BENCH, CHOICE)
    with django_assert_max_num_queries(14):
        bench.get(address(draft), {"show": "near"})
