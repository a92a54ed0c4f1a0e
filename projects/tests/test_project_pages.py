"""The list, the record, its files and its steps, as each reader finds them."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from habitat.accounts.models import Notification
from habitat.lib.links import expiring
from habitat.tests.fixtures import PDF
from projects import services
from projects.models import Observation, Project, Status


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def detail(project: Project) -> str:
    return reverse("projects:detail", args=[project.pk])


def step(project: Project, name: str) -> str:
    return reverse("projects:step", args=[project.pk, name])


# ---- List -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def many(project, preparer):
    """Eleven more drafts of the same municipality."""
    for _number in range(11):
        services.create_draft(
            by=preparer,
            municipality=project.municipality,
            modality=project.modality,
            strand=project.strand,
            name="Banquetas",
            polygon_version=project.polygon_version,
        )
    return Project.objects.all()


def test_the_list_costs_the_same_however_long(client, project, preparer, many, django_assert_max_num_queries):
    client.force_login(preparer)
    with django_assert_max_num_queries(14):
        response = client.get("/projects/")
    assert len(response.context["table"].rows) == 12
    assert "$1,000,000.00" in response.text


def test_totals_are_of_all_that_was_found_not_of_the_page(client, project, manager, many, monkeypatch):
    monkeypatch.setattr("projects.views.lists.PER_PAGE", 2)
    client.force_login(manager)
    table = client.get("/projects/?sort=folio").context["table"]
    assert len(table.page) == 2
    assert table.totals == {"cost": 1_000_000, "federal": 500_000}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=0144", 1),
        ("q=agua", 1),
        ("q=bellavista", 12),
        ("q=campeche", 12),
        ("q=nada", 0),
        ("status=draft", 12),
        ("status=submitted&status=closed", 0),
        ("modality=ME", 12),
        ("modality=DS", 0),
        ("municipality=04002", 12),
        ("state=04", 12),
        ("fiscal_year=2026", 12),
        ("polygon=04-0017", 12),
        ("overdue=on", 0),
        ("mine=on", 12),
        ("waiting=on", 12),
        ("sort=-cost", 12),
    ],
)
def test_filters_stand_in_the_address(client, preparer, many, query, count):
    client.force_login(preparer)
    response = client.get(f"/projects/?{query}")
    assert response.context["table"].paginator.count == count


def test_an_empty_list_says_so(client, preparer, rules):
    client.force_login(preparer)
    assert 'class="empty"' in client.get("/projects/").text


def test_others_and_the_public_find_what_is_theirs(client, project, stranger, homeless):
    assert client.get("/projects/").context["table"].paginator.count == 0
    for person in (stranger, homeless):
        client.force_login(person)
        assert client.get("/projects/").context["table"].paginator.count == 0


def test_files_hold_the_rows_that_are_shown(client, project, preparer, many):
    client.force_login(preparer)
    lines = client.get("/projects/?q=0144&format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "04-ME-0144" in lines[1]
    assert "1000000.00" in lines[1]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/projects/?format=xlsx").getvalue()))
    assert book.active.max_row == 13


# ---- Record ---------------------------------------------------------------------------------------------------------
def test_the_record_shows_steps_rules_papers_and_history(client, project, certifier):
    client.force_login(certifier)
    text = client.get(detail(project)).text
    assert "$1,000,000.00" in text
    assert 'id="why-submit"' in text
    assert 'id="rules"' in text
    assert 'id="documents"' in text


def test_outside_the_territory_there_is_nothing(client, project, stranger):
    client.force_login(stranger)
    assert client.get(detail(project)).status_code == 404
    assert client.post(step(project, "submit")).status_code == 404


def test_the_public_sees_approved_works_without_papers_and_names(client, project, lead, people):
    assert client.get(detail(project)).status_code == 404
    services.attach_document(project, "other", SimpleUploadedFile("acta.pdf", PDF), by=people["preparer"])
    lead(project, "approve")
    text = client.get(detail(project)).text
    assert project.name in text
    for person in people.values():
        assert f"{person} ·" not in text
    assert 'id="documents"' not in text
    assert "/documents/" not in text


def test_the_record_costs_a_fixed_number_of_queries(client, project, reviewer, django_assert_max_num_queries):
    client.force_login(reviewer)
    with django_assert_max_num_queries(28):
        client.get(detail(project))


# ---- Documents ------------------------------------------------------------------------------------------------------
def test_a_paper_is_handed_out_as_an_attachment_to_those_of_the_territory_alone(
    client, project, preparer, reviewer, stranger
):
    paper = services.attach_document(project, "other", SimpleUploadedFile("acta.pdf", PDF), by=preparer)
    url = reverse("projects:document", args=[project.pk, paper.pk])
    assert client.get(url).status_code == 302
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(preparer)
    theirs = re.search(f'href="({url}[^"]+)"', client.get(detail(project)).content.decode())[1].replace("&amp;", "&")
    assert client.get(theirs).status_code == 200
    client.force_login(reviewer)
    # Neither the bare address nor another person's link opens it.
    assert client.get(url).status_code == client.get(theirs).status_code == 410
    response = client.get(expiring(url, reviewer))
    assert b"".join(response) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="acta.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_paper_is_not_reached_through_another_project(client, project, preparer, many):
    paper = services.attach_document(project, "other", SimpleUploadedFile("acta.pdf", PDF), by=preparer)
    client.force_login(preparer)
    other = many.exclude(pk=project.pk).first()
    assert client.get(reverse("projects:document", args=[other.pk, paper.pk])).status_code == 404


def test_a_reviewer_adds_a_paper_while_it_is_in_their_hands(client, project, lead, reviewer):
    client.force_login(reviewer)
    url = reverse("projects:attach", args=[project.pk])
    assert client.get(url).status_code == 403
    lead(project, "review")
    response = client.post(url, {"kind": "technical_opinion", "file": SimpleUploadedFile("d.pdf", PDF)})
    assert response.url == detail(project)
    assert project.documents.get().by == reviewer


# ---- Steps ----------------------------------------------------------------------------------------------------------
def test_a_step_is_read_before_it_is_taken(client, project, certifier, preparer):
    services.mark_ready(project, by=preparer)
    client.force_login(certifier)
    assert client.get(step(project, "submit")).status_code == 200
    assert client.post(step(project, "submit")).url == detail(project)
    project.refresh_from_db()
    assert project.status == Status.SUBMITTED


def test_a_step_that_is_anothers_is_forbidden(client, project, preparer):
    client.force_login(preparer)
    assert client.get(step(project, "submit")).status_code == 403
    assert client.post(step(project, "submit")).status_code == 403


def test_a_step_refused_says_why_with_409(client, project, certifier):
    client.force_login(certifier)
    response = client.post(step(project, "submit"))
    assert response.status_code == 409
    assert "error-summary" in response.text


def test_an_unknown_step_is_not_found(client, project, certifier):
    client.force_login(certifier)
    assert client.get(step(project, "jump")).status_code == 404


def test_observations_travel_from_the_review_to_the_form_and_back(client, project, lead, people):
    lead(project, "review")
    client.force_login(people["reviewer"])
    assert client.post(step(project, "observe"), {"reason": "Falta firma"}).status_code == 400
    client.post(step(project, "observe"), {"reason": "Falta firma", "documents": "El presupuesto no está firmado."})
    remark = Observation.objects.get()

    client.force_login(people["preparer"])
    shown = client.get(reverse("projects:edit", args=[project.pk, "documents"])).text
    assert "El presupuesto no está firmado." in shown
    url = reverse("projects:observation", args=[project.pk, remark.pk])
    assert client.post(url, {"text": "Ya va firmado."}).url == detail(project)

    client.force_login(people["certifier"])
    client.post(step(project, "answer"), {"reason": "Se corrigió."})
    project.refresh_from_db()
    remark.refresh_from_db()
    assert (project.status, remark.answer) == (Status.IN_REVIEW, "Ya va firmado.")


def test_an_opinion_is_asked_for_and_given(client, project, lead, people):
    lead(project, "review")
    client.force_login(people["reviewer"])
    ask = reverse("projects:ask-opinion", args=[project.pk])
    wanted = {"modality": "ME", "due_on": timezone.localdate().isoformat(), "question": "¿Alcanza el diámetro?"}
    assert client.post(ask, wanted | {"due_on": "2020-01-01"}).status_code == 409
    client.post(ask, wanted)
    assert client.post(ask, wanted).status_code == 409
    asked = project.opinions.get()
    assert asked.modality_id == "ME"
    assert client.post(ask, wanted | {"modality": "DS"}).status_code == 302
    url = reverse("projects:opinion", args=[project.pk, asked.pk])
    assert client.get(url).status_code == 403
    client.force_login(people["technician"])
    client.post(url, {"is_favourable": "yes", "text": "Procede."})
    asked.refresh_from_db()
    assert (asked.is_favourable, asked.given_by) == (True, people["technician"])
    told = Notification.objects.filter(kind="opinion").order_by("pk").values_list("user", flat=True)
    assert list(told) == [people["technician"].pk, people["technician"].pk, people["reviewer"].pk]


def test_a_cancellation_takes_two_people(client, project, lead, people):
    lead(project, "approve")
    client.force_login(people["delegate"])
    client.post(reverse("projects:propose-cancellation", args=[project.pk]), {"text": "El predio está en litigio."})
    client.force_login(people["manager"])
    client.post(step(project, "cancel"), {"reason": "Se confirma."})
    project.refresh_from_db()
    assert project.status == Status.CANCELLED


# ---- PH-01 ----------------------------------------------------------------------------------------------------------
def test_ph01_says_what_the_page_says_and_carries_the_legend(client, project, reviewer):
    client.force_login(reviewer)
    response = client.get(reverse("projects:ph01", args=[project.pk]))
    document = PdfReader(io.BytesIO(response.content))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    for words in ("04-ME-0144", "Introducción de red de agua potable", "ME01", "400.00", "$1,000,000.00", "708"):
        assert words in text, words
    assert "ajeno a cualquier partido político" in text
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_life_of_a_project_is_explained_to_everybody(client):
    text = client.get("/projects/workflow/").text
    assert "<svg" in text
    assert text.count("<tr>") > 20
