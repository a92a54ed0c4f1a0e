"""With Redis down or hung people go on working: pages answer within two seconds, tasks wait for the clock."""

import time
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress

from habitat.lib.tasks import enqueue, run_command
from habitat.tests.fixtures import PASSWORD


@pytest.fixture(autouse=True)
def within_two_seconds(lost_redis: None) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/", "/modalities/", "/api/v1/polygons/"])
def test_public_page_answers(path, client, db):
    assert client.get(path).status_code == 200


def test_person_logs_in(client, preparer):
    EmailAddress.objects.create(user=preparer, email=preparer.email, verified=True, primary=True)
    answer = client.post("/accounts/login/", {"login": preparer.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/modalities/").wsgi_request.user == preparer


def test_task_is_refused_in_time_for_the_page_to_answer():
    assert enqueue(run_command, "send_outbox") is False


def test_not_ready_and_says_so(client, db):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["redis", "worker", "clock"]
