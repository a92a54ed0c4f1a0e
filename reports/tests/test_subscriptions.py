import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from habitat.accounts.models import Notification, OutboxMessage
from habitat.accounts.outbox import _written
from reports import worker
from reports.models import Report, ReportSchedule, Subscription
from reports.schedule import run_schedule
from reports.scopes import Scope
from reports.services import ask
from reports.subscriptions import subscribe
from reports.tests.conftest import noon

KIND = "monthly-progress"
NOVEMBER = noon(dt.date(2026, 11, 22))


def made_by_the_clock(**place) -> Report:
    report = ask(KIND, "2026-10", by=None, at=NOVEMBER, **place)
    worker.run(report.pk)
    report.refresh_from_db()
    return report


def test_subscriber_is_told_once_by_a_mail_with_a_link_and_no_figure(running_project, delegate, campeche):
    subscribe(KIND, Scope(campeche.state), by=delegate)
    report = made_by_the_clock(state=campeche.state)
    _to, subject, body = _written(list(OutboxMessage.objects.select_related("notification__user")))
    assert "Avance físico y financiero mensual" in subject
    assert f"/reports/{report.pk}/" in body
    assert "200,000" not in body and report.totals["paid_federal"] not in body
    assert Notification.objects.filter(user=delegate).count() == 1


def test_a_report_that_somebody_asked_for_is_told_to_nobody_else(running_project, delegate, technician, campeche):
    subscribe(KIND, Scope(campeche.state), by=delegate)
    report = ask(KIND, "2026-10", state=campeche.state, by=technician, at=NOVEMBER)
    worker.run(report.pk)
    assert not Notification.objects.exists()


def test_who_lost_the_territory_reads_no_mail(running_project, delegate, campeche, tlaxcala):
    subscribe(KIND, Scope(campeche.state), by=delegate)
    made_by_the_clock(state=campeche.state)
    type(delegate).objects.filter(pk=delegate.pk).update(state=tlaxcala.state)
    assert _written(list(OutboxMessage.objects.select_related("notification__user"))) is None


def test_nobody_subscribes_to_another_territory(stranger, campeche):
    with pytest.raises(PermissionDenied):
        subscribe(KIND, Scope(campeche.state, campeche), by=stranger)


def test_clock_makes_what_is_subscribed_to_in_the_readers_language(running_project, certifier, campeche, monkeypatch):
    monkeypatch.setattr("reports.tasks.make_report.delay", lambda pk: None)
    ReportSchedule.objects.all().delete()
    ReportSchedule.objects.create(kind=KIND, scope="nation")
    certifier.language = "en"
    certifier.save(update_fields=["language"])
    subscribe(KIND, Scope(campeche.state, campeche), by=certifier)
    assert {(report.place_name, report.language) for report in run_schedule(NOVEMBER)} == {
        ("Nivel nacional", "es-mx"),
        ("Campeche", "en"),
    }


def test_person_subscribes_and_ends_it_on_the_pages(client, delegate, rules):
    client.force_login(delegate)
    client.post(f"/reports/kinds/{KIND}/subscribe/", {"place": "04"})
    wanted = Subscription.objects.get()
    assert (wanted.user, wanted.state_id) == (delegate, "04")
    assert f"/reports/subscriptions/{wanted.pk}/end/" in client.get("/reports/").content.decode()
    client.post(f"/reports/subscriptions/{wanted.pk}/end/")
    assert not Subscription.objects.exists()


def test_nobody_ends_anothers_subscription(client, delegate, manager, campeche):
    wanted = subscribe(KIND, Scope(campeche.state), by=delegate)
    client.force_login(manager)
    assert client.post(f"/reports/subscriptions/{wanted.pk}/end/").status_code == 404
    assert Subscription.objects.exists()


def test_anybody_verifies_a_report_by_its_code_and_reads_no_figure(client, running_project):
    report = made_by_the_clock()
    assert client.get("/verify/", {"code": report.code.lower()}).url == f"/verify/{report.code}/"
    page = client.get(f"/verify/{report.code}/").content.decode()
    assert all(file.sha256 in page for file in report.files.all())
    assert "200,000" not in page


def test_page_of_a_kind_says_what_each_column_means_and_offers_its_own_periods(client, technician, rules):
    client.force_login(technician)
    page = client.get("/reports/kinds/quarterly-shcp/").content.decode()
    assert "LFPRH" in page and "Avance financiero" in page
    assert 'value="2026-Q3"' in page and 'value="2026-10"' not in page


def test_corrections_of_a_closed_report_have_a_page(client, technician, running_project, enter):
    report = made_by_the_clock()
    enter(running_project, "paid", "federal", 10, dt.date(2026, 10, 31), recorded_at=noon(dt.date(2026, 11, 10)))
    client.force_login(technician)
    page = client.get(f"/reports/{report.pk}/later/").content.decode()
    assert "$200,010.15" in page


def test_api_gives_each_sheet_of_a_report_its_own_csv(client, technician, running_project):
    report = ask("quarterly-shcp", "2026-Q3", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    client.force_login(technician)
    files = client.get(f"/api/v1/reports/{report.public_id}/").json()["files"]
    sheets = [client.get(file["url"]) for file in files if file["format"] == "csv"]
    assert len({b"".join(answer.streaming_content)[:200] for answer in sheets}) == 3
    assert client.get(f"/api/v1/reports/{report.public_id}/files/csv/none/").status_code == 404
