"""Every address × every role × inside and outside its territory answers what the table in `access.py` says."""

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from habitat.tests import access
from habitat.tests.access import CASES, LEFT_TO_LIBRARIES, ROWS, Case


def our_addresses() -> set[str]:
    """Names of all routes; a nameless one stands as its pattern, so that it cannot hide."""
    found = set()

    def walk(resolver: URLResolver, namespace: str) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLPattern):
                name = f"{namespace}{pattern.name}" if pattern.name else f"{namespace}{pattern.pattern}"
                found.add(name)
            else:
                walk(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)

    walk(get_resolver(), "")
    return {name for name in found if not name.startswith(LEFT_TO_LIBRARIES)}


def test_every_address_has_its_row():
    assert our_addresses() - {row.name for row in ROWS} == set()


def test_every_row_has_its_address():
    assert {row.name for row in ROWS} - our_addresses() == set()


@pytest.fixture
def world(request):
    return access.World(request)


def answers(client, world, ask, people) -> dict[str, int]:
    """Status by person; whatever one of them changes is undone before the next."""
    client.raise_request_exception = False
    found = {}
    for person in people:
        with transaction.atomic():
            client.logout()
            if world.person(person) is not None:
                client.force_login(world.person(person))
            found[person] = ask().status_code
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_address_answers_what_the_table_says(client, world, case: Case):
    address = reverse(case.row.name, kwargs=case.row.arguments(world))
    method = client.get if case.method == "GET" else client.post
    assert answers(client, world, lambda: method(address), case.expected) == case.expected


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/user/", "/admin/projects/project/add/"])
def test_the_admin_is_for_managers_alone(client, world, address):
    others = [person for person in access.PEOPLE if person != "manager"]
    assert set(answers(client, world, lambda: client.get(address), others).values()) == {302}
