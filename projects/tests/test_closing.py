import csv
import hashlib
import io
import zipfile

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from django.urls import reverse

from projects import services
from projects.models import Handover
from projects.refusals import StepForbidden, StepRefused
from projects.tests.test_committees import at_status
from projects.workers import archiving
from projects.workflow import Status


@pytest.fixture
def finished(pipe):
    return at_status(pipe, Status.FINISHED)


def missing(project, user, at):
    return {step.name: [gap.sentence for gap in gaps] for step, gaps in services.gate(project, user, at)}


def test_the_gate_says_what_the_step_says(finished, people, now):
    gaps = missing(finished, people["reviewer"], now)["hand_over"]
    with pytest.raises(StepRefused) as refusal:
        services.take_step(finished, "hand_over", by=people["reviewer"], at=now)
    assert sorted(gaps) == sorted(refusal.value.messages)


def test_each_gap_leads_to_a_page_that_opens(client, finished, reviewer, now):
    client.force_login(reviewer)
    urls = {gap.url for _step, gaps in services.gate(finished, reviewer, now) for gap in gaps}
    assert reverse("projects:handover", args=[finished.pk]) in urls
    assert {client.get(url).status_code for url in urls} == {200}


def test_the_signed_certificate_opens_the_way(finished, reviewer, certificate, paper, now):
    issued = certificate(finished)
    assert any(issued.number in sentence for sentence in missing(finished, reviewer, now)["hand_over"])
    services.attach_signed_handover(issued, paper(), by=reviewer)
    assert not any(issued.number in sentence for sentence in missing(finished, reviewer, now)["hand_over"])


def test_the_warranty_is_not_shorter_than_the_rules_say(finished, certificate, now):
    with pytest.raises(StepRefused):
        certificate(finished, warranty_until=now.date())


def test_an_issued_certificate_is_not_changed(finished, certificate):
    issued = certificate(finished)
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Handover.objects.filter(pk=issued.pk).update(maintainer="Otro")


def test_a_cancelled_certificate_is_followed_by_the_next_number(finished, certificate, reviewer):
    first = certificate(finished)
    services.cancel_handover(first, reason="Nombre equivocado", by=reviewer)
    assert certificate(finished).number.endswith("-2")


def test_its_code_opens_a_public_page_without_names(client, finished, certificate):
    issued = certificate(finished, delivers_name="Persona Privada")
    page = client.get(f"/verify/{issued.code}/").content.decode()
    assert issued.number in page
    assert "Persona Privada" not in page


def test_the_archive_holds_every_paper_with_its_fingerprint(finished, reviewer, certificate, paper):
    services.attach_signed_handover(certificate(finished), paper("acta firmada.pdf"), by=reviewer)
    made = services.ask_archive(finished, by=reviewer)
    archiving.run_archive(made.pk)
    made.refresh_from_db()
    assert made.status == "done"
    with zipfile.ZipFile(io.BytesIO(made.file.read())) as archive:
        lines = list(csv.reader(io.StringIO(archive.read("indice.csv").decode("utf-8-sig"))))[1:]
        assert {line[0] for line in lines} == set(archive.namelist()) - {"indice.csv", "indice.html"}
        for path, _title, size, digest in lines:
            content = archive.read(path)
            assert (len(content), hashlib.sha256(content).hexdigest()) == (int(size), digest)
        assert any(line[0].startswith("expediente/") for line in lines)
        told = {"contratos", "estimado", "mediciones", "alertas", "hallazgos", "papeles_de_comites", "cedulas", "sics"}
        assert {f"{name}.csv" for name in told} <= set(archive.namelist())


def test_an_archive_in_the_making_is_not_made_twice(finished, reviewer):
    assert services.ask_archive(finished, by=reviewer) == services.ask_archive(finished, by=reviewer)


def test_an_expired_archive_loses_its_file_and_keeps_its_row(finished, reviewer, now):
    made = services.ask_archive(finished, by=reviewer, at=now)
    archiving.run_archive(made.pk)
    assert services.drop_expired_archives(now + services.archives.LIFE * 2) == 1
    made.refresh_from_db()
    assert (bool(made.file), bool(made.sha256)) == (False, True)


def test_a_stranger_finds_no_archive(client, finished, reviewer, stranger):
    made = services.ask_archive(finished, by=reviewer)
    client.force_login(stranger)
    assert client.get(f"/projects/{finished.pk}/archives/{made.pk}/").status_code == 404


# ---- Retention ------------------------------------------------------------------------------------------------------
@pytest.fixture
def old(pipe, people, attach):
    """Closed six years ago, by rules that keep papers for five."""
    import datetime as dt

    from projects.models import StatusChange

    attach("budget")
    at_status(pipe, Status.CLOSED)
    closed = dt.datetime(2020, 4, 1, tzinfo=dt.UTC)
    StatusChange.objects.create(project=pipe, step="close", to_status="closed", by=people["delegate"], at=closed)
    return pipe


def test_papers_go_only_by_the_hand_of_a_second_person(old, manager, second, now, django_capture_on_commit_callbacks):
    proposal = services.propose_destruction(old, reason="Plazo cumplido", by=manager, at=now)
    with pytest.raises(StepForbidden):
        services.confirm_destruction(proposal, by=manager)
    with django_capture_on_commit_callbacks(execute=True):
        services.confirm_destruction(proposal, by=second)
    assert proposal.files.get().sha256 == "0" * 64
    assert old.documents.count() == 1


def test_the_page_offers_to_confirm_to_another_person_alone(client, old, manager, second, now):
    past, proposals = reverse("projects:retention"), reverse("projects:destructions")
    client.force_login(manager)
    assert reverse("projects:propose-destruction", args=[old.pk]) in client.get(past).text
    proposal = services.propose_destruction(old, reason="Plazo cumplido", by=manager, at=now)
    confirm = reverse("projects:decide-destruction", args=[proposal.pk, "confirm"])
    assert not client.get(past).context["table"].data.data
    assert confirm not in client.get(proposals).text
    client.force_login(second)
    assert confirm in client.get(proposals, {"standing": "open"}).text
    assert confirm not in client.get(proposals, {"standing": "discarded"}).text


def test_papers_of_a_work_closed_lately_are_kept(pipe, manager, delegate, now):
    from projects.models import StatusChange

    at_status(pipe, Status.CLOSED)
    StatusChange.objects.create(project=pipe, step="close", to_status="closed", by=delegate, at=now)
    with pytest.raises(StepRefused):
        services.propose_destruction(pipe, reason="Espacio", by=manager, at=now)
    assert not services.past_retention(manager, now.date()).exists()


def test_the_report_names_what_may_go(old, manager, now):
    assert list(services.past_retention(manager, now.date())) == [old]
