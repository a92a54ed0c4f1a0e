"""Papers: who adds them when, who opens them, what happens to a newer one."""

import hashlib

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from habitat.accounts.models import SecurityEvent
from habitat.tests.fixtures import PDF
from projects import services
from projects.models import Document, Project, Status


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def paper(content: bytes = PDF, name: str = "acta.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def put_at(project: Project, status: str) -> None:
    with pgtrigger.ignore("projects.Project:follows_workflow"):
        Project.objects.filter(pk=project.pk).update(status=status)
    project.refresh_from_db()


def test_what_is_kept_of_a_paper_and_where(project, preparer, tmp_path):
    document = services.attach_document(project, "assembly_minutes", paper(), by=preparer)
    assert document.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (document.content_type, document.size, document.by) == ("application/pdf", len(PDF), preparer)
    stored = tmp_path / document.file.name
    assert stored.read_bytes() == PDF
    assert "acta" not in document.file.name
    assert stored.stat().st_mode & 0o077 == 0


def test_a_refused_paper_leaves_nothing(project, preparer, tmp_path):
    with pytest.raises(ValidationError):
        services.attach_document(project, "assembly_minutes", paper(b"MZ\x90\x00"), by=preparer)
    assert not Document.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


WHO_ATTACHES_WHEN = [
    (Status.DRAFT, {"preparer"}),
    (Status.SUBMITTED, {"reviewer", "delegate", "manager", "technician"}),
    (Status.IN_REVIEW, {"reviewer", "delegate", "manager", "technician"}),
    (Status.APPROVED, {"preparer", "certifier", "reviewer", "delegate", "manager", "technician"}),
    (Status.IN_EXECUTION, {"preparer", "certifier", "reviewer", "delegate", "manager", "technician"}),
    (Status.CLOSED, set()),
    (Status.REJECTED, set()),
]


@pytest.mark.parametrize(("status", "who"), WHO_ATTACHES_WHEN)
def test_who_attaches_when(project, status, who, request):
    put_at(project, status)
    for role in ("preparer", "certifier", "reviewer", "delegate", "manager", "technician", "auditor", "stranger"):
        assert services.may_attach(project, request.getfixturevalue(role)) is (role in who), role


def test_the_service_refuses_whoever_may_not(project, auditor):
    with pytest.raises(PermissionDenied):
        services.attach_document(project, "other", paper(), by=auditor)


def test_a_paper_of_a_draft_can_be_taken_back_and_its_file_goes(
    project, preparer, tmp_path, django_capture_on_commit_callbacks
):
    document = services.attach_document(project, "other", paper(), by=preparer)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_document(document, by=preparer)
    assert not (tmp_path / document.file.name).exists()


def test_a_paper_once_submitted_stays(project, preparer):
    document = services.attach_document(project, "other", paper(), by=preparer)
    put_at(project, Status.SUBMITTED)
    with pytest.raises(services.SectionClosed):
        services.remove_document(document, by=preparer)


def test_a_harmful_paper_is_refused_and_the_attempt_is_kept(project, preparer, settings):
    settings.UPLOAD_SCANNER = "sh -c 'cat >/dev/null; echo Eicar; exit 1'"
    with pytest.raises(ValidationError, match="Eicar"):
        services.attach_document(project, "other", paper(), by=preparer)
    kept = SecurityEvent.objects.get()
    assert (kept.by, kept.details) == (preparer, {"signature": "Eicar", "name": "acta.pdf"})
    assert not Document.objects.exists()
