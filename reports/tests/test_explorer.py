"""The explorer: one set as page, classes and files, under one address."""

import csv
import io
import json

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from modalities.models import EligibilityCriterion, FiscalYear, RulesVersion
from polygons.models import Assessment, City, Polygon
from polygons.services import recompute
from projects.models import ActionBlock

LIST = "/polygons/"


@pytest.fixture
def second(campeche, make_block):
    """Another published polygon of the same municipality, well served, in the city of Campeche."""
    city = City.objects.create(code="063", name="Campeche", kind="conurbation")
    polygon = Polygon.objects.create(code="04-0031", name="Siglo Nuevo", municipality=campeche, city=city)
    block = make_block(9, without_water=1, with_water=35, city=city)
    version = polygon.versions.create(
        number=1, source="drawn", vintage=2020, geometry=block.geometry, mercator=block.mercator, area=1
    )
    version.blocks.add(block)
    recompute(version)
    version.status = "published"
    version.save(update_fields=["status"])
    return polygon


@pytest.fixture
def approved(project, walk):
    return walk(project, "approved")


def names(response) -> list[str]:
    table = response.context["table"]
    return [table.found.rows.names[row.record.at] for row in table.paginated_rows]


def classes(client, query: str) -> dict:
    return client.get(f"{LIST}?{query}&format=classes").json()


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
        ("municipality=04002", ["Bellavista", "Siglo Nuevo"]),
        ("city=063", ["Siglo Nuevo"]),
        ("variable=water&at_least=20", ["Bellavista"]),
        ("variable=water&at_most=20", ["Siglo Nuevo"]),
        ("variable=drainage&at_least=20", []),
        # Confidential up to the whole: not certain to be at most 20 %.
        ("variable=drainage&at_most=20", []),
        ("attention=with", []),
        ("attention=without", ["Bellavista", "Siglo Nuevo"]),
        ("spending=approved&spent_least=1", []),
        ("sort=-name", ["Siglo Nuevo", "Bellavista"]),
        ("sort=dwellings", ["Siglo Nuevo", "Bellavista"]),
        ("sort=-population&columns=population", ["Bellavista", "Siglo Nuevo"]),
        ("eligible=none", ["Bellavista", "Siglo Nuevo"]),
        ("eligible=eligible", []),
        ("bbox=-90.5315,19.82,-90.525,19.84&inside=1", ["Bellavista"]),
        ("bbox=-90.5315,19.82,-90.525,19.84", ["Bellavista", "Siglo Nuevo"]),
    ],
)
def test_filters_and_order_stand_in_the_address(client, polygon_version, second, asked, found):
    assert sorted(names(client.get(f"{LIST}?{asked}"))) == sorted(found)
    if "sort" in asked:
        assert names(client.get(f"{LIST}?{asked}")) == found
    # The map shows the very same set.
    answer = classes(client, asked)
    shown = [code for codes in (*answer["shades"], answer["unknown"]) for code in codes]
    assert len(shown) == len(found)


@pytest.mark.parametrize(
    "nonsense",
    ["bbox=1,2,3", "bbox=nan,0,1,1&inside=1", "bbox=5,5,1,1&inside=1", "classes=99&method=x&colour=y", "grain=z"],
)
def test_what_makes_no_sense_falls_back(client, polygon_version, second, nonsense):
    assert names(client.get(f"{LIST}?{nonsense}")) == ["Bellavista", "Siglo Nuevo"]


@pytest.mark.parametrize("wrong", ["state=99", "at_least=many", "at_least=-3", "year=1812"])
def test_a_wrong_filter_is_named_and_narrows_nothing(client, polygon_version, wrong):
    response = client.get(f"{LIST}?{wrong}")
    assert names(response) == ["Bellavista"] and response.context["form"].errors


def test_an_empty_list_says_so(client, db):
    assert "empty" in client.get(LIST).content.decode()


