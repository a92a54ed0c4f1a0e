import csv
import io

import openpyxl
import pytest

from polygons.models import Block, CensusTotal, ContextIndicator, KeyChange, Locality, Polygon, State
from polygons.services import import_blocks, import_poverty, refresh_totals
from polygons.tests.inegi_files import neighbourhood, row, totals, write_census

AGEB = "0400200010022"


@pytest.fixture
def quarter(campeche, tmp_path):
    """An AGEB of three blocks; the drainage of each is masked, its total row prints it."""
    census, geometry = neighbourhood(tmp_path)
    census = write_census(tmp_path / "c.csv", totals(3, VPH_NODREN=9) + [row(mza=f"{n:03d}") for n in (1, 2, 3)])
    import_blocks(census=census, geometry=geometry, vintage=2020, geometry_vintage=2010)


def text(client, url: str) -> str:
    client.cookies["django_language"] = "en"
    return " ".join(client.get(url).content.decode().split())


@pytest.mark.parametrize(
    ("level", "code"),
    [("state", "04"), ("municipality", "04002"), ("locality", "040020001"), ("ageb", AGEB), ("block", AGEB + "001")],
)
def test_every_place_has_a_page(quarter, client, level, code):
    page = text(client, f"/polygons/places/{level}/{code}/")
    assert "VIVPARH_CV" in page and "VPH_AGUAFV" in page and "2020" in page


def test_the_agebs_page_shows_the_total_that_its_blocks_mask(quarter, client):
    page = text(client, f"/polygons/places/ageb/{AGEB}/")
    assert "<b>9</b>" in page  # the row's figure, where the blocks say 0 to 18
    assert ">0–17 %<" in page.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "path", ["places/ageb/0400200019999/", "places/colonia/04002/", "places/block/040020001/", "places/state/99/"]
)
def test_what_is_no_place_is_not_found(quarter, client, path):
    assert client.get(f"/polygons/{path}").status_code == 404


def test_a_place_of_another_territory_is_not_found(quarter, client, stranger, preparer):
    client.force_login(stranger)
    assert client.get(f"/polygons/places/ageb/{AGEB}/").status_code == 404
    client.force_login(preparer)
    assert client.get(f"/polygons/places/ageb/{AGEB}/").status_code == 200


def test_dated_figures_are_shown_to_those_they_are_for(quarter, client, campeche, preparer, technician):
    for audience in ("public", "staff", "federal"):
        ContextIndicator.objects.create(
            level="ageb", code=AGEB, state=campeche.state, municipality=campeche, concept="violence",
            name=f"Delitos {audience}", unit="casos", on="2025-12-31", value=3, source="SESNSP", audience=audience,
        )  # fmt: skip
    url = f"/polygons/places/ageb/{AGEB}/"

    def seen() -> set[str]:
        page = text(client, url)
        return {audience for audience in ("public", "staff", "federal") if f"Delitos {audience}" in page}

    assert seen() == {"public"}
    client.force_login(preparer)
    assert seen() == {"public", "staff"}
    client.force_login(technician)
    assert seen() == {"public", "staff", "federal"}


def test_a_place_page_asks_the_database_as_often_for_many_blocks(quarter, client, django_assert_max_num_queries):
    for number in range(10, 30):
        Block.objects.create(
            code=f"{AGEB}{number:03d}", vintage=2020, ageb_code=AGEB, municipality_id="04002", population=1, dwellings=1
        )
    refresh_totals([2020])
    with django_assert_max_num_queries(20):
        client.get(f"/polygons/places/ageb/{AGEB}/")


def test_what_does_not_resolve_is_listed_by_what_it_lacks(quarter, client, django_assert_max_num_queries):
    Block.objects.filter(code=AGEB + "002").update(geometry=None, mercator=None)
    page = text(client, "/polygons/unresolved/?kind=blocks-without-outline")
    assert AGEB + "002" in page and AGEB + "003" not in page
    assert AGEB + "003" in text(client, "/polygons/unresolved/?kind=blocks-without-city&state=04")
    CensusTotal.objects.filter(level="ageb").delete()
    with django_assert_max_num_queries(24):
        assert AGEB in text(client, "/polygons/unresolved/?kind=agebs-without-row")


