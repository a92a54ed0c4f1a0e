"""Before a proposal is submitted: back to its preparer with comments, or signed on paper and the scan certified."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from habitat.accounts.models import Notification
from habitat.tests.fixtures import PDF
from projects import services
from projects.fingerprints import fingerprint_of, short
from projects.models import DraftComment
from projects.refusals import StepForbidden, StepRefused


@pytest.fixture(autouse=True)
def in_english(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


@pytest.fixture
def ready(project, preparer, now):
    return services.mark_ready(project, by=preparer, at=now)


@pytest.fixture
def certify(ready, certifier, now):
    def certify(typed=None, by=certifier, signer="María Pech, alcaldesa"):
        typed = short(fingerprint_of(ready)) if typed is None else typed
        scan = SimpleUploadedFile("ph01.pdf", PDF)
        return services.certify_scan(ready, scan, typed=typed, signer=signer, by=by, at=now)

    return certify


def test_a_return_carries_comments_and_takes_the_ready_mark_away(ready, certifier, preparer, now):
    for nothing in ([], [("work", " ")], [("nowhere", "x")]):
        with pytest.raises(StepRefused):
            services.return_to_preparer(ready, remarks=nothing, by=certifier, at=now)
    with pytest.raises(StepForbidden):
        services.return_to_preparer(ready, remarks=[("work", "Nombre.")], by=preparer, at=now)
    services.return_to_preparer(ready, remarks=[("work", "Diga la calle."), ("place", "")], by=certifier, at=now)
    ready.refresh_from_db()
    assert (ready.ready_at, ready.status) == (None, "draft")
    assert Notification.objects.filter(user=preparer, text__contains=ready.folio).exists()
    with pytest.raises(StepRefused):
        services.return_to_preparer(ready, remarks=[("work", "Otra vez.")], by=certifier, at=now)
    services.mark_ready(ready, by=preparer, at=now)
    assert DraftComment.objects.get().settled_at == now


def test_the_preparer_reads_the_comment_beside_its_section(client, ready, certifier, preparer):
    client.cookies["django_language"] = "en"
    client.force_login(certifier)
    url = reverse("projects:return-to-preparer", args=[ready.pk])
    assert url in client.get(reverse("projects:detail", args=[ready.pk])).text
    assert client.post(url, {}).status_code == 400
    assert client.post(url, {"targets": "Cuente a las familias de la calle 16."}).status_code == 302
    client.force_login(preparer)
    assert "calle 16" in client.get(reverse("projects:edit", args=[ready.pk, "targets"])).text
    assert "calle 16" not in client.get(reverse("projects:edit", args=[ready.pk, "work"])).text


def test_a_scan_speaks_of_the_draft_as_it_stood_and_of_no_other(ready, certify, preparer, now):
    printed = short(fingerprint_of(ready))
    signed = certify(typed=printed.lower().replace("-", " "))
    assert services.paper_signature(ready) == signed
    services.change_action(ready.actions.get(), by=preparer, households=187)
    ready.refresh_from_db()
    assert services.paper_signature(ready) is None
    services.mark_ready(ready, by=preparer, at=now)
    with pytest.raises(ValidationError):
        certify(typed=printed)
    certify()
    assert services.paper_signature(ready).signer == "María Pech, alcaldesa"


def test_only_a_certifier_who_did_not_prepare_it_certifies_a_scan(certify, people):
    for role in ("preparer", "reviewer", "manager"):
        with pytest.raises(StepForbidden):
            certify(by=people[role])
    with pytest.raises(ValidationError):
        certify(signer=" ")


def test_the_page_takes_the_scan_and_the_record_says_so(client, ready, certifier, preparer):
    client.cookies["django_language"] = "en"
    client.force_login(certifier)
    url = reverse("projects:certify-scan", args=[ready.pk])
    typed = {"signer": "María Pech", "typed": "XXXXX-XXXXX", "file": SimpleUploadedFile("a.pdf", PDF)}
    assert "Print the PH-01 again" in client.post(url, typed).text
    typed |= {"typed": short(fingerprint_of(ready)), "file": SimpleUploadedFile("a.pdf", PDF)}
    assert client.post(url, typed).status_code == 302
    shown = client.get(reverse("projects:detail", args=[ready.pk])).text
    assert "Signed on paper by María Pech" in shown
    client.force_login(preparer)
    paper = ready.documents.get(kind="ph01")
    answer = client.post(reverse("projects:remove-document", args=[ready.pk, paper.pk]), follow=True)
    assert "rests on this paper" in answer.text
    assert client.get(reverse("projects:ph01", args=[ready.pk])).status_code == 200
