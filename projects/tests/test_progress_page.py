"""A month's progress on its page: captured, sent, accepted or returned."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import ProgressReport


@pytest.fixture
def works(uncontracted):
    """In execution since April; the month of the page is that one."""
    return uncontracted


@pytest.fixture
def month(works):
    return reverse("projects:progress", args=[works.pk, 2026, 4])


@pytest.fixture
def said(works):
    amounts = {"federal": "50,000.00", "state": "20,000", "municipal": "29,000", "beneficiaries": "1,000"}
    return amounts | {f"quantity-{works.actions.get().pk}": "40.00", "note": "Tramo de la calle 14"}


def test_a_month_is_captured_sent_and_accepted(client, people, month, said):
    client.force_login(people["preparer"])
    assert client.post(month, said | {"do": "submit"}).status_code == 302
    report = ProgressReport.objects.get()
    assert (report.status, report.lines.get().quantity) == ("submitted", 40)
    client.force_login(people["reviewer"])
    assert "Tramo de la calle 14" in client.get(month).text
    client.post(month, {"do": "accept"})
    report.refresh_from_db()
    assert report.status == "accepted"


def test_a_month_is_returned_with_its_reason_and_captured_again(client, people, month, said):
    client.force_login(people["preparer"])
    client.post(month, said | {"do": "submit"})
    client.force_login(people["reviewer"])
    assert client.post(month, {"do": "return", "reason": ""}).status_code == 409
    client.post(month, {"do": "return", "reason": "Falta la estimación."})
    client.force_login(people["preparer"])
    assert "Falta la estimación." in client.get(month).text
    assert client.post(month, said | {"do": "save"}).status_code == 302


def test_more_than_approved_is_refused_with_a_sentence_and_kept(client, people, month, said, works):
    client.force_login(people["preparer"])
    too_much = said | {f"quantity-{works.actions.get().pk}": "401", "do": "save"}
    response = client.post(month, too_much)
    assert response.status_code == 409
    assert 'value="401"' in response.text
    assert not ProgressReport.objects.exists()


def test_the_record_offers_the_months_without_a_report(client, people, works, month):
    client.force_login(people["preparer"])
    months = client.get(reverse("projects:detail", args=[works.pk])).context["months"]
    assert months[-1] == dt.date(2026, 4, 1)


def test_the_public_reads_what_was_accepted_alone(client, people, month, said):
    client.force_login(people["preparer"])
    client.post(month, said | {"do": "submit"})
    client.logout()
    assert client.get(month).status_code == 404
    client.force_login(people["reviewer"])
    client.post(month, {"do": "accept"})
    client.logout()
    page = client.get(month)
    assert "$50,000.00" in page.text
    assert "Tramo de la calle 14" not in page.text


@pytest.mark.parametrize("period", [(2026, 0), (2026, 13), (0, 1), (99999, 1)])
def test_a_month_that_is_none_is_not_found(client, people, works, period):
    client.force_login(people["preparer"])
    assert client.get(reverse("projects:progress", args=[works.pk, *period])).status_code == 404