def test_each_kind_of_orphan_can_be_opened_and_taken_away(quarter, client, polygon_version):
    from polygons.orphans import ORPHANS

    Locality.objects.create(code="040020009", name="Lejana", municipality_id="04002")
    for gap in ORPHANS:
        assert client.get(f"/polygons/unresolved/?kind={gap.name}").status_code == 200
    response = client.get("/polygons/unresolved/?kind=localities-without-row&format=csv")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [line[0] for line in rows[1:]] == ["040020009"]


def test_orphans_of_another_territory_are_not_told(quarter, client, stranger):
    client.force_login(stranger)
    assert AGEB not in text(client, "/polygons/unresolved/?kind=blocks-without-city")
    assert AGEB not in text(client, "/polygons/unresolved/?kind=outlines-without-row")


def test_nothing_unresolved_says_so(db, client):
    State.objects.create(code="04", name="Campeche")
    page = client.get("/polygons/unresolved/").content.decode()
    assert "notice good" in page


def test_without_equivalences_the_page_says_who_loads_them(db, client):
    assert "import_key_changes" in text(client, "/polygons/equivalences/")


def test_equivalences_are_found_by_key(db, client):
    for old, new in (("04001", "04013"), ("04002", "04014")):
        KeyChange.objects.create(
            level="municipality", old_code=old, new_code=new, kind="split", valid_from="2021-01-01", source="POE"
        )
    page = text(client, "/polygons/equivalences/?key=04099")
    assert "No equivalence fits." in page
    page = text(client, "/polygons/equivalences/?key=04013&level=municipality")
    assert "04001" in page and "04014" not in page


def test_the_comparison_says_why_where_it_does_not_compare(quarter, client):
    page = text(client, f"/polygons/compare/?level=block&code={AGEB}001&indicator=drainage")
    assert "VPH_NODREN" in page
    page = text(client, f"/polygons/compare/?level=ageb&code={AGEB}&indicator=water")
    assert page.count("colspan") == 2


def test_the_comparison_takes_a_name_and_asks_for_the_key_of_namesakes(
    quarter, client, campeche, polygon_version, technician
):
    page = client.get("/polygons/compare/?level=municipality&code=CAMPECHE&indicator=drainage")
    assert page.context["code"] == "04002"
    page = client.get("/polygons/compare/", {"level": "polygon", "code": "bellavistá", "indicator": "drainage"})
    assert page.context["code"] == "04-0017"
    Polygon.objects.create(code="04-0099", name="Bellavista", municipality=campeche)
    client.force_login(technician)
    page = client.get("/polygons/compare/?level=polygon&code=Bellavista&indicator=drainage")
    assert page.status_code == 400 and "04-0017, 04-0099" in page.content.decode()


def test_the_comparison_as_a_spreadsheet_has_a_row_a_census(quarter, client):
    url = f"/polygons/compare/?level=ageb&code={AGEB}&indicator=drainage&format=xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url).content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [line[0] for line in rows[1:]] == [2005, 2010, 2020]
    assert rows[3][1] == "VPH_NODREN" and (rows[3][3], rows[3][4], rows[3][7]) == (0, 18, 9)


@pytest.mark.parametrize("query", ["level=ageb&code=04&indicator=drainage&x", "level=ageb&code=&indicator=drainage"])
def test_a_bad_question_is_answered_with_what_is_wrong(quarter, client, query):
    assert client.get(f"/polygons/compare/?{query}").status_code == 400


def test_a_place_elsewhere_is_not_compared(quarter, client, stranger):
    client.force_login(stranger)
    response = client.get(f"/polygons/compare/?level=ageb&code={AGEB}&indicator=drainage")
    assert response.status_code == 400 and b"VPH_NODREN" not in response.content


def test_a_published_polygon_says_that_newer_figures_exist(client, polygon_version, tmp_path):
    codes = polygon_version.blocks.values_list("code", flat=True)
    path = tmp_path / "p.csv"
    path.write_text("CVEGEO,HOGARES,HOGARES_POBRES\n" + "".join(f"{code},36,20\n" for code in codes))
    import_poverty(path, vintage=2020, method="Modelo de puntos", source="SEDESOL")
    page = text(client, "/polygons/04-0017/")
    assert "→ 60</li>" in page and "→ 108</li>" in page
    assert "range-low" not in page.split('id="poverty"')[1].split("</section>")[0]  # published without an estimate


def test_a_polygons_page_leads_to_its_agebs(client, polygon_version):
    refresh_totals([2020])
    ageb = polygon_version.blocks.first().ageb_code
    assert f'href="/polygons/places/ageb/{ageb}/?vintage=2020"' in text(client, "/polygons/04-0017/")
