import hashlib

import pytest
from django.core.management import call_command

from reports import leases, tasks, worker
from reports.models import Report
from reports.services import ask

KIND = "monthly-progress"


@pytest.fixture
def queue(monkeypatch):
    sent: list[int] = []
    monkeypatch.setattr(tasks.make_report, "delay", sent.append)
    return sent


@pytest.fixture
def report(running_project, delegate, queue):
    """Of Campeche, asked by its delegate, made."""
    report = ask(KIND, "2026-10", state=delegate.state, by=delegate)
    worker.run(report.pk)
    report.refresh_from_db()
    return report


def test_person_asks_and_downloads_the_three_files(
    client, delegate, running_project, queue, django_capture_on_commit_callbacks
):
    client.force_login(delegate)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/reports/ask/", {"kind": KIND, "period": "2026-10", "place": "04"})
    worker.run(queue[0])
    page = client.get("/reports/").content.decode()
    for file in Report.objects.get().files.all():
        assert file.sha256 in page
        answer = client.get(f"/reports/{file.report_id}/files/{file.format}/")
        assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == file.sha256
        assert answer["Content-Disposition"] == f'attachment; filename="{file.original_name}"'


def test_report_of_another_state_is_not_found(client, report, stranger):
    client.force_login(stranger)
    assert client.get(f"/reports/{report.pk}/files/pdf/").status_code == 404
    assert client.post(f"/reports/{report.pk}/cancel/").status_code == 404
    assert "Avance físico y financiero mensual</th" not in client.get("/reports/").content.decode()


def test_state_report_is_not_for_one_of_its_municipalities(client, report, certifier):
    client.force_login(certifier)
    assert client.get(f"/reports/{report.pk}/files/csv/").status_code == 404


def test_public_is_sent_to_the_dashboard_and_never_to_a_file(client, report):
    assert client.get("/reports/").url == "/reports/dashboard/"
    assert "/accounts/login/" in client.get(f"/reports/{report.pk}/files/pdf/").url


def test_place_outside_the_territory_is_refused_at_the_form(client, delegate, tlaxcala, queue):
    client.force_login(delegate)
    assert client.post("/reports/ask/", {"kind": KIND, "period": "2026-10", "place": "29"}).status_code == 400
    assert client.post("/reports/ask/", {"kind": KIND, "period": "2026-10", "place": ""}).status_code == 400
    assert not Report.objects.exists()


def test_person_without_territory_cannot_ask(client, homeless, queue):
    client.force_login(homeless)
    assert client.post("/reports/ask/", {"kind": KIND, "period": "2026-10"}).status_code == 403


def test_page_asks_for_itself_again_only_while_a_report_is_made(client, technician, rules, queue):
    client.force_login(technician)
    made = ask(KIND, "2026-10", by=technician)
    leases.renew(leases.claim(made.pk), 40)
    page = client.get("/reports/").content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert 'value="40"' in page
    Report.objects.update(status="done")
    fragment = client.get("/reports/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "hx-trigger" not in fragment


def test_person_cancels_and_tries_again(client, technician, rules, queue):
    client.force_login(technician)
    made = ask(KIND, "2026-10", by=technician)
    client.post(f"/reports/{made.pk}/cancel/")
    assert Report.objects.get().status == "cancelled"
    client.post(f"/reports/{made.pk}/retry/")
    assert Report.objects.get().status == "waiting"


def test_auditor_cannot_cancel_anothers_report(client, auditor, technician, rules, queue):
    client.force_login(auditor)
    made = ask(KIND, "2026-10", by=technician)
    assert client.post(f"/reports/{made.pk}/cancel/").status_code == 403


def test_list_has_a_fixed_number_of_queries(client, technician, rules, queue, django_assert_num_queries):
    client.force_login(technician)
    for month in (8, 9, 10):
        call_command("run_report", KIND, "--period", f"2026-{month:02}")
    client.get("/reports/")
    with django_assert_num_queries(7):
        client.get("/reports/")
