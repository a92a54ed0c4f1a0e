"""The API writes what the pages write: the same services, the same refusals, no lost update, no double effect."""

import json
import threading

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from habitat.accounts.idempotency import KEPT
from habitat.accounts.models import KeptAnswer, SecurityEvent
from habitat.accounts.services import issue_token
from habitat.tests.fixtures import PDF
from projects import services
from projects.models import Action, Document, Project, Status

PROPOSAL = {
    "municipality": "04002", "modality": "ME", "strand": "G", "name": "Red de agua", "polygon": "04-0017",
    "starts_on": "2026-06-01", "ends_on": "2026-09-30",
}  # fmt: skip
PROJECTS, ACTIONS, DOCUMENTS = "/api/v1/projects/", "/api/v1/actions/", "/api/v1/documents/"


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def api(preparer):
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(preparer)
    return client


def send(api, method, address, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(api, method)(address, body, format="json", headers=named)


def etag(api, address):
    return api.get(address)["ETag"]


def test_a_whole_proposal_is_written_and_handed_over(api, preparer, rules, polygon_version, make_block):
    begun = send(api, "post", PROJECTS, PROPOSAL)
    assert begun.status_code == 201 and begun["ETag"] and begun["Location"].endswith(f"{begun.json()['id']}/")
    project = f"{PROJECTS}{begun.json()['id']}/"
    added = send(api, "post", ACTIONS, {"project": begun.json()["id"], "action_type": "ME01", "quantity": "400"})
    assert added.status_code == 201
    row = f"{ACTIONS}{added.json()['id']}/"
    line = {"type": "LineString", "coordinates": [[-90.53, 19.8301], [-90.5278, 19.8301]]}
    placed = send(api, "put", f"{row}site/", {"geometry": line}, If_Match=added["ETag"])
    assert placed.status_code == 200 and placed.json()["blocks"]
    people = send(api, "patch", row, {"women": 361, "men": 347, "households": 186}, If_Match=placed["ETag"])
    assert people.json()["women"] == 361
    payers = f"{row}contributions/"
    shares = {"federal": "500000", "state": "200000", "municipal": "300000", "unit_price": "2500"}
    paid = send(api, "put", payers, shares, If_Match=etag(api, payers))
    assert [(line["source"], line["amount"]) for line in paid.json()][1] == ("federal", "500000.00")
    renamed = send(api, "patch", project, {"name": "Red de agua potable"}, If_Match=etag(api, project))
    assert renamed.json()["cost"] == "1000000.00" and renamed.json()["name"] == "Red de agua potable"
    assert send(api, "post", f"{project}ready/").status_code == 200
    assert Project.objects.get().ready_by == preparer


REFUSED = [
    ("nobody of another municipality", "post", {"municipality": "29033"}, 403, ""),
    ("a polygon that is not there", "post", {"polygon": "99-9999"}, 400, "polygon"),
    ("an end before the start", "post", {"ends_on": "2026-01-01"}, 400, "ends_on"),
    ("a modality that is not there", "post", {"modality": "XX"}, 400, "modality"),
    ("a name that is missing", "post", {"name": ""}, 400, "name"),
]


@pytest.mark.parametrize(("what", "method", "change", "status", "field"), REFUSED)
def test_what_a_page_refuses_is_refused_as_a_problem(
    api, rules, polygon_version, tlaxcala, what, method, change, status, field
):
    answer = send(api, method, PROJECTS, PROPOSAL | change)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not field or field in answer.json()["errors"]
    assert not Project.objects.exists()


def test_what_left_one_s_hands_is_closed_by_409_and_another_territory_is_404(api, project, make_user, tlaxcala):
    address, row = f"{PROJECTS}{project.public_id}/", f"{ACTIONS}{project.actions.get().public_id}/"
    wrong = {"project": str(project.public_id), "action_type": "DS01", "quantity": "1"}
    assert "action_type" in send(api, "post", ACTIONS, wrong).json()["errors"]
    last = send(api, "delete", row, If_Match=etag(api, row))
    assert last.status_code == 400 and Action.objects.exists()
    with pgtrigger.ignore("projects.Project:follows_workflow"):
        Project.objects.update(status=Status.SUBMITTED)
    assert send(api, "patch", address, {"name": "x"}, If_Match="*").status_code == 409
    assert send(api, "put", f"{row}contributions/", {}, If_Match="*").status_code == 409
    api.force_authenticate(make_user("preparer", municipality=tlaxcala))
    for where in (address, row):
        assert send(api, "patch", where, {"name": "x"}, If_Match="*").status_code == 404
    assert send(api, "post", ACTIONS, wrong).status_code == 400
    api.force_authenticate(None)
    for method, where in (("post", PROJECTS), ("patch", address), ("delete", row), ("post", DOCUMENTS)):
        assert send(api, method, where, {}).status_code == 401


def test_a_stale_or_missing_etag_changes_nothing(api, project, preparer):
    address = f"{PROJECTS}{project.public_id}/"
    seen = etag(api, address)
    assert send(api, "patch", address, {"name": "a"}).status_code == 428
    services.update_draft(project, by=preparer, name="de otra persona")
    stale = send(api, "patch", address, {"name": "a"}, If_Match=seen)
    assert (stale.status_code, stale["Content-Type"]) == (412, "application/problem+json")
    assert send(api, "post", f"{address}steps/submit/", {}, If_Match=seen).status_code == 412
    project.refresh_from_db()
    assert project.name == "de otra persona"
    row = project.actions.get()
    payers = f"{ACTIONS}{row.public_id}/contributions/"
    before = etag(api, payers)
    services.set_contributions(row, by=preparer, amounts={"federal": 1})
    assert send(api, "put", payers, {}, If_Match=before).status_code == 412
    assert etag(api, payers) != before


AGES = [{"group": "0-14", "women": 161, "men": 147}, {"group": "15-29", "women": 200, "men": 200}]
MONTHS = [
    {"month": "2026-06", "quantity": "100.00", "amount": "250000.10"},
    {"month": "2026-08", "quantity": "300.00", "amount": "749999.90"},
]
TABLES = [("ages", AGES, {"women": 162}), ("schedule", MONTHS, {"amount": "1.00"})]


@pytest.mark.parametrize(("name", "rows", "wrong"), TABLES)
def test_ages_and_months_are_tables_written_whole(api, project, preparer, name, rows, wrong):
    """One that does not add up, or says a row twice, is refused; nobody's table is written over unseen."""
    address = f"{ACTIONS}{project.actions.get().public_id}/{name}/"
    empty = api.get(address)
    assert empty.json() == {name: []}
    assert send(api, "put", address, {name: rows}).status_code == 428
    for bad in (
        [rows[0] | wrong, rows[1]],
        [rows[0], rows[0], rows[1]],
        [{}],
        [rows[0] | {"month": "x", "group": "x"}],
    ):
        refused = send(api, "put", address, {name: bad}, If_Match=empty["ETag"])
        assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    written = send(api, "put", address, {name: rows}, If_Match=empty["ETag"])
    assert (written.status_code, written.json()) == (200, {name: rows})
    assert send(api, "put", address, {name: []}, If_Match=empty["ETag"]).status_code == 412
    assert etag(api, address) == written["ETag"]
    assert send(api, "put", address, {name: []}, If_Match=written["ETag"]).json() == {name: []}


def test_the_years_of_a_source_are_written_with_who_pays(api, project):
    address = f"{ACTIONS}{project.actions.get().public_id}/contributions/"
    shares = {"federal": "500000", "state": "200000", "municipal": "290000", "beneficiaries": "10000"}
    later = [{"source": "state", "year": 2027, "amount": "50000.50"}]

    def put(**more):
        return send(api, "put", address, shares | more, If_Match=etag(api, address))

    def of_state(answer):
        return [(row["year"], row["amount"]) for row in answer.json() if row["source"] == "state"]

    assert of_state(put(later=later)) == [(2026, "149999.50"), (2027, "50000.50")]
    assert of_state(put()) == [(2026, "149999.50"), (2027, "50000.50")], "not said again, they stay"
    wrong = (
        [later[0] | {"source": "federal"}], [later[0] | {"year": 2026}], [later[0] | {"year": 2030}], later * 2,
        [later[0] | {"amount": "200000.01"}],
    )  # fmt: skip
    for bad in wrong:
        assert put(later=bad).status_code == 400
    assert of_state(put(later=[])) == [(2026, "200000.00")]


# ---- Papers ---------------------------------------------------------------------------------------------------------
def paper(project, content=PDF, **more):
    return {"project": str(project.public_id), "kind": "other", "file": SimpleUploadedFile("a.pdf", content)} | more


def test_a_paper_is_sent_read_and_taken_back(api, project):
    sent = api.post(DOCUMENTS, paper(project), format="multipart")
    assert sent.status_code == 201 and sent.json()["content_type"] == "application/pdf"
    address = f"{DOCUMENTS}{sent.json()['id']}/"
    assert b"".join(api.get(f"{address}file/")) == PDF
    assert send(api, "delete", address).status_code == 428
    assert send(api, "delete", address, If_Match=sent["ETag"]).status_code == 204
    assert not Document.objects.exists()


def test_a_paper_that_is_none_is_refused_and_a_harmful_one_is_kept_in_mind(api, project, settings):
    wrong = api.post(DOCUMENTS, paper(project, b"MZ"), format="multipart")
    assert wrong.status_code == 400 and wrong["Content-Type"] == "application/problem+json"
    settings.UPLOAD_SCANNER = "sh -c 'cat >/dev/null; echo Eicar; exit 1'"
    for headers in ({}, {"Idempotency-Key": "uno"}):
        assert api.post(DOCUMENTS, paper(project), format="multipart", headers=headers).status_code == 400
    assert SecurityEvent.objects.count() == 2 and not Document.objects.exists()


def test_broken_json_is_said_in_the_language_of_the_portal(api):
    for content, words in (('{"name": ', "renglón 1, columna 10"), ('{"name": NaN}', "sin NaN")):
        answer = api.post(PROJECTS, content, content_type="application/json", headers={"Accept-Language": "es-MX"})
        assert answer.status_code == 400
        assert words in answer.json()["detail"]


# ---- Once -----------------------------------------------------------------------------------------------------------
def test_a_repeat_hears_the_first_answer_and_has_no_effect(api, rules, polygon_version, project):
    first = send(api, "post", PROJECTS, PROPOSAL, Idempotency_Key="k-1")
    again = send(api, "post", PROJECTS, dict(reversed(PROPOSAL.items())), Idempotency_Key="k-1")
    assert (again.status_code, again.content, again["ETag"]) == (201, first.content, first["ETag"])
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    other = send(api, "post", PROJECTS, PROPOSAL | {"name": "Otra"}, Idempotency_Key="k-1")
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")
    assert Project.objects.count() == 2
    sent = [api.post(DOCUMENTS, paper(project), format="multipart", headers={"Idempotency-Key": "k-2"}) for _ in "12"]
    assert sent[0].json() == sent[1].json() and Document.objects.count() == 1
    assert send(api, "post", PROJECTS, PROPOSAL, Idempotency_Key="ñ").status_code == 400


def test_a_refusal_is_not_kept_and_its_key_may_be_mended(api, rules, polygon_version):
    assert send(api, "post", PROJECTS, PROPOSAL | {"name": ""}, Idempotency_Key="k").status_code == 400
    assert send(api, "post", PROJECTS, PROPOSAL, Idempotency_Key="k").status_code == 201


def test_another_person_s_key_is_another_and_an_old_one_is_forgotten(api, rules, polygon_version, make_user, campeche):
    send(api, "post", PROJECTS, PROPOSAL, Idempotency_Key="k")
    api.force_authenticate(make_user("preparer", municipality=campeche))
    send(api, "post", PROJECTS, PROPOSAL, Idempotency_Key="k")
    KeptAnswer.objects.update(at=timezone.now() - KEPT * 2)
    send(api, "post", PROJECTS, PROPOSAL, Idempotency_Key="k")
    assert Project.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_at_once_under_one_key_have_one_effect(rules, polygon_version, preparer):
    key = issue_token(owner=preparer, name="prueba", scope="write", days=1, by=preparer)
    together, answers = threading.Barrier(3), []

    def post():
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        together.wait()
        answers.append(send(client, "post", PROJECTS, PROPOSAL, Idempotency_Key="k").status_code)
        connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409} and 201 in answers
    assert Project.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_under_one_etag_lose_none(project, preparer):
    key = issue_token(owner=preparer, name="prueba", scope="write", days=1, by=preparer)
    address = f"{PROJECTS}{project.public_id}/"
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    seen, together, answers = client.get(address)["ETag"], threading.Barrier(2), {}

    def patch(name):
        mine = APIClient()
        mine.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        together.wait()
        answers[name] = send(mine, "patch", address, {"name": name}, If_Match=seen).status_code
        connections.close_all()

    threads = [threading.Thread(target=patch, args=[name]) for name in ("uno", "dos")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [200, 412]
    project.refresh_from_db()
    assert answers[project.name] == 200


# ---- Who writes -----------------------------------------------------------------------------------------------------
def test_a_service_account_reads_until_the_program_unit_grants_it_writing(
    api, client, rules, polygon_version, make_user, campeche, manager, delegate
):
    service = make_user("service", municipality=campeche)
    assert not service.can_write
    api.force_authenticate(service)
    assert send(api, "post", PROJECTS, PROPOSAL).status_code == 403
    page = f"/accounts/people/{service.pk}/"
    client.force_login(delegate)
    client.post(page, {"can_write": "on"})
    service.refresh_from_db()
    assert not service.can_write
    client.force_login(manager)
    client.post(page, {"can_write": "on"})
    service.refresh_from_db()
    assert service.can_write
    assert send(api, "post", PROJECTS, PROPOSAL).status_code == 201
    # It writes; that the draft is complete is a person's word.
    project = Project.objects.get()
    assert send(api, "post", f"{PROJECTS}{project.public_id}/ready/").status_code == 403


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("write", 201)])
def test_a_key_writes_only_with_the_scope_to_write(preparer, rules, polygon_version, scope, status):
    key = issue_token(owner=preparer, name="prueba", scope=scope, days=1, by=preparer)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert send(client, "post", PROJECTS, PROPOSAL).status_code == status


def test_a_site_made_of_blocks_is_of_the_polygon(api, project):
    row = f"{ACTIONS}{project.actions.get().public_id}/"
    block = project.polygon_version.blocks.first().code
    answer = send(api, "put", f"{row}site/", {"blocks": [block]}, If_Match=etag(api, row))
    assert [touched["block"] for touched in answer.json()["blocks"]] == [block]
    wrong = send(api, "put", f"{row}site/", {"blocks": ["0" * 16]}, If_Match=answer["ETag"])
    assert wrong.status_code == 400 and "0" * 16 in json.dumps(wrong.json()["errors"]["blocks"])
    assert send(api, "put", f"{row}site/", {"geometry": {"type": "X"}}, If_Match="*").status_code == 400
