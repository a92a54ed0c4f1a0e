"""A preparer writes a proposal page by page; what is typed is never lost."""

from decimal import Decimal

import pytest
from django.contrib.gis.geos import LineString
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from habitat.tests.fixtures import PDF
from polygons.models import GeometryUpload
from projects.models import Project, Status


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def at_desk(client, preparer):
    client.force_login(preparer)
    return client


def page(project: Project, name: str) -> str:
    return reverse("projects:edit", args=[project.pk, name])


def test_a_proposal_is_written_from_the_first_page_to_the_last(at_desk, rules, polygon_version, campeche, preparer):
    answers = {
        "municipality": campeche.pk,
        "action_type": "ME01",
        "quantity": "1,240.00",
        "name": "Red de agua potable, calle 14",
        "strand": "G",
        "execution_form": "contract",
        "starts_on": "2026-06-01",
        "ends_on": "2026-09-30",
    }
    response = at_desk.post("/projects/new/", answers)
    project = Project.objects.get()
    assert response.url == page(project, "place")
    action = project.actions.get()

    response = at_desk.post(response.url, {"polygon_version": polygon_version.pk, "neighbourhood": "Bellavista"})
    assert response.url == reverse("projects:site", args=[project.pk, action.pk])

    response = at_desk.post(response.url, {"place": "19.8301, -90.5300\r\n19.8301, -90.5278"})
    assert response.url == page(project, "targets")
    assert action.touched.count() == 2

    prefix = f"action-{action.pk}"
    people = {f"{prefix}-{name}": value for name, value in {"women": "361", "men": "347", "households": "186"}.items()}
    response = at_desk.post(response.url, people | {f"{prefix}-quantity": "1,240.00"})
    assert response.url == page(project, "funding")

    money = {"cost": "1,000,000.00", "federal": "$500,000.00", "state": "200,000", "municipal": "300,000"}
    money["beneficiaries"] = "0"
    response = at_desk.post(response.url, {f"{prefix}-{name}": value for name, value in money.items()})
    assert response.url == page(project, "documents")

    response = at_desk.post(response.url, {"kind": "assembly_minutes", "file": SimpleUploadedFile("acta.pdf", PDF)})
    assert response.url == page(project, "documents")

    response = at_desk.post(page(project, "summary"))
    assert response.url == reverse("projects:detail", args=[project.pk])
    project.refresh_from_db()
    assert (project.ready_by, project.status, project.folio) == (preparer, Status.DRAFT, "04-ME-0001")
    assert (project.documents.count(), project.polygon_version, project.modality_id) == (1, polygon_version, "ME")


@pytest.mark.parametrize("name", ["work", "place", "targets", "funding", "documents", "summary"])
def test_every_page_opens_with_its_rules_beside(at_desk, project, name):
    response = at_desk.get(page(project, name))
    assert response.status_code == 200
    assert 'id="rules"' in response.text


def test_a_refused_first_page_keeps_what_was_typed(at_desk, rules, campeche):
    typed = {"municipality": campeche.pk, "action_type": "ME01", "quantity": "mil", "name": "Agua en la calle 14"}
    response = at_desk.post("/projects/new/", typed)
    assert response.status_code == 400
    assert 'value="Agua en la calle 14"' in response.text
    assert 'value="mil"' in response.text
    assert "error-summary" in response.text
    assert not Project.objects.exists()


def test_parts_that_do_not_add_up_are_refused_with_the_gap_and_kept(at_desk, project):
    action = project.actions.get()
    typed = {"cost": "3,150,000", "federal": "1,000,000", "state": "1", "municipal": "1", "beneficiaries": ""}
    response = at_desk.post(page(project, "funding"), {f"action-{action.pk}-{k}": v for k, v in typed.items()})
    assert response.status_code == 400
    typed["beneficiaries"] = "1"
    response = at_desk.post(page(project, "funding"), {f"action-{action.pk}-{k}": v for k, v in typed.items()})
    assert response.status_code == 400
    assert "$2,149,997.00" in response.text
    assert 'value="3,150,000"' in response.text
    assert action.contributions.get(source="federal").amount == Decimal(500_000)


def test_a_site_that_cannot_be_read_stays_in_the_box(at_desk, project):
    url = reverse("projects:site", args=[project.pk, project.actions.get().pk])
    response = at_desk.post(url, {"place": "calle 14 entre 5 y 7"})
    assert response.status_code == 400
    assert "calle 14 entre 5 y 7" in response.text


