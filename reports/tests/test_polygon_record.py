"""One polygon's pages: its versions for ever, lineage, differences, criteria and who judges them, the dossier."""

import datetime as dt
import io

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from habitat.lib.links import expiring
from habitat.tests.fixtures import PDF, square
from modalities.models import EligibilityCriterion, FiscalYear, RulesVersion
from polygons.models import Assessment, AssessmentDocument, Block, Lineage, Polygon, PolygonVersion
from polygons.services import assess, merge, new_draft, publish, retire
from projects.models import Project

LATER = dt.datetime(2026, 6, 1, 18, tzinfo=dt.UTC)
FIRST = "/polygons/04-0017/versions/1/"


@pytest.fixture
def redrawn(polygon_version, make_block):
    """Bellavista drawn anew: without its first block, with a fourth; one with neighbours that merged into it."""
    make_block(4, without_water=30, with_water=6)
    codes = [f"0400200010017{number:03d}" for number in (2, 3, 4)]
    draft = new_draft(blocks=codes, vintage=2020, polygon=polygon_version.polygon)
    publish([draft.pk], reason="Se corrigió el límite.", at=LATER)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def criteria(db):
    """Rules of 2026 with a figure and a question, after those of `rules` where a test has them."""
    year, _made = FiscalYear.objects.get_or_create(year=2026)
    number = RulesVersion.objects.count() + 1
    rules = RulesVersion.objects.create(fiscal_year=year, version=number, source="Prueba", workflow="lineamientos-2012")
    for code, indicator, threshold, comparator in (("water", "water_share", 20, ">="), ("tenure", "", None, "is")):
        EligibilityCriterion.objects.create(
            rules=rules, code=code, clause="2.2", source="Prueba", name_es=f"Criterio {code}", name_en=code,
            indicator=indicator, threshold=threshold, comparator=comparator,
        )  # fmt: skip
    RulesVersion.objects.filter(status="in_force").update(status="superseded")
    RulesVersion.objects.filter(pk=rules.pk).update(status="in_force")
    return rules


def test_an_old_version_keeps_its_address_geometry_and_figures(client, polygon_version, redrawn):
    page = client.get(FIRST)
    assert page.context["version"] == polygon_version
    assert page.context["version"].geometry.equals(polygon_version.geometry)
    assert page.context["drawing"].paths and "data-map" not in page.content.decode().split("</nav>")[-1]
    family = page.context["family"]
    assert [(link.after.number, link.shared) for link in family.after] == [(2, 2)]
    assert family.left_out == 1
    assert [block.now_in for block in page.context["blocks"]] == [None, "04-0017", "04-0017"]
    assert f'href="{FIRST}blocks/"' in page.text
    listed = client.get(f"{FIRST}blocks/").context["table"]
    assert [row.record.code[-3:] for row in listed.page] == ["001", "002", "003"]
    assert listed.totals["dwellings"] == sum(row.record.dwellings for row in listed.page)
    old = client.get("/polygons/04-0017/?version=1")
    assert (old.status_code, old["Location"]) == (301, FIRST)


def test_the_page_says_what_changed_in_blocks_and_figures(client, redrawn):
    page = client.get("/polygons/04-0017/")
    changed = page.context["comparison"]
    assert (changed.added, changed.removed) == (["0400200010017004"], ["0400200010017001"])
    figures = {row.label: (row.before, row.now, row.change) for row in changed.figures}
    assert figures["manzanas"] == (3, 3, 0)
    assert (60, 70, 10) in figures.values()
    assert "Se corrigió el límite." in page.content.decode()


def test_versions_of_two_censuses_are_not_compared_block_by_block(client, polygon_version, make_block):
    Block.objects.filter(pk=make_block(5).pk).update(vintage=2010)
    draft = new_draft(blocks=["0400200010017005"], vintage=2010, polygon=polygon_version.polygon)
    publish([draft.pk], reason="prueba")
    changed = client.get("/polygons/04-0017/").context["comparison"]
    assert (changed.is_same_census, changed.added, changed.figures) == (False, [], [])


