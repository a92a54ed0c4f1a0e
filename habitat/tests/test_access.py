"""Every address × every role × inside and outside its territory answers what the table in `access.py` says."""

import datetime as dt
from functools import partial

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from habitat.tests import access
from habitat.tests.access import LEFT_TO_LIBRARIES, ROWS, read
from habitat.tests.access_rows import Row


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


@pytest.fixture
def sessions(world) -> dict[str, str]:
    """Everybody is logged in once: each person's cookie, none of the public's."""
    people = {name: world.person(name) for name in access.PEOPLE if world.person(name)}
    keys = {name: f"{number:032}" for number, name in enumerate(people)}
    Session.objects.bulk_create(
        Session(
            session_key=keys[name],
            session_data=SessionStore().encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
            expire_date=timezone.now() + dt.timedelta(hours=1),
        )
        for name, user in people.items()
    )
    return keys


def answers(client, sessions, ask, people) -> dict[str, int]:
    """Status by person; whatever one of them changes is undone before the next."""
    client.raise_request_exception = False
    found = {}
    for person in people:
        with transaction.atomic():
            client.cookies.clear()
            if person in sessions:
                client.cookies[settings.SESSION_COOKIE_NAME] = sessions[person]
            found[person] = ask().status_code
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_address_answers_what_the_table_says(client, world, sessions, row: Row):
    address = reverse(row.name, kwargs=row.arguments(world))
    expected = {ask: read(rule) for ask, rule in ((client.get, row.get), (client.post, row.post)) if rule}
    found = {ask: answers(client, sessions, partial(ask, address), people) for ask, people in expected.items()}
    assert found == expected


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/user/", "/admin/projects/project/add/"])
def test_the_admin_is_for_managers_alone(client, sessions, address):
    others = [person for person in access.PEOPLE if person != "manager"]
    assert set(answers(client, sessions, lambda: client.get(address), others).values()) == {302}
