"""The money of one work, as pages: the matrix, what was registered, and who validates it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from habitat.tests.fixtures import YEAR


@pytest.fixture
def money_of(project, lead):
    lead(project, "approve")
    return reverse("projects:ledger", args=[project.pk])


@pytest.fixture
def release(project, client, people, paper):
    """Sends the form of a release as the certifier; gives the answer."""

    def send(amount: str, **answers):
        client.force_login(people["certifier"])
        page = reverse("projects:register-act", args=[project.pk, "release"])
        said = {"source": "federal", "amount": amount, "on": f"{YEAR}-06-15", "reference": "Oficio 7"}
        return client.post(page, said | {"late_reason": "documents", "file": paper()} | answers)

    return send


def test_the_matrix_adds_up_to_the_cent(client, money_of, people):
    client.force_login(people["auditor"])
    response = client.get(money_of)
    shown = [(sums[0][1], total) for _moment, sums, total in response.context["rows"]]
    assert shown[:2] == [(Decimal(500_000), Decimal(1_000_000))] * 2
    assert set(shown[2:]) == {(Decimal(0), Decimal(0))}
    assert not response.context["may_register"]


def test_the_page_costs_the_same_however_many_entries(
    client, money_of, people, books, project, django_assert_num_queries
):
    books.contract(project)
    books.release(project, 1_000)
    client.force_login(people["auditor"])
    with django_assert_num_queries(19):
        client.get(money_of)
    books.release(project, 2_000, reference="Oficio 2")
    with django_assert_num_queries(19):
        client.get(money_of)


def test_the_municipality_registers_and_the_delegation_validates_and_mends(
    client, money_of, people, project, books, release
):
    books.contract(project)
    assert release("$300,000.00").status_code == 302
    row = project.releases.get()
    act = reverse("projects:money-act", args=[project.pk, "release", row.pk])
    assert not project.entries.filter(moment="released").exists()
    assert client.post(act, {"do": "validate"}).status_code == 403
    client.force_login(people["reviewer"])
    assert client.post(act, {"do": "validate"}).status_code == 302
    assert project.entries.get(moment="released").amount == 300_000
    assert client.post(act, {"do": "reverse", "reason": "Era de otro proyecto"}).status_code == 302
    assert sum(project.entries.filter(moment="released").values_list("amount", flat=True)) == 0


def test_more_than_was_committed_is_refused_with_a_sentence(money_of, project, books, release):
    books.contract(project)
    response = release("500000.01")
    assert response.status_code == 409
    assert "$500,000.00" in response.text
    assert "500000.01" in response.text
    assert not project.releases.exists()
