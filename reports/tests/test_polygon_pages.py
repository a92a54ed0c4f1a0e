import csv
import io
import json

import pytest
from django.urls import reverse

from polygons.models import City, Polygon
from polygons.services import recompute

LIST = "/polygons/"


@pytest.fixture
def second(campeche, make_block):
    """Another published polygon of the same municipality, well served, in the city of Campeche."""
    city = City.objects.create(code="063", name="Campeche", kind="conurbation")
    polygon = Polygon.objects.create(code="04-0031", name="Siglo Nuevo", municipality=campeche, city=city)
    block = make_block(9, without_water=1, with_water=35)
    version = polygon.versions.create(
        number=1, source="drawn", vintage=2020, geometry=block.geometry, mercator=block.mercator, area=1
    )
    version.blocks.add(block)
    recompute(version)
    version.status = "published"
    version.save(update_fields=["status"])
    return polygon


def names(response) -> list[str]:
    return [row.record.polygon.name for row in response.context["table"].page]


def test_everybody_reads_the_published_polygons_with_ranges(client, polygon_version, second):
    response = client.get(LIST)
    assert names(response) == ["Bellavista", "Siglo Nuevo"]
    page = response.content.decode()
    assert "56\N{NO-BREAK SPACE}%" in page and "0–100\N{NO-BREAK SPACE}%" in page
    assert response.context["totals"]["dwellings"] == 160


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=siglo", ["Siglo Nuevo"]),
        ("q=04-0017", ["Bellavista"]),
        ("state=04", ["Bellavista", "Siglo Nuevo"]),
        ("city=063", ["Siglo Nuevo"]),
        ("variable=water&at_least=20", ["Bellavista"]),
        ("variable=drainage&at_least=20", []),
        ("attention=with", []),
        ("sort=-polygon", ["Siglo Nuevo", "Bellavista"]),
        ("sort=dwellings", ["Siglo Nuevo", "Bellavista"]),
    ],
)
def test_filters_and_order_stand_in_the_address(client, polygon_version, second, asked, found):
    assert names(client.get(f"{LIST}?{asked}")) == found


def test_an_empty_list_says_so(client, db):
    page = client.get(LIST).content.decode()
    assert "empty" in page


def test_a_chip_takes_its_filter_away(client, polygon_version, second):
    chips = client.get(f"{LIST}?q=bella&state=04&page=1").context["chips"]
    assert [chip["url"] for chip in chips] == ["?state=04", "?q=bella"]


def test_the_list_takes_a_fixed_number_of_queries(client, polygon_version, second, django_assert_num_queries):
    with django_assert_num_queries(7):
        client.get(LIST)


def test_one_finds_only_ones_own_territory(client, polygon_version, second, stranger, certifier):
    client.force_login(stranger)
    assert names(client.get(LIST)) == []
    assert client.get(f"{LIST}04-0017/").status_code == 404
    client.force_login(certifier)
    assert names(client.get(LIST)) == ["Bellavista", "Siglo Nuevo"]


def test_works_and_their_money_stand_beside_the_need(client, project, certifier):
    client.force_login(certifier)
    [row] = client.get(f"{LIST}?attention=with").context["table"].page
    assert (row.record.projects, row.record.approved) == (1, 0)
    client.logout()
    # A draft is nobody else's business.
    assert names(client.get(f"{LIST}?attention=with")) == []


def test_files_hold_the_rows_of_the_page(client, polygon_version, second):
    body = b"".join(client.get(f"{LIST}?format=csv&q=bella").streaming_content).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(body))
    assert len(header) == len(row) and row[:2] == ["04-0017", "Bellavista"]
    body = b"".join(client.get(f"{LIST}?format=geojson").streaming_content)
    features = json.loads(body)["features"]
    assert [feature["properties"]["code"] for feature in features] == ["04-0017", "04-0031"]
    assert features[0]["geometry"]["type"] == "MultiPolygon"
    assert features[0]["properties"]["water_low"] == 60


def test_a_record_shows_what_its_dwellings_lack_and_its_blocks(client, polygon_version, project, certifier):
    client.force_login(certifier)
    page = client.get(reverse("polygons:detail", args=["04-0017"])).content.decode()
    for words in ("Bellavista", "0400200010017003", "56\N{NO-BREAK SPACE}%", project.name):
        assert words in page


def test_an_earlier_version_stays_readable(client, polygon_version):
    polygon = polygon_version.polygon
    polygon.versions.filter(pk=polygon_version.pk).update(status="superseded")
    polygon.versions.create(
        number=2, source="drawn", vintage=2020, geometry=polygon_version.geometry, mercator=polygon_version.mercator,
        area=1, status="published",
    )  # fmt: skip
    address = reverse("polygons:detail", args=["04-0017"])
    assert client.get(address).context["version"].number == 2
    old = client.get(f"{address}?version=1")
    assert old.context["version"] == polygon_version and not old.context["is_current"]
    assert client.get(f"{address}?version=9").status_code == 404


def test_a_draft_polygon_is_not_found_by_the_public(client, campeche, technician):
    Polygon.objects.create(code="04-0099", name="Nueva", municipality=campeche)
    assert client.get(f"{LIST}04-0099/").status_code == 404