def test_a_project_stays_with_the_version_it_was_proposed_under(client, project, redrawn, manager):
    Project.objects.filter(pk=project.pk).update(name="Bajo la primera")
    project.actions.update(geometry=Point(-90.53, 19.83, srid=4326))
    client.force_login(manager)
    assert [row.name for row in client.get(FIRST).context["projects"]] == ["Bajo la primera"]
    page = client.get("/polygons/04-0017/")
    assert [row.polygon_version.number for row in page.context["projects"]] == [1]
    record = client.get(f"/projects/{project.pk}/")
    assert record.context["project"].polygon_version.number == 1
    assert f'href="{FIRST}"' in record.content.decode() and record.context["map"]["selected"] == ""
    outline = GEOSGeometry(record.context["map"]["outline"])
    assert outline.equals_exact(project.polygon_version.geometry, 1e-6)
    assert client.get(f"/api/v1/projects/{project.public_id}/").json()["polygon_version"] == 1
    assert client.get("/api/v1/polygons/04-0017/?version=1").json()["version"] == 1


def test_a_polygon_merged_away_is_readable_for_ever_and_in_no_list(client, polygon_version, campeche, make_block):
    make_block(8, without_water=20, with_water=16)
    other = new_draft(blocks=["0400200010017008"], vintage=2020, municipality=campeche, name="Vecina")
    publish([other.pk], reason="prueba")
    publish([merge([polygon_version, PolygonVersion.objects.get(pk=other.pk)]).pk], reason="Se unen.", at=LATER)
    page = client.get(f"/polygons/{other.polygon.code}/")
    assert page.status_code == 200 and page.context["current"] is None
    drawing = page.context["family_drawing"]
    heights = {(box.member.code, box.member.number): box.y for box in drawing.boxes}
    first, ended, second = heights["04-0017", 1], heights[other.polygon.code, 1], heights["04-0017", 2]
    assert first == ended < second
    assert sorted(line.link.shared for line in drawing.lines) == [1, 3]
    assert "04-0017" in page.content.decode()
    listed = client.get("/polygons/?format=csv").getvalue().decode()
    assert "04-0017" in listed and other.polygon.code not in listed
    assert {link.kind for link in Lineage.objects.all()} == {"merged"}


def test_a_family_is_drawn_as_far_as_three_steps_and_says_that_there_is_more(client, polygon_version, make_block):
    codes = [f"0400200010017{number:03d}" for number in (1, 2, 3)]
    for number in range(2, 8):
        make_block(number + 10)
        codes.append(f"0400200010017{number + 10:03d}")
        draft = new_draft(blocks=codes, vintage=2020, polygon=polygon_version.polygon)
        publish([draft.pk], reason="Creció.", at=LATER)
    page = client.get(FIRST)
    assert [member.number for member in page.context["family"].members] == [1, 2, 3, 4]
    assert page.context["family"].is_cut and "últimas que aquí aparecen" in page.content.decode()
    assert not client.get("/polygons/04-0017/versions/4/").context["family"].is_cut


def test_a_retired_polygon_says_why(client, polygon_version):
    retire(polygon_version, reason="Ya tiene servicios.", at=LATER)
    assert "Ya tiene servicios." in client.get("/polygons/04-0017/").content.decode()
    assert "04-0017" not in client.get("/polygons/?format=csv").getvalue().decode()


def test_a_draft_is_not_public_under_any_address(client, polygon_version, make_block, technician):
    make_block(4)
    new_draft(blocks=["0400200010017004"], vintage=2020, polygon=polygon_version.polygon)
    for address in ("/polygons/04-0017/versions/2/", "/polygons/04-0017/versions/2/dossier.pdf"):
        assert client.get(address).status_code == 404
    client.force_login(technician)
    assert client.get("/polygons/04-0017/versions/2/").status_code == 200


def test_a_polygon_page_asks_a_fixed_number_of_queries(
    client, polygon_version, redrawn, criteria, django_assert_num_queries
):
    assess(criteria)
    with django_assert_num_queries(20):
        client.get("/polygons/04-0017/")
    with django_assert_num_queries(16):
        client.get(FIRST)


def answers(seen, **changes):
    paper = SimpleUploadedFile("escritura.pdf", PDF)
    asked = {"verdict": "pass", "note": "Escritura 123.", "file": paper, "title": "Escritura", "seen": seen or ""}
    return asked | {"issued_on": "2026-01-15"} | changes


@pytest.fixture
def judged(client, polygon_version, criteria, technician):
    """The page of the tenure criterion was answered by the technician."""
    assess(criteria)
    client.force_login(technician)
    seen = Assessment.objects.get(criterion__code="tenure").pk
    response = client.post("/polygons/04-0017/criteria/tenure/", answers(seen))
    assert response.status_code == 302
    return Assessment.objects.counting().get(criterion__code="tenure")


