"""The worst blocks without investment, by hand and by the page."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.http import QueryDict

from polygons.models import Block, City, HouseholdPoverty, MarginalisationIndex, Municipality
from polygons.services import refresh_totals
from polygons.variables import VARIABLES
from projects.models import ActionBlock

PAGE = "/polygons/gaps/"


def lacking(make_block, number: int, lack: int | None, base: int = 100, **fields):
    """A block where `lack` of `base` dwellings have no water; None where INEGI keeps it confidential."""
    counts = {"known_dwellings": base, "inhabited_dwellings": base, "dwellings": base} | fields
    if lack is None:
        return make_block(number, missing={"without_water": "*"}, **counts)
    return make_block(number, without_water=lack, with_water=base - lack, **counts)


@pytest.fixture
def blocks(make_block):
    """Ten blocks of 100 dwellings that lack 90, 80, … 0 each."""
    return [lacking(make_block, number + 100, 90 - 10 * number) for number in range(10)]


@pytest.fixture
def approved(project, walk):
    """The action of a project of 2026 as approved; give it the blocks it touches. Its polygon has three of 36."""
    return walk(project, "approved").actions.get()


def found(client, query: str = "") -> list[str]:
    response = client.get(f"{PAGE}?variable=water&{query}")
    assert response.status_code == 200
    return [row.record.code[-3:] for row in response.context["table"].page]


def test_the_worst_part_is_counted_in_dwellings(client, blocks):
    assert found(client, "percent=10") == ["100"]
    assert found(client, "percent=11") == ["100", "101"]
    assert found(client, "percent=50") == ["100", "101", "102", "103", "104"]


def test_blocks_alike_enter_together(client, make_block):
    for number in range(10):
        lacking(make_block, number + 100, 50 if number < 4 else 10)
    response = client.get(f"{PAGE}?variable=water&percent=10")
    assert response.context["found"] == {"blocks": 4, "dwellings": 400}


def test_who_lacks_nothing_is_never_among_the_worst(client, make_block):
    lacking(make_block, 100, 1, base=10)
    for number in range(101, 110):
        lacking(make_block, number, 0)
    assert found(client, "percent=40") == ["100"]


def test_a_confidential_block_is_neither_zero_nor_worst(client, blocks, make_block):
    lacking(make_block, 120, None)
    # At most 5 of 100: certainly not among the worst.
    lacking(make_block, 121, None, with_water=95)
    response = client.get(f"{PAGE}?variable=water&percent=20")
    sizes = response.context["sizes"]
    assert (sizes.blocks, sizes.exact_blocks, sizes.open_blocks, sizes.open_dwellings) == (12, 10, 1, 100)
    assert [row.record.code[-3:] for row in response.context["table"].page] == ["100", "101"]


def test_a_block_that_is_worst_whatever_its_figure_belongs(client, blocks, make_block):
    # Among four deficits one is printed and high, another confidential.
    lacking(make_block, 130, 95, missing={"without_drainage": "*"})
    for block in blocks:
        services = {"without_drainage": 0, "without_electricity": 0, "earth_floor": 0}
        Block.objects.filter(pk=block.pk).update(**services)
    codes = [row.record.code[-3:] for row in client.get(f"{PAGE}?variable=any&percent=10").context["table"].page]
    assert codes == ["130", "100"]


def test_touched_blocks_are_not_gaps(client, blocks, approved, monkeypatch):
    monkeypatch.setattr("reports.views.gaps.timezone.localdate", lambda: dt.date(2026, 5, 1))
    assert found(client, "percent=18") == ["100", "101"]
    ActionBlock.objects.create(action=approved, block=blocks[0], share=0)
    response = client.get(f"{PAGE}?variable=water&percent=18")
    assert [row.record.code[-3:] for row in response.context["table"].page] == ["101"]
    assert (response.context["sizes"].reached_blocks, response.context["sizes"].in_blocks) == (1, 2)


@pytest.mark.parametrize(("year", "left"), [(2026, []), (2028, []), (2029, ["100"])])
def test_only_the_years_asked_count(client, blocks, approved, monkeypatch, year, left):
    monkeypatch.setattr("reports.views.gaps.timezone.localdate", lambda: dt.date(year, 5, 1))
    ActionBlock.objects.create(action=approved, block=blocks[0], share=1)
    assert found(client, "percent=9&years=3") == left


def test_a_project_that_is_not_approved_is_no_investment(client, blocks, project):
    ActionBlock.objects.create(action=project.actions.get(), block=blocks[0], share=1)
    assert found(client, "percent=9") == ["100"]


def test_the_inverse_shows_money_where_need_is_low(client, blocks, approved, monkeypatch):
    monkeypatch.setattr("reports.views.gaps.timezone.localdate", lambda: dt.date(2026, 5, 1))
    ActionBlock.objects.create(action=approved, block=blocks[0], share=0.5)
    ActionBlock.objects.create(action=approved, block=blocks[9], share=0.5)
    response = client.get(f"{PAGE}?variable=water&percent=10&show=spent")
    assert [row.record.code[-3:] for row in response.context["table"].page] == ["109"]
    assert response.context["spent"] == 500_000


def test_files_hold_every_row(client, blocks, geopackage):
    text = b"".join(client.get(f"{PAGE}?variable=water&percent=50&format=csv").streaming_content).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 6
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{PAGE}?variable=water&percent=50&format=xlsx").getvalue()))
    assert [row[0].value[-3:] for row in book.active.iter_rows(min_row=2)] == ["100", "101", "102", "103", "104"]
    shapes, fields = geopackage(client.get(f"{PAGE}?variable=water&percent=50&format=gpkg").getvalue())
    outlines = dict(Block.objects.values_list("code", "geometry"))
    assert len(shapes) == 5
    for code, shape in zip(fields[0], shapes, strict=True):
        assert GEOSGeometry(memoryview(shape), srid=4326).equals(outlines[code])


@pytest.mark.parametrize("variable", [variable.name for variable in VARIABLES])
@pytest.mark.parametrize("show", ["gap", "spent"])
def test_every_variable_answers(client, blocks, campeche, variable, show):
    HouseholdPoverty.objects.create(
        code=blocks[0].code, vintage=2020, municipality=campeche, households=30, poor_households=20, method="m",
        source="s",
    )  # fmt: skip
    index = MarginalisationIndex.objects.create(
        level="ageb", year=2020, origin="published", source="CONAPO", units=1, is_reference=True
    )
    index.scores.create(code="0400200010017", value=110.0, grade=5)
    assert client.get(f"{PAGE}?variable={variable}&show={show}").status_code == 200


@pytest.mark.parametrize(
    "query", ["percent=0", "percent=x", "variable=nothing", "years=99", "vintage=1999", "show=all"]
)
def test_a_bad_question_is_refused_in_words(client, blocks, query):
    response = client.get(f"{PAGE}?{query}")
    assert response.status_code == 400
    assert "error-summary" in response.content.decode()


@pytest.mark.parametrize("query", ["state=99", "municipality=04999", "city=x", "state=%00"])
def test_a_place_that_is_none_is_not_found(client, blocks, query):
    assert client.get(f"{PAGE}?{query}").status_code == 404


def test_without_blocks_the_page_says_so(client, db):
    response = client.get(PAGE)
    assert response.status_code == 200 and "empty" in response.content.decode()


def test_one_asks_only_about_ones_own_territory(client, blocks, certifier, stranger, reviewer, homeless, tlaxcala):
    city = City.objects.create(code="063", name="Campeche", kind="urban_centre")
    Block.objects.update(city=city)
    city.municipalities.add(Municipality.objects.get(pk="04002"))
    client.force_login(certifier)
    assert found(client, "percent=10") == ["100"]
    assert found(client, "percent=10&city=063") == ["100"]
    assert client.get(f"{PAGE}?state=29").status_code == 404
    client.force_login(reviewer)
    assert client.get(f"{PAGE}?municipality=29033").status_code == 404
    assert found(client, "percent=10") == ["100"]
    client.force_login(stranger)
    assert found(client, "percent=10") == []
    assert client.get(f"{PAGE}?city=063").status_code == 404
    client.force_login(homeless)
    assert client.get(PAGE).status_code == 404


def test_the_page_takes_a_fixed_number_of_queries(client, blocks, django_assert_num_queries):
    refresh_totals()
    with django_assert_num_queries(10):
        client.get(f"{PAGE}?state=04&variable=water")


def test_the_form_keeps_the_question(client, blocks):
    form = client.get(f"{PAGE}?{QueryDict('state=04&percent=25&years=5').urlencode()}").context["form"]
    assert (form["percent"].value(), form["years"].value(), form["state"].value()) == ("25", "5", "04")


def test_the_map_marks_each_block_with_a_point_of_its_own(client, blocks):
    site = json.loads(client.get(f"{PAGE}?variable=water&percent=20").context["map"]["site"])
    assert (site["type"], len(site["coordinates"])) == ("MultiPoint", 2)


def test_a_map_of_all_the_points_it_draws_weighs_less_than_the_rest_of_the_page(client, blocks, monkeypatch):
    monkeypatch.setattr("reports.gaps.MOST_POINTS", 5)
    site = client.get(f"{PAGE}?variable=water&percent=50").context["map"]["site"]
    # At most 25 bytes a point: 1,000 points take 25 kB, and nothing in them is escaped in an attribute.
    assert len(site.partition("coordinates")[2]) <= 5 * 25 + 10


def test_each_block_of_the_table_leads_to_its_page(client, blocks):
    page = client.get(f"{PAGE}?variable=water&percent=10").content.decode()
    address = f"/polygons/places/block/{blocks[0].code}/?vintage=2020"
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200


def test_the_map_opens_where_most_of_the_blocks_are(client, blocks, tlaxcala):
    near = client.get(f"{PAGE}?variable=water&percent=20").context["map"]
    assert near["opening"] == near["bounds"]
    far = Block.objects.filter(pk=blocks[0].pk)
    far.update(
        municipality=tlaxcala, geometry=MultiPolygon(Polygon.from_bbox((-98.1, 19.1, -98.099, 19.101)), srid=4326)
    )
    wide = client.get(f"{PAGE}?variable=water&percent=30").context["map"]
    assert wide["bounds"].startswith("-98.10")
    assert [float(edge) > -95 for edge in wide["opening"].split(",")[:3:2]] == [True, True]