def test_a_chip_takes_its_filter_away(client, polygon_version, second):
    chips = client.get(f"{LIST}?q=bella&state=04&page=1").context["chips"]
    assert [chip["url"] for chip in chips] == ["?state=04", "?q=bella"]


@pytest.mark.parametrize("text", ["bellavistá", "BELLÁVISTA", "vista"])
def test_a_name_is_found_without_its_accents(client, polygon_version, second, text):
    assert names(client.get(LIST, {"q": text})) == ["Bellavista"]


def test_each_block_leads_to_its_page(client, polygon_version):
    page = client.get(f"{LIST}?grain=blocks&municipality=04002").content.decode()
    assert 'href="/polygons/places/block/0400200010017001/"' in page and "cuanto más gruesa" not in page


def test_the_list_takes_a_fixed_number_of_queries(client, polygon_version, second, django_assert_num_queries):
    with django_assert_num_queries(10):
        client.get(LIST)


def test_one_finds_only_ones_own_territory(client, polygon_version, second, stranger, certifier):
    client.force_login(stranger)
    assert names(client.get(LIST)) == []
    assert classes(client, "") == {
        "shades": [[]], "unknown": [], "open": [], "blocks": {"variable": "water", "limits": []},
    }  # fmt: skip
    client.force_login(certifier)
    assert names(client.get(LIST)) == ["Bellavista", "Siglo Nuevo"]


def test_drafts_are_counted_for_their_own_people_only(client, project, certifier):
    client.force_login(certifier)
    [name] = names(client.get(f"{LIST}?attention=with"))
    assert name == "Bellavista"
    client.logout()
    assert names(client.get(f"{LIST}?attention=with")) == []


def figures(client, name: str) -> list[float]:
    table = client.get(f"{LIST}?columns={name}&sort=name").context["table"]
    return [float(value) for value in table.found.values(name)[0]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("approved", 1_000_000),
        ("approved_year", 1_000_000),
        ("per_dwelling", 1_000_000 / 120),
        ("per_deprived", 1_000_000 / 60),
        ("projects", 1),
        ("federal", 0.5),
    ],
)
def test_spending_is_of_public_projects_for_everybody(client, approved, name, value):
    assert figures(client, name) == [pytest.approx(value)]


def test_what_is_only_proposed_is_nobodys_spending(client, project, certifier):
    client.force_login(certifier)
    assert figures(client, "approved") == [0]


def test_the_ledger_is_not_for_the_public(client, approved, certifier):
    assert "released" not in client.get(f"{LIST}?colour=released").context["asked"].measures
    assert client.get(f"{LIST}?colour=released").context["asked"].colour.name == "water"
    client.force_login(certifier)
    assert client.get(f"{LIST}?colour=released").context["asked"].colour.name == "released"


def test_there_are_at_least_twelve_figures_to_colour_by(client, polygon_version):
    measures = client.get(LIST).context["asked"].measures
    assert len(measures) >= 12
    for name in measures:
        answer = classes(client, f"colour={name}")
        assert [*answer["shades"], answer["unknown"]].count([]) == len(answer["shades"]), name


def test_what_is_confidential_is_unknown_and_never_zero(client, polygon_version):
    assert classes(client, "colour=drainage")["unknown"] == ["04-0017"]
    legend = client.get(f"{LIST}?colour=drainage").context["shading"]
    assert legend["unknown"] == 1 and legend["rows"] == []


def test_the_legend_counts_the_members_of_its_classes(client, polygon_version, second):
    legend = client.get(f"{LIST}?colour=water&method=equal&classes=3").context["shading"]
    assert [row["count"] for row in legend["rows"]] == [1, 0, 1]
    assert [row["label"] for row in legend["rows"]] == ["3–20", "20–38", "38–56"]


def test_need_against_spending_makes_nine_classes(client, approved, second):
    answer = classes(client, "colour=water&against=approved")
    assert len(answer["shades"]) == 9
    legend = client.get(f"{LIST}?colour=water&against=approved").context["shading"]
    assert sum(cell["count"] for row in legend["grid"] for cell in row) == 2


