"""Steps taken through the API: the same service, told in HTTP."""

import pytest
from rest_framework.test import APIClient

from habitat.accounts.services import issue_token
from projects import services
from projects.models import Status


@pytest.fixture
def api():
    return APIClient(raise_request_exception=False)


def take(api, project, step, **body):
    return api.post(f"/api/v1/projects/{project.public_id}/steps/{step}/", body, format="json")


@pytest.fixture
def ready(project, preparer):
    return services.mark_ready(project, by=preparer)


def test_certifier_submits(api, ready, certifier):
    api.force_authenticate(certifier)
    answer = take(api, ready, "submit")
    assert answer.status_code == 200
    assert (answer.json()["from_status"], answer.json()["to_status"]) == ("draft", "submitted")
    ready.refresh_from_db()
    assert ready.status == Status.SUBMITTED


def test_what_stands_in_the_way_is_told_rule_by_rule(api, project, certifier):
    project.actions.get().contributions.filter(source="federal").update(amount=900_000)
    api.force_authenticate(certifier)
    answer = take(api, project, "submit")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"]["step"]
    assert "share-general" in [verdict["code"] for verdict in problem["verdicts"]]
    project.refresh_from_db()
    assert project.status == Status.DRAFT


def test_a_step_of_another_role_is_forbidden(api, ready, preparer):
    api.force_authenticate(preparer)
    assert take(api, ready, "submit").status_code == 403


def test_outside_ones_territory_there_is_nothing_to_take_a_step_on(api, ready, stranger):
    api.force_authenticate(stranger)
    assert take(api, ready, "submit").status_code == 404


def test_nobody_logged_in_takes_a_step(api, ready):
    assert take(api, ready, "submit").status_code == 401


def test_a_step_that_does_not_exist_is_not_found(api, ready, certifier):
    api.force_authenticate(certifier)
    assert take(api, ready, "celebrate").status_code == 404


def test_remarks_are_checked_before_anything_is_tried(api, ready, certifier):
    api.force_authenticate(certifier)
    answer = take(api, ready, "submit", remarks=[{"section": "weather", "text": "x"}])
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["remarks.0.section"]


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("write", 200)])
def test_a_key_takes_steps_only_with_the_scope_to_write(api, ready, certifier, scope, status):
    token = issue_token(owner=certifier, name="prueba", scope=scope, days=1, by=certifier)
    api.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert take(api, ready, "submit").status_code == status


def test_a_service_account_only_reads_unless_it_may_write(api, ready, make_user):
    api.force_authenticate(make_user("service", is_national=True, can_write=False))
    assert api.get(f"/api/v1/projects/{ready.public_id}/").status_code == 200
    assert take(api, ready, "submit").json()["detail"] == "Esta clave o cuenta solo puede leer."


def test_a_session_needs_the_csrf_token(ready, certifier):
    strict = APIClient(enforce_csrf_checks=True)
    strict.force_login(certifier)
    answer = take(strict, ready, "submit")
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_steps_that_lead_on_are_listed_with_what_is_missing(api, project, certifier):
    api.force_authenticate(certifier)
    offers = {row["step"]: row for row in api.get(f"/api/v1/projects/{project.public_id}/steps/").json()}
    assert not offers["submit"]["is_allowed"]
    assert offers["submit"]["why_not"]
    assert offers["withdraw"]["to_status"] == "withdrawn"
