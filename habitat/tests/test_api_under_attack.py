"""The API against its own description: made-up requests, in process, the same ones every time."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from habitat.accounts.services import issue_token
from habitat.wsgi import application

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
schema.app = application


@pytest.fixture
def key(country, technician, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None})
    # The test's transaction lives on one connection, through all requests.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield issue_token(owner=technician, name="prueba", scope="write", days=1, by=technician)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def attack(examples: int):
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def answer_of(case, key: str) -> None:
    response = case.call(headers={"Authorization": f"Token {key}"})
    case.validate_response(response, checks=CHECKS)


@schema.include(method="GET").parametrize()
@attack(15)
def test_every_answer_is_one_the_description_promises(case, key):
    answer_of(case, key)


# What writes is tried with sense in `projects/tests/test_api_writes.py`.
@schema.exclude(method="GET").parametrize()
@attack(6)
def test_every_answer_to_who_writes_is_one_the_description_promises(case, key):
    answer_of(case, key)
