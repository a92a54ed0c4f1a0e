"""Tiles drawn ahead: the same as those drawn on the spot, never of earlier data, never with another's drafts."""

import datetime as dt

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from habitat.accounts.models import Role, User
from polygons import tiles
from polygons.models import Block, MapChange, Polygon, PolygonVersion, StoredTile
from polygons.services import publish, recompute, store_tiles
from polygons.tests.test_tiles import HERE, tile_of

pytestmark = pytest.mark.django_db


def get(client, layer="blocks", z=13, person=None):
    client.logout()
    if person:
        client.force_login(person)
    cache.clear()
    return client.get(tile_of(layer, z, *HERE))


@pytest.fixture
def draft(polygon_version):
    """Another polygon over the same blocks, in the same municipality, that nobody published."""
    polygon = Polygon.objects.create(code="04-0099", name="Secreto", municipality=polygon_version.polygon.municipality)
    version = polygon.versions.create(
        number=1, source="drawn", vintage=2020, geometry=polygon_version.geometry, mercator=polygon_version.mercator,
        area=1,
    )  # fmt: skip
    version.blocks.set(Block.objects.all())
    recompute(version)
    return version


def test_a_stored_tile_is_what_would_be_drawn_on_the_spot(client, polygon_version):
    for layer, z in (("blocks", 11), ("blocks", 13), ("polygons", 6), ("polygons", 11)):
        before = get(client, layer, z).content
        store_tiles(now=True)
        assert StoredTile.objects.filter(layer=layer, z=z, body=before).exists(), (layer, z)
        assert get(client, layer, z).content == before


def test_what_is_stored_is_served_without_drawing(client, polygon_version, monkeypatch):
    store_tiles(now=True)
    monkeypatch.setattr(tiles, "draw", None)
    assert get(client).status_code == 200


def test_a_second_run_draws_nothing_and_a_change_only_its_own_layer(polygon_version):
    assert store_tiles(now=True).drawn
    assert store_tiles(now=True) == (0, 0, [])
    Block.objects.filter(code="0400200010017001").update(without_water=1)
    again = store_tiles(now=True)
    assert again.drawn == StoredTile.objects.filter(layer="blocks").count()
    assert again.swept == 0, "each was replaced in place"


