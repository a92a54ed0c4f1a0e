"""Files of large lists: asked for, made, told of, opened by their asker alone, and gone after their time."""

import csv
import datetime as dt
import io

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from habitat.accounts import export_making, exports
from habitat.accounts.models import Delivery, Export, Kind, Notification, NotificationPreference, OutboxMessage
from habitat.lib import jobs
from habitat.lib.lists import files
from habitat.tests.worker import wait_until

ASK = "/accounts/files/ask/"
LIST = "/projects/"


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr("habitat.lib.lists.listing.AT_ONCE", 0)


@pytest.fixture
def asked(client, project, technician):
    """A file of the technician's list of projects, made."""
    export = exports.ask(f"{LIST}?columns=folio&columns=name", "csv", by=technician)
    export_making.run(export.pk)
    export.refresh_from_db()
    client.force_login(technician)
    return export


def link_on(client, export: Export) -> str:
    page = client.get(f"/accounts/files/{export.pk}/").text
    return page.split(f'href="/accounts/files/{export.pk}/open/')[1].split('"')[0].replace("&amp;", "&")


def opened(client, export: Export) -> list[list[str]]:
    answer = client.get(f"/accounts/files/{export.pk}/open/{link_on(client, export)}")
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_a_large_list_is_asked_for_once_made_and_told_of(client, project, technician):
    client.force_login(technician)
    page = client.get(LIST, {"format": "xlsx", "q": "0144"}, follow=True)
    assert page.redirect_chain[0][0].startswith(ASK) and "XLSX" in page.text
    form = {"address": page.context["address"], "format": "xlsx"}
    first, second = client.post(ASK, form), client.post(ASK, form)
    export = Export.objects.get()
    assert first.url == second.url == f"/accounts/files/{export.pk}/"
    page = client.get(first.url).text
    assert "hx-get" in page and "<progress" in page and "noscript" in page
    call_command("run_exports")
    export.refresh_from_db()
    assert (export.status, export.rows, export.progress, export.address) == ("done", 1, 100, f"{LIST}?q=0144")
    notice = Notification.objects.get(user=technician, kind=Kind.JOB)
    assert notice.url == first.url and "XLSX" in notice.text
    assert OutboxMessage.objects.filter(notification=notice).exists()
    assert export.title in client.get("/accounts/files/").text


def test_the_file_holds_what_the_address_says(client, asked, project):
    assert opened(client, asked)[1:] == [[project.folio, project.name]]


def test_who_wants_no_mail_is_told_in_the_portal_alone(project, technician):
    NotificationPreference.objects.create(user=technician, kind=Kind.JOB, delivery=Delivery.OFF)
    export_making.run(exports.ask(LIST, "csv", by=technician).pk)
    assert Notification.objects.filter(user=technician).count() == 1
    assert not OutboxMessage.objects.exists()


def test_nobody_else_finds_it(client, asked, manager):
    address = f"/accounts/files/{asked.pk}/open/{link_on(client, asked)}"
    client.force_login(manager)
    for path in (address, f"/accounts/files/{asked.pk}/"):
        assert client.get(path).status_code == 404
    for act in ("cancel", "retry"):
        assert client.post(f"/accounts/files/{asked.pk}/{act}/").status_code == 404
    assert f"/accounts/files/{asked.pk}/" not in client.get("/accounts/files/").text


def test_who_lost_the_territory_opens_it_no_more(client, asked, technician, tlaxcala):
    address = f"/accounts/files/{asked.pk}/open/{link_on(client, asked)}"
    technician.is_national, technician.state = False, tlaxcala.state
    technician.save()
    assert client.get(address).status_code == 404
    assert f"/accounts/files/{asked.pk}/open/" not in client.get(f"/accounts/files/{asked.pk}/").text


def test_a_territory_lost_before_its_turn_makes_no_file(project, technician, tlaxcala):
    export = exports.ask(LIST, "csv", by=technician)
    technician.is_national, technician.state = False, tlaxcala.state
    technician.save()
    for _attempt in range(jobs.MAX_ATTEMPTS):
        export_making.run(export.pk)
    export.refresh_from_db()
    assert (export.status, str(export.file)) == ("failed", "")


