"""What a citizen sends of a work: nothing of theirs but the text, read before it shows, answered in public."""

import datetime as dt
import io
import uuid

import pgtrigger
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, transaction
from django.utils import timezone
from PIL import Image

from habitat.accounts.models import SecurityEvent
from projects import services
from projects.models import Comment, Project
from projects.refusals import Refused, StepForbidden

TEXT = "La calle sigue abierta desde hace un mes."
ROAD = ("submitted", "authorised", "in_review", "numbered", "approved")


def approve(project: Project) -> None:
    with pgtrigger.ignore("projects.Project:subsidies_first"):
        for status in ROAD:
            Project.objects.filter(pk=project.pk).update(status=status)
    project.refresh_from_db()


@pytest.fixture
def work(project):
    cache.clear()
    approve(project)
    return project


def picture() -> SimpleUploadedFile:
    kept, exif = io.BytesIO(), Image.Exif()
    exif[0x0110] = "Teléfono de Juana"
    Image.new("RGB", (40, 30), "green").save(kept, "JPEG", exif=exif)
    return SimpleUploadedFile("juana.jpg", kept.getvalue(), content_type="image/jpeg")


def test_anyone_sends_a_comment_that_waits_to_be_read(client, work):
    answer = client.post(f"/projects/{work.pk}/comments/", {"text": TEXT, "photo": picture()})
    comment = Comment.objects.get()
    assert answer.url == f"/projects/comments/{comment.public_id}/"
    assert b"juana" not in comment.photo.file.read().lower() and comment.photo.original_name == "foto.jpg"
    assert "Teléfono".encode() not in comment.photo.file.open().read()
    assert TEXT not in client.get(f"/projects/{work.pk}/comments/").content.decode()
    assert client.get(f"/projects/{work.pk}/comments/{comment.pk}/photo/").status_code == 404


def test_it_shows_once_published_and_its_answer_with_it(client, work, reviewer):
    comment = services.send_comment(work, TEXT, photo=picture())
    services.publish_comment(comment, with_photo=False, by=reviewer)
    services.answer_comment(comment, text="Se repone el viernes.", by=reviewer)
    page = client.get(f"/projects/{work.pk}/comments/").content.decode()
    assert TEXT in page and "Se repone el viernes." in page and reviewer.name not in page
    # The photo was not let through.
    assert client.get(f"/projects/{work.pk}/comments/{comment.pk}/photo/").status_code == 404


def test_a_machine_that_fills_the_trap_leaves_nothing(client, work):
    sent = {"text": TEXT, "website": "https://example.org"}
    assert client.post(f"/projects/{work.pk}/comments/", sent).status_code == 302
    assert not Comment.objects.exists()


def test_whoever_sends_too_many_is_told_to_wait_and_keeps_the_text(client, work):
    answers = [client.post(f"/projects/{work.pk}/comments/", {"text": TEXT}) for _try in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    assert TEXT in answers[-1].content.decode()


def test_answer_times_are_published_of_the_work_and_of_its_state(client, work, reviewer):
    sent = timezone.now()
    another = Project.objects.get(pk=work.pk)
    another.pk, another.folio, another.public_id, another.status = None, "04-ME-0145", uuid.uuid4(), "draft"
    another.save(force_insert=True)
    approve(another)
    for of, days in ((work, 1), (another, 4)):
        comment = services.send_comment(of, TEXT, at=sent)
        services.publish_comment(comment, with_photo=False, by=reviewer)
        answered = sent + dt.timedelta(days, hours=-1)
        services.answer_comment(comment, text="Se repone el viernes.", by=reviewer, at=answered)
    page = client.get(f"/projects/{work.pk}/comments/").content.decode()
    assert "en promedio en 1 día." in page and "en promedio en 3 días." in page


def test_a_harmful_photograph_leaves_an_event_that_names_nobody(client, work, settings):
    settings.UPLOAD_SCANNER = "sh -c 'cat >/dev/null; echo Eicar; exit 1'"
    assert client.post(f"/projects/{work.pk}/comments/", {"text": TEXT, "photo": picture()}).status_code == 400
    kept = SecurityEvent.objects.get()
    assert (kept.by, kept.details) == (None, {"signature": "Eicar", "name": ""})
    assert not Comment.objects.exists()


def test_what_is_no_photograph_is_refused_and_the_text_stays(client, work):
    paper = SimpleUploadedFile("x.jpg", b"%PDF-1.4 nothing", content_type="image/jpeg")
    answer = client.post(f"/projects/{work.pk}/comments/", {"text": TEXT, "photo": paper})
    assert answer.status_code == 400 and TEXT in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_work_not_approved_takes_no_comments(client, project):
    assert client.get(f"/projects/{project.pk}/comments/").status_code == 404
    with pytest.raises(Refused):
        services.send_comment(project, TEXT)


def test_the_delegation_of_the_place_decides_and_nobody_else(client, work, reviewer, preparer, manager):
    comment = services.send_comment(work, TEXT)
    for other in (preparer, manager):
        with pytest.raises((StepForbidden, Comment.DoesNotExist)):
            services.publish_comment(comment, with_photo=False, by=other)
    client.force_login(reviewer)
    address = f"/projects/{work.pk}/comments/{comment.pk}/"
    assert client.post(address, {"act": "refuse", "reason": ""}).status_code == 400
    assert client.post(address, {"act": "refuse", "reason": "Nombra a una persona."}).status_code == 302
    assert "Nombra a una persona." in client.get(f"/projects/comments/{comment.public_id}/").content.decode()
    late = client.post(address, {"act": "publish"})
    assert late.status_code == 409 and "Alguien ya decidió" in late.content.decode()


def test_what_was_sent_is_never_written_over(work):
    comment = services.send_comment(work, TEXT)
    with pytest.raises(InternalError), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(text="Todo bien.")
    assert Comment.objects.get().text == TEXT


def test_officers_of_the_municipality_read_what_is_published(client, work, certifier, reviewer):
    first, second = services.send_comment(work, TEXT), services.send_comment(work, "Otra cosa.")
    services.publish_comment(first, with_photo=False, by=reviewer)
    assert list(Comment.objects.visible_to(certifier)) == [first]
    assert set(Comment.objects.visible_to(reviewer)) == {first, second}