def test_tiles_of_what_is_gone_are_swept(polygon_version):
    store_tiles(now=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE polygons_block CASCADE")
    stored = StoredTile.objects.filter(layer="blocks").count()
    assert store_tiles(now=True).swept == stored > 0
    assert not StoredTile.objects.filter(layer="blocks").exists()


def test_it_waits_until_the_data_have_settled(polygon_version):
    later = timezone.now() + dt.timedelta(minutes=3)
    assert store_tiles().unsettled == ["polygons", "blocks"]
    assert not StoredTile.objects.exists()
    assert store_tiles(at=later).unsettled == []
    assert StoredTile.objects.exists()


def test_nobody_gets_a_stored_tile_of_earlier_data(client, polygon_version):
    store_tiles(now=True)
    first = get(client)
    Block.objects.filter(code="0400200010017001").update(without_water=1)
    changed = get(client)
    assert changed["ETag"] != first["ETag"] and changed.content != first.content


def test_publishing_changes_everybodys_tile_at_once(client, polygon_version, draft):
    store_tiles(now=True)
    first = get(client, "polygons", 11)
    assert b"Secreto" not in first.content
    publish([draft.pk], reason="Estudio")
    again = client.get(tile_of("polygons", 11, *HERE), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200 and b"Secreto" in again.content


def test_a_draft_changes_the_tiles_of_those_who_read_drafts_alone(client, polygon_version, draft, technician):
    public, theirs = get(client, "polygons", 11)["ETag"], get(client, "polygons", 11, technician)["ETag"]
    PolygonVersion.objects.filter(pk=draft.pk).update(reason="Otra calle")
    assert get(client, "polygons", 11)["ETag"] == public
    assert get(client, "polygons", 11, technician)["ETag"] != theirs


def test_a_change_of_name_reaches_the_map(client, polygon_version):
    store_tiles(now=True)
    Polygon.objects.filter(pk=polygon_version.polygon_id).update(name="Nuevo nombre")
    assert b"Nuevo nombre" in get(client, "polygons", 11).content


@pytest.mark.django_db(transaction=True)
def test_who_began_earlier_and_commits_later_changes_the_version_too(client, polygon_version):
    """A latest moment of change would stay the same, and the tile of before would be served for ever."""
    kind = tiles.LAYERS["blocks"]
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; UPDATE polygons_block SET without_water = 1 WHERE code = '0400200010017001'")
        Block.objects.filter(code="0400200010017002").update(without_water=2)
        between = tiles.version_of(kind)
        with other.cursor() as cursor:
            cursor.execute("COMMIT")
        assert tiles.version_of(kind) != between
    finally:
        other.close()


def test_what_was_rolled_back_changes_nothing(polygon_version):
    kind = tiles.LAYERS["blocks"]
    before = tiles.version_of(kind)
    with transaction.atomic():
        Block.objects.update(without_water=3)
        assert tiles.version_of(kind) != before
        transaction.set_rollback(True)
    assert tiles.version_of(kind) == before


def test_old_marks_are_folded_and_the_version_stays(polygon_version):
    for _turn in range(520):
        Block.objects.filter(code="none").update(women=1)
    kind, later = tiles.LAYERS["blocks"], timezone.now() + dt.timedelta(hours=1)
    before = tiles.version_of(kind)
    store_tiles(at=later)
    assert tiles.version_of(kind) == before
    assert MapChange.objects.filter(source="blocks").count() == 1


TERRITORIES = ("mine", "other", "nation", "ended", "none")


@pytest.mark.parametrize("territory", TERRITORIES)
@pytest.mark.parametrize("role", Role.values)
def test_every_role_and_territory_sees_its_own_and_nothing_else(
    client, polygon_version, draft, stranger, role, territory
):
    """With the public's tiles stored, and after the others have filled the cache."""
    store_tiles(now=True)
    here = polygon_version.polygon.municipality
    place = {
        "mine": {"municipality": here},
        "other": {"municipality": stranger.municipality},
        "nation": {"is_national": True},
        "ended": {"is_national": True, "valid_to": dt.date(2020, 1, 1)},
        "none": {},
    }[territory]
    person = User.objects.create_user(f"{role}@example.mx", None, role=role, valid_from=dt.date(2019, 1, 1), **place)
    client.get(tile_of("polygons", 11, *HERE))
    client.get(tile_of("blocks", 13, *HERE))
    client.force_login(person)
    drawn = client.get(tile_of("polygons", 11, *HERE)), client.get(tile_of("blocks", 13, *HERE))
    # Whose account has ended is nobody in particular: the public's view is left.
    is_public = territory == "ended"
    sees = territory in ("mine", "nation") or is_public
    assert [answer.status_code for answer in drawn] == ([200, 200] if sees else [204, 204])
    assert (b"Secreto" in drawn[0].content) == (sees and not is_public and person.reads_draft_polygons)
    client.logout()
    assert b"Secreto" not in client.get(tile_of("polygons", 11, *HERE)).content


def test_another_territorys_version_is_no_key_to_its_tile(client, polygon_version, certifier, stranger):
    """Who sends the tag of another's tile is not told that it is unchanged."""
    theirs = get(client, "blocks", 13, certifier)["ETag"]
    client.force_login(stranger)
    assert client.get(tile_of("blocks", 13, *HERE), headers={"if-none-match": theirs}).status_code == 204


def test_a_stored_tile_takes_two_queries_and_an_unchanged_one_a_single_one(
    client, polygon_version, django_assert_num_queries
):
    store_tiles(now=True)
    address = tile_of("blocks", 13, *HERE)
    with django_assert_num_queries(2):
        first = client.get(address)
    with django_assert_num_queries(1):
        assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_the_clock_draws_tiles(polygon_version, settings):
    assert settings.CELERY_BEAT_SCHEDULE["draw_tiles"]["args"] == ("draw_tiles",)
    call_command("draw_tiles", now=True)
    assert set(StoredTile.objects.filter(layer="blocks").values_list("z", flat=True)) == {11, 12, 13}


def test_tilejson_says_where_and_what(client, polygon_version):
    said = client.get(reverse("polygons:layer", args=["blocks"])).json()
    assert said["tilejson"] == "3.0.0" and (said["minzoom"], said["maxzoom"]) == (11, 16)
    assert said["tiles"] == ["http://testserver/polygons/tiles/blocks/{z}/{x}/{y}.mvt"]
    west, south, east, north = said["bounds"]
    assert west <= HERE[0] <= east and south <= HERE[1] <= north and east - west < 0.1
    (layer,) = said["vector_layers"]
    assert layer["id"] == "blocks"
    assert layer["fields"]["ageb"] == layer["fields"]["number"] == "String"
    assert layer["fields"]["water_low"] == "Number"
    polygons = client.get(reverse("polygons:layer", args=["polygons"])).json()
    assert [layer["id"] for layer in polygons["vector_layers"]] == ["polygons", "polygons-names"]
    assert client.get("/polygons/tiles/streets.json").status_code == 404


def test_tilejson_tells_nobody_where_others_drafts_lie(client, polygon_version, draft, technician):
    far = "SRID=4326;MULTIPOLYGON(((-99 19, -98.9 19, -98.9 19.1, -99 19)))"
    shape = MultiPolygon.from_ewkt(far)
    PolygonVersion.objects.filter(pk=draft.pk).update(geometry=shape, mercator=shape.transform(3857, clone=True))
    address = reverse("polygons:layer", args=["polygons"])
    assert client.get(address).json()["bounds"][0] > -91
    client.force_login(technician)
    assert client.get(address).json()["bounds"][0] == -99