def test_the_link_dies_and_then_the_file(client, asked):
    assert client.get(f"/accounts/files/{asked.pk}/open/").status_code == 410
    address, name = f"/accounts/files/{asked.pk}/open/{link_on(client, asked)}", str(asked.file)
    assert default_storage.exists(name)
    Export.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(address).status_code == 404
    call_command("run_exports")
    asked.refresh_from_db()
    assert (asked.status, str(asked.file)) == ("expired", "") and not default_storage.exists(name)
    again = client.post(f"/accounts/files/{asked.pk}/retry/")
    assert again.url != f"/accounts/files/{asked.pk}/" and Export.objects.filter(status="waiting").count() == 1


def test_a_cancelled_one_is_given_up_while_it_is_written(client, project, technician, monkeypatch):
    export = exports.ask(LIST, "csv", by=technician)
    client.force_login(technician)
    monkeypatch.setattr(files, "AT_ONCE", 1)
    told = export_making._told

    def cancelled_meanwhile(*arguments) -> None:
        client.post(f"/accounts/files/{export.pk}/cancel/")
        told(*arguments)

    monkeypatch.setattr(export_making, "_told", cancelled_meanwhile)
    export_making.run(export.pk)
    export.refresh_from_db()
    assert (export.status, str(export.file)) == ("cancelled", "")
    assert not Notification.objects.exists()


def test_what_fails_three_times_says_so_and_can_be_asked_again(client, project, technician, monkeypatch):
    export = exports.ask(LIST, "csv", by=technician)
    with monkeypatch.context() as patch:
        patch.setattr(export_making, "_publish", lambda *arguments: 1 / 0)
        for _attempt in range(jobs.MAX_ATTEMPTS):
            export_making.run(export.pk)
    assert Export.objects.get().status == "failed"
    assert Notification.objects.filter(user=technician, kind=Kind.JOB).count() == 1
    export_making.run(exports.retry(export, by=technician).pk)
    assert sorted(Export.objects.values_list("status", flat=True)) == ["done", "failed"]


@pytest.mark.parametrize(
    "address",
    ["", "https://example.org/projects/", "//example.org/projects/", "/", "/projects/new/", f"/{'a' * 3_000}"],
)
def test_an_address_that_is_no_list_is_not_found(client, project, technician, address):
    client.force_login(technician)
    for form in ("csv", "exe"):
        assert client.post(ASK, {"address": address, "format": form}).status_code == 404
    assert client.post(ASK, {"address": LIST, "format": "exe"}).status_code == 404


def test_a_list_that_is_not_ones_own_is_refused(client, project, preparer):
    client.force_login(preparer)
    assert client.post(ASK, {"address": "/projects/scenarios/", "format": "csv"}).status_code == 403


def test_the_public_gets_csv_as_it_is_read(client, project, monkeypatch):
    monkeypatch.setattr("habitat.lib.lists.listing.AT_ONCE", -1)
    page = client.get(LIST)
    assert [export["label"] for export in page.context["exports"]] == ["CSV"]
    assert client.get(LIST, {"format": "csv"}).status_code == 200
    assert client.get(LIST, {"format": "xlsx"}, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_the_queries_do_not_grow_with_the_rows(project, many_projects, technician):
    def queries() -> int:
        with CaptureQueriesContext(connections["default"]) as captured:
            export_making.run(exports.ask(LIST, "xlsx", by=technician).pk)
        return len(captured)

    few = queries()
    many_projects()
    assert queries() == few


@pytest.fixture
def many_projects(project, preparer):
    from projects import services

    def more() -> None:
        for number in range(5):
            services.create_draft(
                by=preparer, municipality=project.municipality, modality=project.modality, strand=project.strand,
                name=f"Banquetas {number}", polygon_version=project.polygon_version,
            )  # fmt: skip

    return more


@pytest.mark.long
@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_one_file_made_by_the_next(project, technician, start_worker):
    killed = start_worker()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE projects_action IN ACCESS EXCLUSIVE MODE")
            export = exports.ask(LIST, "gpkg", by=technician)
            wait_until(lambda: _status(export) == "running", 30, lambda: killed.log.read_text())
            killed.kill()
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert _status(export) == "running"
    # Its lease is over only after a minute: until then nobody takes it.
    call_command("run_exports")
    assert _status(export) == "running"
    Export.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    call_command("run_exports")
    export.refresh_from_db()
    assert (export.status, export.attempts, export.rows) == ("done", 2, 1)
    kept = [name for name in default_storage.listdir("accounts.export")[1] if name.startswith(f"{export.pk}-")]
    assert kept == [f"{export.pk}-2.gpkg"]
    assert Notification.objects.filter(user=technician, kind=Kind.JOB).count() == 1


def _status(export: Export) -> str:
    return Export.objects.values_list("status", flat=True).get(pk=export.pk)