def test_the_page_says_whom_a_criterion_waits_for(client, polygon_version, criteria):
    page = client.get("/polygons/04-0017/")
    by_code = {standing.criterion.code: standing for standing in page.context["standings"]}
    assert (by_code["water"].verdict, by_code["water"].value) == ("pass", "56\N{NO-BREAK SPACE}%")
    assert by_code["tenure"].waits_for and "unidad del programa" in by_code["tenure"].waits_for
    assert "/criteria/" not in page.content.decode()


def test_a_verdict_with_its_document_reaches_only_those_who_may_read_it(
    client, judged, preparer, reviewer, auditor, homeless
):
    paper = AssessmentDocument.objects.get()
    for person, reads in ((reviewer, True), (auditor, True), (preparer, False)):
        client.force_login(person)
        page = client.get("/polygons/04-0017/").content.decode()
        assert ("Escritura 123." in page) is reads
        response = client.get(expiring(f"/polygons/papers/{paper.pk}/", person))
        assert response.status_code == (200 if reads else 404)
        if reads:
            assert b"".join(response.streaming_content) == PDF
    client.logout()
    public = client.get("/polygons/04-0017/").content.decode()
    assert "Escritura" not in public and "Dictaminado por la unidad del programa" in public


def test_a_verdict_needs_a_paper_a_note_and_the_latest_state(client, judged, criteria):
    address = "/polygons/04-0017/criteria/tenure/"
    stale = client.post(address, answers(judged.pk - 1, verdict="fail"))
    assert stale.status_code == 400 and "Mientras tanto" in stale.content.decode()
    for wrong, field in (({"file": ""}, "file"), ({"note": ""}, "note"), ({"issued_on": "2199-01-01"}, "issued_on")):
        response = client.post(address, answers(judged.pk, **wrong))
        assert response.status_code == 400 and field in response.context["form"].errors
    assert response.content.decode().count("(opcional)") == 2, "title and day; of the paper its help says when"
    bad = SimpleUploadedFile("a.pdf", b"MZ no")
    assert "file" in client.post(address, answers(judged.pk, file=bad)).context["form"].errors
    assert client.get("/polygons/04-0017/criteria/nothing/").status_code == 404


def pages(response) -> list[str]:
    assert response["Content-Type"] == "application/pdf"
    return [page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages]


def test_the_dossier_has_two_tagged_pages(client, polygon_version, project, judged, redrawn):
    response = client.get("/polygons/04-0017/dossier.pdf")
    first, second = pages(response)
    assert "Bellavista" in first and "ajeno a cualquier partido" in first
    assert "Criterio tenure" in second and "Introducción de red de agua potable" in second
    catalog = PdfReader(io.BytesIO(response.content)).trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in catalog


def test_the_dossier_of_the_public_shows_no_paper_and_no_draft_work(client, polygon_version, project, judged):
    client.logout()
    _first, second = pages(client.get("/polygons/04-0017/dossier.pdf"))
    assert "Escritura" not in second and "Introducción de red" not in second


def test_the_fullest_dossier_still_has_two_pages(client, polygon_version, project, criteria, manager, campeche):
    long = "Una denominación larga que no acaba nunca porque cada quien le agrega algo más, " * 3
    Polygon.objects.update(name=long[:120])
    rules = RulesVersion.objects.create(fiscal_year_id=2026, version=9, source=long[:300], workflow="lineamientos-2012")
    for number in range(12):
        EligibilityCriterion.objects.create(
            rules=rules, code=f"c{number}", source="Prueba", name_es=long[:200], name_en=long[:200],
            indicator="service_deficit", threshold=20, comparator=">=",
        )  # fmt: skip
    RulesVersion.objects.filter(status="in_force").update(status="superseded")
    RulesVersion.objects.filter(pk=rules.pk).update(status="in_force")
    for number in range(15):
        Project.objects.create(
            folio=f"04-ME-1{number:03d}", fiscal_year_id=2026, rules=rules, strand_id="G", modality_id="ME",
            municipality=campeche, polygon_version=polygon_version, name=long[:150], starts_on=dt.date(2026, 6, 1),
            ends_on=dt.date(2026, 9, 30), status_since=LATER, created_by=manager,
        )  # fmt: skip
    for number in range(8):
        geometry = square(-90.52, 19.85 + number * 0.01)
        child = Polygon.objects.create(code=f"04-1{number:03d}", name=long[:120], municipality=campeche)
        fields = {"geometry": geometry, "mercator": geometry.transform(3857, clone=True), "area": 1, "vintage": 2020}
        version = child.versions.create(number=1, source="drawn", **fields)
        Lineage.objects.create(parent=polygon_version, child=version, kind="split")
    client.force_login(manager)
    assert len(pages(client.get("/polygons/04-0017/dossier.pdf"))) == 2
