import csv
import io

import openpyxl
import pytest
from django.contrib.gis.geos import GEOSGeometry

from polygons.models import MarginalisationIndex, MarginalisationScore

LIST = "/polygons/marginalisation/"


@pytest.fixture
def index(campeche, tlaxcala):
    index = MarginalisationIndex.objects.create(
        level="municipality", year=2020, origin="computed", source="CONAPO", units=30, indicators=["AGUA", "PISO"],
        weights=[0.4, 1.0], reference=[90.0, 80.5], deviations=[3.0, 2.0], entered=["PISO", "AGUA"], iterations=3,
        zero_deprivation=60.5, classes=6, cuts=[20.0, 30.0, 40.0, 50.0], frequencies=[1, 4, 10, 10, 4, 1],
        lowest=10.0, highest=70.0, inputs={"files": [{"file": "a.csv", "sha256": "f" * 64}], "left_out": 0,
        "left_out_codes": [], "reference": "pooled", "redundant": []},
    )  # fmt: skip
    MarginalisationScore.objects.bulk_create(
        MarginalisationScore(
            index=index, code=f"{'04' if n <= 20 else '29'}{n:03d}", value=10 + 2 * n, normalised=n / 30,
            grade=5 - (n - 1) // 6, rank=n,
        )
        for n in range(1, 31)
    )  # fmt: skip
    return index


def address(index) -> str:
    return f"{LIST}{index.pk}/"


def codes(response) -> list[str]:
    return [row.record.code for row in response.context["table"].page]


def test_the_list_says_where_each_index_comes_from_and_which_way_it_reads(client, index):
    client.cookies["django_language"] = "en"
    page = client.get(LIST).content.decode()
    assert "CONAPO" in page and "Computed here" in page and "less marginalisation" in page


def test_without_any_index_the_list_says_how_to_make_one(client, db):
    assert "rank_marginalisation" in client.get(LIST).content.decode()


def test_an_index_shows_how_it_was_made(client, index):
    client.cookies["django_language"] = "en"
    page = client.get(address(index)).content.decode()
    assert page.index(">PISO<") < page.index(">AGUA<")
    for told in (
        "60.500000",
        "from 6 classes",
        "90.000000",
        "f" * 64,
        "the other years pooled",
        "less marginalisation",
    ):
        assert told in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", [f"04{n:03d}" for n in range(1, 21)] + [f"29{n:03d}" for n in range(21, 26)]),
        ("sort=value&page=2", [f"29{n:03d}" for n in range(26, 31)]),
        ("state=29&grade=1", [f"29{n:03d}" for n in range(25, 31)]),
        ("q=campeche&grade=5", [f"04{n:03d}" for n in range(1, 7)]),
        ("q=29030", ["29030"]),
        ("q=nadie", []),
    ],
)
def test_units_are_filtered_sorted_and_paged(client, index, asked, found):
    assert codes(client.get(f"{address(index)}?{asked}")) == found


def test_a_page_of_units_takes_a_fixed_number_of_queries(client, index, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(address(index))


def test_files_hold_what_the_filters_found(client, index):
    text = b"".join(client.get(f"{address(index)}?state=29&format=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 11 and rows[1][0] == "29021" and float(rows[1][4]) == 52
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address(index)}?format=xlsx").getvalue()))
    assert book.active.max_row == 31


def test_units_that_have_an_outline_go_out_with_it(client, index, make_block, geopackage):
    block = make_block(1)
    assert "format=gpkg" not in client.get(address(index)).text
    MarginalisationIndex.objects.filter(pk=index.pk).update(level="ageb")
    MarginalisationScore.objects.filter(index=index, rank=1).update(code=block.ageb_code)
    page = client.get(f"{address(index)}?q={block.ageb_code}&format=gpkg")
    [shape], _fields = geopackage(page.getvalue())
    assert GEOSGeometry(memoryview(shape), srid=4326).equals(block.geometry)


def test_a_municipality_sees_its_own_units(client, index, certifier, reviewer, technician, homeless):
    counts = {}
    for name, user in {"certifier": certifier, "reviewer": reviewer, "all": technician, "none": homeless}.items():
        client.force_login(user)
        counts[name] = client.get(address(index)).context["table"].page.paginator.count
    assert counts == {"certifier": 1, "reviewer": 20, "all": 30, "none": 0}


def test_federal_staff_choose_the_index_in_use(client, index, technician, certifier):
    client.force_login(certifier)
    assert "use/" not in client.get(address(index)).content.decode()
    assert client.post(f"{address(index)}use/").status_code == 403
    client.force_login(technician)
    assert f"{address(index)}use/" in client.get(address(index)).content.decode()
    assert client.post(f"{address(index)}use/").status_code == 302
    index.refresh_from_db()
    assert index.is_reference
    event = index._meta.apps.get_model("polygons", "MarginalisationIndexEvent")
    assert event.objects.filter(pgh_obj=index, is_reference=True, pgh_context__metadata__user=technician.pk).exists()


def test_an_unknown_index_is_not_found(client, db):
    assert client.get(f"{LIST}999/").status_code == 404
