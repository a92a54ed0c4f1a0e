"""The second factor of those who decide, and the confirmation before they sign."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.urls import reverse

from habitat.accounts import devices
from habitat.accounts.models import OutboxMessage, Role
from habitat.tests.fixtures import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105
SETUP = reverse("mfa_activate_totp")


@pytest.fixture
def strong(settings):
    settings.STRONG_SIGN_IN = True


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client, user, **headers):
    EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, headers=headers)


def test_a_reviewer_without_second_factor_is_led_to_set_one_up(client, reviewer, strong):
    client.force_login(reviewer)
    assert client.get("/projects/").url == SETUP
    assert client.get("/api/v1/projects/").status_code == 403
    assert client.get(reverse("account_logout")).status_code == 200


@pytest.mark.parametrize("role", [Role.PREPARER, Role.CERTIFIER])
def test_municipal_officers_sign_in_with_a_password_alone(client, request, role, strong):
    client.force_login(request.getfixturevalue(role))
    assert client.get("/projects/").status_code == 200


def test_the_public_is_asked_for_nothing(client, strong):
    assert client.get("/projects/").status_code == 200


def test_setting_up_the_app_opens_the_portal_and_gives_recovery_codes(client, reviewer, strong):
    sign_in(client, reviewer)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(SETUP)
    secret = page.context["form"].secret
    answer = client.post(SETUP, {"code": code_of(secret)})
    assert answer.status_code == 302
    # They are shown this once.
    shown = client.get(answer.url)
    (box,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", shown.text, re.DOTALL)
    assert box.split() == list(shown.context["unused_codes"])
    assert len(box.split()) == 10
    assert client.get("/projects/").status_code == 200
    kept = Authenticator.objects.get(user=reviewer, type=Authenticator.Type.TOTP)
    assert kept.data["secret"] != secret
    assert decrypt(kept.data["secret"]) == secret
    assert Authenticator.objects.filter(user=reviewer, type=Authenticator.Type.RECOVERY_CODES).exists()


def test_whose_role_needs_the_factor_cannot_take_it_away(client, reviewer, strong):
    TOTP.activate(reviewer, SECRET)
    sign_in(client, reviewer)
    client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.session["_auth_user_id"] == str(reviewer.pk)
    assert "form" in client.post(reverse("mfa_deactivate_totp")).context
    assert Authenticator.objects.filter(user=reviewer).exists()


def test_a_password_alone_no_longer_signs_in_once_the_app_is_set_up(client, reviewer, strong):
    TOTP.activate(reviewer, SECRET)
    assert sign_in(client, reviewer).url.startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert client.session["_auth_user_id"] == str(reviewer.pk)


def test_a_new_browser_is_told_about_once_and_the_first_is_no_news(preparer):
    devices.note(preparer, agent="Firefox")
    assert not OutboxMessage.objects.exists()
    devices.note(preparer, agent="Chromium <b>")
    devices.note(preparer, agent="Chromium <b>")
    told = OutboxMessage.objects.get()
    assert told.to == preparer.email
    assert re.search(r"Chromium <b>", told.body)


def test_signing_in_notes_the_browser(client, preparer):
    sign_in(client, preparer, user_agent="Firefox 150")
    assert preparer.devices.get().agent == "Firefox 150"


def test_a_person_sees_and_ends_their_sessions(client, preparer):
    sign_in(client, preparer, user_agent="Firefox 150")
    assert "Firefox 150" in client.get(reverse("usersessions_list")).content.decode()
