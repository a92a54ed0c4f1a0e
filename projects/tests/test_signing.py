"""Steps that are acts of authority: the person confirms who they are before they sign."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from habitat.accounts.services import issue_token
from habitat.tests.fixtures import PASSWORD


@pytest.fixture
def strong(settings, people):
    settings.STRONG_SIGN_IN = True
    TOTP.activate(people["delegate"], "JBSWY3DPEHPK3PXP")


@pytest.fixture
def numbered(project, lead):
    return lead(project, "number")


def approval(project):
    return reverse("projects:step", args=[project.pk, "approve"])


def test_approving_asks_who_it_is_and_then_goes_on_with_what_was_sent(client, numbered, people, strong):
    client.force_login(people["delegate"])
    asked = client.post(approval(numbered))
    assert asked.url.startswith("/accounts/")
    numbered.refresh_from_db()
    assert numbered.status == "numbered"
    client.post(asked.url.replace("/2fa/", "/"), {"password": PASSWORD})
    numbered.refresh_from_db()
    assert numbered.status == "approved"


def test_a_wrong_password_signs_nothing(client, numbered, people, strong):
    client.force_login(people["delegate"])
    client.post(client.post(approval(numbered)).url, {"password": "not-it"})
    numbered.refresh_from_db()
    assert numbered.status == "numbered"


def test_a_step_without_signature_asks_for_nothing(client, project, people, lead, strong):
    lead(project, "submit")
    project.refresh_from_db()
    client.force_login(people["certifier"])
    client.post(reverse("projects:step", args=[project.pk, "withdraw"]), {"reason": "Ya no se hará."})
    project.refresh_from_db()
    assert project.status == "withdrawn"


def test_a_key_alone_signs_nothing(client, numbered, people, strong):
    token = issue_token(owner=people["delegate"], name="script", scope="write", days=1, by=people["delegate"])
    address = f"/api/v1/projects/{numbered.public_id}/steps/approve/"
    answer = client.post(address, headers={"authorization": f"Token {token}"})
    assert answer.status_code == 403
    numbered.refresh_from_db()
    assert numbered.status == "numbered"