def test_an_assessment_of_the_year_makes_a_polygon_eligible(client, polygon_version):
    year = FiscalYear.objects.create(year=2026)
    version = RulesVersion.objects.create(fiscal_year=year, source="Prueba", workflow="lineamientos-2012")
    criterion = EligibilityCriterion.objects.create(
        rules=version, code="water", clause="2.2", source="Prueba", name_es="Agua", name_en="Water", comparator="is"
    )
    for verdict, outcome in (("pass", "eligible"), ("fail", "not"), ("unknown", "open")):
        Assessment.objects.filter(replaced_at=None).update(replaced_at=timezone.now())
        Assessment.objects.create(
            version=polygon_version, fiscal_year=year, criterion=criterion, verdict=verdict, at=timezone.now()
        )
        assert names(client.get(f"{LIST}?eligible={outcome}&year=2026")) == ["Bellavista"]
        assert names(client.get(f"{LIST}?eligible=none&year=2026")) == []


# ---- Files -----------------------------------------------------------------------------------------------------------
def test_files_hold_the_rows_of_the_page(client, polygon_version, second):
    body = b"".join(client.get(f"{LIST}?format=csv&q=bella").streaming_content).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(body))
    assert len(header) == len(row) and row[:2] == ["04-0017", "Bellavista"]
    body = b"".join(client.get(f"{LIST}?format=geojson").streaming_content)
    features = json.loads(body)["features"]
    assert [feature["properties"]["code"] for feature in features] == ["04-0017", "04-0031"]
    assert features[0]["geometry"]["type"] == "MultiPolygon"
    assert features[0]["properties"]["water_low"] == 60
    sheet = load_workbook(io.BytesIO(client.get(f"{LIST}?format=xlsx&q=bella").content)).active
    assert [cell.value for cell in sheet[2]][:2] == ["04-0017", "Bellavista"]


def test_money_keeps_its_cents_in_files(client, approved):
    body = b"".join(client.get(f"{LIST}?format=csv&columns=approved").streaming_content).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(body))
    assert row[[title.split(" ")[0] for title in header].index("Pesos")] == "1000000.00"


# ---- Blocks ----------------------------------------------------------------------------------------------------------
def test_blocks_are_shown_of_one_place_at_a_time(client, polygon_version):
    response = client.get(f"{LIST}?grain=blocks")
    assert response.context["needs_a_place"] and len(response.context["found"]) == 0
    response = client.get(f"{LIST}?grain=blocks&municipality=04002")
    assert len(response.context["found"]) == 3
    assert "Bellavista" in response.content.decode()


def test_a_blocks_spending_is_its_share_of_the_sites(client, approved, polygon_version):
    action = approved.actions.get()
    first, second, _third = polygon_version.blocks.order_by("code")
    ActionBlock.objects.filter(action=action).delete()
    ActionBlock.objects.create(action=action, block=first, share=0.75)
    ActionBlock.objects.create(action=action, block=second, share=0.25)
    found = client.get(f"{LIST}?grain=blocks&municipality=04002").context["found"]
    assert list(found.values("approved")[0]) == [750_000, 250_000, 0]
    assert list(found.values("projects")[0]) == [1, 1, 0]


def test_codes_of_blocks_are_packed_by_ageb(client, polygon_version):
    answer = classes(client, "grain=blocks&municipality=04002&colour=water")
    assert answer["shades"] == [{"0400200010017": "001002003"}]


def test_blocks_take_few_queries(client, polygon_version, django_assert_max_num_queries):
    # Fewer where the last census is known from the cache.
    with django_assert_max_num_queries(17):
        client.get(f"{LIST}?grain=blocks&municipality=04002")


def test_a_strangers_blocks_are_not_there(client, polygon_version, stranger):
    client.force_login(stranger)
    assert len(client.get(f"{LIST}?grain=blocks&municipality=04002").context["found"]) == 0
