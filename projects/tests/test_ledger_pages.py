"""What happened to the money, as a page: the matrix, every entry, and a form for who enters it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from habitat.tests.fixtures import YEAR


@pytest.fixture
def money_of(project, lead):
    lead(project, "approve")
    return reverse("projects:ledger", args=[project.pk])


def test_the_matrix_adds_up_to_the_cent(client, money_of, people):
    client.force_login(people["auditor"])
    response = client.get(money_of)
    assert [(sums[0][1], total) for _moment, sums, total in response.context["rows"]] == [
        (Decimal(500_000), Decimal(1_000_000)),
        (Decimal(500_000), Decimal(1_000_000)),
    ]
    assert response.context["form"] is None


def test_the_page_costs_the_same_however_many_entries(client, money_of, people, django_assert_max_num_queries):
    client.force_login(people["auditor"])
    with django_assert_max_num_queries(8):
        client.get(money_of)


def test_the_delegation_enters_a_release_and_mends_it(client, money_of, people, project):
    client.force_login(people["reviewer"])
    answers = {"moment": "released", "source": "federal", "amount": "$300,000.00", "on": f"{YEAR}-06-15"}
    assert client.post(money_of, answers).status_code == 302
    entry = project.entries.get(moment="released")
    mend = reverse("projects:reverse-entry", args=[project.pk, entry.pk])
    assert client.get(mend).status_code == 200
    assert client.post(mend, {"text": "Era de otro proyecto"}).status_code == 302
    assert sum(project.entries.filter(moment="released").values_list("amount", flat=True)) == 0


def test_more_than_was_approved_is_refused_with_a_sentence(client, money_of, people, project):
    client.force_login(people["delegate"])
    answers = {"moment": "released", "source": "federal", "amount": "500000.01", "on": f"{YEAR}-06-15"}
    response = client.post(money_of, answers)
    assert response.status_code == 409
    assert "$500,000.00" in response.text
    assert not project.entries.filter(moment="released").exists()


def test_a_municipality_commits_but_never_releases(client, money_of, people, project):
    client.force_login(people["certifier"])
    answers = {"moment": "released", "source": "federal", "amount": "1", "on": f"{YEAR}-06-15"}
    assert client.post(money_of, answers).status_code == 400
    assert client.post(money_of, answers | {"moment": "committed"}).status_code == 302