def test_blocks_from_the_list_need_no_script(at_desk, project, polygon_version):
    action = project.actions.get()
    chosen = list(polygon_version.blocks.order_by("code").values_list("pk", flat=True)[:2])
    url = reverse("projects:site", args=[project.pk, action.pk])
    shown = at_desk.get(url).context["form"].initial["place"]
    assert at_desk.post(url, {"place": shown.replace("\n", "\r\n"), "blocks": chosen}).status_code == 302
    assert set(action.touched.values_list("block", flat=True)) == set(chosen)


def test_an_unchanged_site_is_left_as_it_is(at_desk, project):
    action = project.actions.get()
    before = action.geometry
    url = reverse("projects:site", args=[project.pk, action.pk])
    shown = at_desk.get(url).context["form"].initial["place"]
    at_desk.post(url, {"place": shown.replace("\n", "\r\n")})
    action.refresh_from_db()
    assert action.geometry == before


def test_a_program_renamed_pdf_is_refused_at_its_field(at_desk, project):
    bad = SimpleUploadedFile("acta.pdf", b"MZ\x90\x00" + bytes(100), content_type="application/pdf")
    response = at_desk.post(page(project, "documents"), {"kind": "assembly_minutes", "file": bad})
    assert response.status_code == 400
    assert "field-error" in response.text
    assert not project.documents.exists()


def test_another_action_is_added_and_removed(at_desk, project):
    url = reverse("projects:add-action", args=[project.pk])
    typed = {"action_type": "ME01", "quantity": "10", "women": "0", "men": "0", "households": "0"}
    response = at_desk.post(url, typed)
    added = project.actions.latest("pk")
    assert response.url == reverse("projects:site", args=[project.pk, added.pk])
    at_desk.post(reverse("projects:remove-action", args=[project.pk, added.pk]))
    assert project.actions.count() == 1


def test_a_submitted_proposal_is_shown_but_not_saved(at_desk, project):
    Project.objects.filter(pk=project.pk).update(status=Status.SUBMITTED)
    shown = at_desk.get(page(project, "work"))
    assert "disabled" in shown.text
    typed = {"name": "otro", "strand": "G", "execution_form": "contract"}
    assert at_desk.post(page(project, "work"), typed).status_code == 400
    project.refresh_from_db()
    assert project.name == "Introducción de red de agua potable"


@pytest.mark.parametrize("role", ["certifier", "reviewer", "manager", "auditor"])
def test_the_form_belongs_to_preparers(client, project, request, role):
    client.force_login(request.getfixturevalue(role))
    assert client.get(page(project, "work")).status_code == 403
    assert client.get("/projects/new/").status_code == 403


def test_a_preparer_of_another_municipality_finds_nothing(client, project, make_user, tlaxcala):
    client.force_login(make_user("preparer", municipality=tlaxcala))
    assert client.get(page(project, "work")).status_code == 404


def test_without_an_open_year_the_page_says_so(at_desk, rules):
    rules.fiscal_year.status = "closed"
    rules.fiscal_year.save()
    assert at_desk.get("/projects/new/").status_code == 409


def test_the_form_speaks_both_languages(at_desk, rules, settings):
    spanish = at_desk.get("/projects/new/").text
    at_desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = at_desk.get("/projects/new/").text
    assert "¿Qué se hará?" in spanish
    assert "What will be done?" in english


def test_a_site_from_a_file_stands_in_the_box_until_it_is_saved(at_desk, project, preparer):
    action = project.actions.get()
    url = reverse("projects:site", args=[project.pk, action.pk])
    drawn = b'{"type": "LineString", "coordinates": [[-90.53, 19.8301], [-90.529, 19.8301]]}'
    sent = SimpleUploadedFile("calle.geojson", drawn)
    answer = at_desk.post(reverse("projects:send-site", args=[project.pk, action.pk]), {"site_file": sent})
    assert answer.url.startswith(f"{url}?file=")
    file = GeometryUpload.objects.get()
    assert file.original_name in at_desk.get(answer.url).text
    file.status, file.geometry = (
        GeometryUpload.Status.GOOD,
        LineString((-90.53, 19.8301), (-90.529, 19.8301), srid=4326),
    )
    file.save()
    assert at_desk.get(answer.url).context["file"]["is_at_work"] is False
    at_desk.post(reverse("projects:use-site", args=[project.pk, action.pk, file.public_id]))
    shown = at_desk.get(url)
    assert "19.830100, -90.529000" in shown.text
    action.refresh_from_db()
    assert action.geometry.coords[-1] == (-90.5278, 19.8301), "nothing is saved before one looked"
    at_desk.post(url, {"place": shown.context["form"].data["place"], "seen": shown.context["marks"]})
    action.refresh_from_db()
    assert action.geometry.coords[-1] == (-90.529, 19.8301)
