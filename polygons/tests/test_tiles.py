import math

import pytest
from django.db import connection
from django.urls import reverse

from polygons.models import Block, City
from polygons.services import publish, recompute


def tile_of(layer: str, z: int, lon: float, lat: float) -> str:
    size = 2**z
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    x, y = int((lon + 180) / 360 * size), int((1 - north) / 2 * size)
    return reverse("polygons:tile", args=[layer, z, x, y])


HERE = (-90.5295, 19.8305)


@pytest.mark.parametrize(
    ("layer", "z"), [("blocks", z) for z in range(11, 17)] + [("polygons", z) for z in range(6, 17)]
)
def test_no_tile_is_blank_where_there_is_data(client, polygon_version, layer, z):
    response = client.get(tile_of(layer, z, *HERE))
    assert response.status_code == 200
    assert layer.encode() in response.content


def test_a_tile_says_what_the_map_needs(client, polygon_version):
    blocks = client.get(tile_of("blocks", 14, *HERE)).content
    for name in ("ageb", "number", "dwellings", "base", "water_low", "floor_high"):
        assert name.encode() in blocks
    polygons = client.get(tile_of("polygons", 12, *HERE)).content
    # The AGEB's key is written once for all its blocks, the block's key never whole.
    assert blocks.count(b"0400200010017") == 1
    for words in ("Bellavista", "04-0017", "/polygons/04-0017/", "drainage_high"):
        assert words.encode() in polygons


def test_one_process_draws_a_tile(client, polygon_version):
    client.get(tile_of("blocks", 14, *HERE))
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_parallel_workers_per_gather")
        assert cursor.fetchone() == ("0",)


def test_cities_stand_as_points_far_out(client, campeche):
    City.objects.create(
        code="063",
        name="Campeche",
        kind="conurbation",
        population=258_594,
        point=f"SRID=4326;POINT({HERE[0]} {HERE[1]})",
    )
    for z in range(8):
        assert b"Campeche" in client.get(tile_of("cities", z, *HERE)).content, z


def test_nothing_to_show_is_204_and_no_such_tile_404(client, polygon_version):
    assert client.get(tile_of("blocks", 14, -99.1, 19.4)).status_code == 204
    for layer, z, x, y in (("blocks", 10, 1, 1), ("blocks", 12, 4096, 1), ("streets", 12, 1, 1), ("cities", 30, 1, 1)):
        assert client.get(f"/polygons/tiles/{layer}/{z}/{x}/{y}.mvt").status_code == 404


def test_one_sees_the_blocks_of_ones_own_territory(client, polygon_version, stranger, certifier, homeless):
    for person, status in ((certifier, 200), (stranger, 204), (homeless, 204)):
        client.force_login(person)
        assert client.get(tile_of("blocks", 14, *HERE)).status_code == status


def test_a_draft_is_on_the_map_of_those_who_read_drafts(client, polygon_version, technician, certifier):
    polygon = polygon_version.polygon
    polygon.versions.filter(pk=polygon_version.pk).update(status="superseded")
    draft = polygon.versions.create(
        number=2,
        source="drawn",
        vintage=2020,
        geometry=polygon_version.geometry,
        mercator=polygon_version.mercator,
        area=1,
    )
    for person, status in ((None, 204), (certifier, 204), (technician, 200)):
        client.logout()
        if person:
            client.force_login(person)
        assert client.get(tile_of("polygons", 12, *HERE)).status_code == status
    draft.blocks.set(Block.objects.all())
    recompute(draft)
    client.logout()
    publish([draft.pk], reason="prueba")
    assert client.get(tile_of("polygons", 12, *HERE)).status_code == 200


def test_an_unchanged_tile_is_not_sent_again_and_a_changed_one_is(client, polygon_version, certifier):
    address = tile_of("blocks", 14, *HERE)
    first = client.get(address)
    assert first["Cache-Control"] == "private, no-cache"
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    client.force_login(certifier)
    assert client.get(address)["ETag"] != first["ETag"]
    client.logout()
    Block.objects.filter(code="0400200010017001").update(without_water=1, updated_at="2027-01-01T00:00Z")
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200 and changed.content != first.content


def test_only_the_last_census_is_on_the_map(client, polygon_version, campeche):
    block = Block.objects.first()
    Block.objects.create(
        code="0400200010017999", vintage=2010, ageb_code="0400200010017", municipality=campeche,
        geometry=block.geometry, mercator=block.mercator,
    )  # fmt: skip
    assert b"0400200010017999" not in client.get(tile_of("blocks", 14, *HERE)).content


def test_a_polygon_cut_by_tiles_is_named_in_one_of_them(client, polygon_version):
    west, south, east, north = polygon_version.geometry.extent
    tiles = {tile_of("polygons", 16, lon, lat) for lon in (west, HERE[0], east) for lat in (south, HERE[1], north)}
    drawn = [client.get(tile).content for tile in tiles]
    assert sum(b"polygons" in tile for tile in drawn) > 1
    assert sum(b"polygons-names" in tile for tile in drawn) == 1
