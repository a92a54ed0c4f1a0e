import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from rest_framework.test import APIClient

from habitat.accounts import services
from habitat.accounts.models import ApiToken


def new_token(owner, *, scope="read", by=None):
    return services.issue_token(owner=owner, name="tablero", scope=scope, days=30, by=by or owner)


def ask(token, path="/api/v1/municipalities/"):
    return APIClient().get(path, headers={"Authorization": f"Token {token}"})


@pytest.fixture
def robot(make_user, campeche):
    return make_user("service", municipality=campeche, can_write=False)


def test_a_key_reads_what_its_owner_may_read(certifier, tlaxcala):
    answer = ask(new_token(certifier))
    assert [row["code"] for row in answer.json()["results"]] == ["04002"]
    assert ApiToken.objects.get().last_used_at is not None


def test_the_key_itself_is_nowhere_in_the_database(certifier):
    token = new_token(certifier)
    row = ApiToken.objects.get()
    assert token not in (row.digest, row.token_key)
    assert ApiToken.pgh_event_model.objects.filter(pgh_label="insert", user=certifier).count() == 1


def test_an_unknown_key_is_refused(db):
    for token in ("f" * 64, "ñandú", ""):
        answer = ask(token)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_expired_key_is_refused(certifier):
    token = new_token(certifier)
    ApiToken.objects.update(expiry=timezone.now() - dt.timedelta(seconds=1))
    assert ask(token).status_code == 401


def test_the_key_of_an_account_that_has_ended_is_refused(certifier):
    token = new_token(certifier)
    certifier.valid_to = timezone.localdate() - dt.timedelta(days=1)
    certifier.save(update_fields=["valid_to"])
    assert ask(token).status_code == 401


def test_answers_come_in_the_language_of_the_account(make_user, campeche):
    reader = make_user("auditor", is_national=True, language="en")
    assert ask(new_token(reader), "/api/v1/states/99/").json()["title"] == "Not found"
    assert APIClient().get("/api/v1/states/99/").json()["title"] == "No se encontró"


def test_last_use_is_written_at_most_once_a_minute(certifier):
    token = new_token(certifier)
    ask(token)
    first = ApiToken.objects.get().last_used_at
    ask(token)
    assert ApiToken.objects.get().last_used_at == first


def test_a_new_key_is_shown_once(client, certifier):
    client.force_login(certifier)
    form = {"name": "tablero", "scope": "read", "days": "30", "owner": certifier.pk}
    page = client.post("/accounts/tokens/", form)
    token = page.context["token"]
    assert token in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert ask(token).status_code == 200
    assert token not in client.get("/accounts/tokens/").content.decode()


def test_a_revoked_key_opens_nothing(client, certifier):
    token = new_token(certifier)
    client.force_login(certifier)
    client.post(f"/accounts/tokens/{token[:15]}/revoke/")
    assert ask(token).status_code == 401


def test_nobody_revokes_the_key_of_another(client, certifier, stranger):
    token = new_token(certifier)
    client.force_login(stranger)
    assert client.post(f"/accounts/tokens/{token[:15]}/revoke/").status_code == 404
    assert ask(token).status_code == 200


def test_a_manager_issues_keys_for_service_accounts_and_nobody_else_does(manager, certifier, robot):
    assert ask(new_token(robot, by=manager)).status_code == 200
    for owner, by in ((robot, certifier), (certifier, manager)):
        with pytest.raises(PermissionDenied):
            new_token(owner, by=by)


def test_an_account_that_only_reads_gets_no_key_that_writes(manager, robot):
    with pytest.raises(ValidationError):
        new_token(robot, scope="write", by=manager)
