"""A paper that arrives in pieces over a line that breaks."""

import datetime as dt
import hashlib

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from habitat.tests.fixtures import PDF
from projects.models import Document, PartialUpload, Project, Status
from projects.services.uploads import sweep_pieces

HALF = len(PDF) // 2
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def at_desk(client, preparer):
    client.force_login(preparer)
    return client


def begin(client, project: Project, **other):
    said = {"kind": "assembly_minutes", "name": "acta.pdf", "size": len(PDF), "sha256": DIGEST} | other
    return client.post(reverse("projects:begin-upload", args=[project.pk]), said)


def patch(client, url: str, offset: int, piece: bytes):
    headers = {"Upload-Offset": str(offset)}
    return client.patch(url, piece, content_type="application/octet-stream", headers=headers)


def arrived(tmp_path) -> list:
    return list((tmp_path / "arriving").glob("*"))


def test_a_paper_goes_on_where_the_line_broke(at_desk, project, tmp_path):
    begun = begin(at_desk, project)
    assert begun.status_code == 201
    url = begun.json()["url"]
    assert patch(at_desk, url, 0, PDF[:HALF]).headers["Upload-Offset"] == str(HALF)
    # Cut off after writing, before counting: the same piece comes again.
    with PartialUpload.objects.get().path.open("ab") as file:
        file.write(b"half a piece")
    wrong = patch(at_desk, url, HALF + 12, PDF[HALF + 12 :])
    assert (wrong.status_code, PartialUpload.objects.get().received) == (409, HALF)
    assert at_desk.post(url).status_code == 400, "not whole yet"
    told = at_desk.head(url)
    assert (told.headers["Upload-Offset"], told.headers["Upload-Length"]) == (str(HALF), str(len(PDF)))
    again = begin(at_desk, project)
    assert (again.status_code, again.json()) == (200, {"url": url, "received": HALF})
    assert patch(at_desk, url, HALF, PDF[HALF:]).status_code == 200
    assert at_desk.post(url).status_code == 201
    paper = Document.objects.get()
    assert (paper.sha256, paper.original_name, paper.kind) == (DIGEST, "acta.pdf", "assembly_minutes")
    assert not arrived(tmp_path)
    assert at_desk.post(url).status_code == 404
    assert Document.objects.count() == 1


REFUSED = [
    ({"size": 0}, "vacío"),
    ({"size": 10**9}, "20.0"),
    ({"kind": "none"}, "documento"),
]


@pytest.mark.parametrize(("said", "words"), REFUSED)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(at_desk, project, said, words):
    answer = begin(at_desk, project, **said)
    assert answer.status_code == 400
    assert words in answer.json()["words"]
    assert not PartialUpload.objects.exists()


WHOLE = [
    (b"MZ\x90\x00" + bytes(100), None, "tipo aceptado"),
    (PDF, "0" * 64, "dañó"),
]


@pytest.mark.parametrize(("content", "digest", "words"), WHOLE)
def test_a_whole_paper_is_checked_like_any_other(at_desk, project, tmp_path, content, digest, words):
    url = begin(at_desk, project, size=len(content), sha256=digest or "").json()["url"]
    patch(at_desk, url, 0, content)
    answer = at_desk.post(url)
    assert answer.status_code == 400
    assert words in answer.json()["words"]
    assert not Document.objects.exists()
    assert not arrived(tmp_path)


def test_a_piece_past_the_end_is_refused(at_desk, project):
    url = begin(at_desk, project).json()["url"]
    assert patch(at_desk, url, 0, PDF + b"more").status_code == 400


def test_pieces_belong_to_who_may_attach(at_desk, client, project, reviewer, make_user, campeche):
    url = begin(at_desk, project).json()["url"]
    client.force_login(make_user("preparer", municipality=campeche))
    assert patch(client, url, 0, PDF).status_code == 404
    client.force_login(reviewer)
    assert begin(client, project).status_code == 403


def test_once_submitted_not_one_more_piece_is_taken(at_desk, project):
    url = begin(at_desk, project).json()["url"]
    Project.objects.filter(pk=project.pk).update(status=Status.SUBMITTED)
    assert patch(at_desk, url, 0, PDF[:10]).status_code == 403


def test_given_up_or_stale_pieces_go(at_desk, project, tmp_path, django_capture_on_commit_callbacks):
    url = begin(at_desk, project).json()["url"]
    with django_capture_on_commit_callbacks(execute=True):
        assert at_desk.delete(url).status_code == 204
    assert not arrived(tmp_path)
    begin(at_desk, project)
    call_command("sweep_pieces")
    assert len(arrived(tmp_path)) == 1
    sweep_pieces(at=timezone.now() + dt.timedelta(days=4))
    assert not arrived(tmp_path)
    assert not PartialUpload.objects.exists()
