import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from habitat.accounts import services
from habitat.accounts.models import Invitation, OutboxMessage, Role, User
from habitat.tests.fixtures import PASSWORD

SENTENCE = "tres gatos miran la luna"


def link_in(message: OutboxMessage) -> str:
    return re.search(r"/accounts/invitation/\S+", message.body).group()


@pytest.fixture
def invited(delegate, campeche):
    services.invite(email="Nueva@example.org", name="Nueva", role=Role.PREPARER, municipality=campeche, by=delegate)
    return OutboxMessage.objects.get(to="nueva@example.org")


def open_account(client, message, again=SENTENCE):
    return client.post(link_in(message), {"name": "Nueva López", "password": SENTENCE, "again": again})


def test_an_invited_person_opens_one_account_and_signs_in(client, invited, campeche):
    assert client.get(link_in(invited)).status_code == 200
    assert open_account(client, invited).url == reverse("account_login")
    user = User.objects.get(email="nueva@example.org")
    assert (user.role, list(user.municipalities())) == (Role.PREPARER, [campeche])
    client.post(reverse("account_login"), {"login": "nueva@example.org", "password": SENTENCE})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert open_account(client, invited).status_code == 404


def test_an_expired_link_opens_nothing(client, invited):
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    assert client.get(link_in(invited)).status_code == 404
    assert open_account(client, invited).status_code == 404
    assert not User.objects.filter(email="nueva@example.org").exists()


def test_two_different_passwords_open_nothing_and_keep_the_name(client, invited):
    response = open_account(client, invited, again="otra cosa distinta")
    assert response.status_code == 400
    assert "Nueva López" in response.content.decode()


def test_the_token_itself_is_not_in_the_database(invited):
    token = link_in(invited).rstrip("/").rsplit("/", 1)[-1]
    assert not Invitation.objects.filter(token_hash=token).exists()


def test_a_delegation_invites_only_its_own_governments(delegate, tlaxcala, campeche):
    with pytest.raises(ValidationError):
        services.invite(email="a@example.org", name="A", role=Role.PREPARER, municipality=tlaxcala, by=delegate)
    with pytest.raises(PermissionDenied):
        services.invite(email="a@example.org", name="A", role=Role.MANAGER, municipality=campeche, by=delegate)
    with pytest.raises(ValidationError):
        services.invite(email="a@example.org", name="A", role=Role.PREPARER, by=delegate)


def test_a_municipality_invites_nobody(client, certifier, campeche):
    client.force_login(certifier)
    assert client.get(reverse("people:invite")).status_code == 403
    with pytest.raises(PermissionDenied):
        services.invite(email="a@example.org", name="A", role=Role.PREPARER, municipality=campeche, by=certifier)


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(client, manager):
    client.force_login(manager)
    response = client.post(
        reverse("people:invite"), {"email": "ana@example.org", "name": "Ana", "role": "reviewer", "language": "es-mx"}
    )
    assert response.status_code == 400
    assert "ana@example.org" in response.content.decode()


def test_a_withdrawn_invitation_opens_nothing(client, invited, delegate):
    client.force_login(delegate)
    client.post(reverse("people:withdraw", args=[Invitation.objects.get().pk]))
    client.logout()
    assert client.get(link_in(invited)).status_code == 404


def test_an_ended_account_is_out_at_once(client, delegate, preparer):
    client.force_login(preparer)
    assert client.get(reverse("people:profile")).status_code == 200
    services.set_validity(preparer, valid_to=timezone.localdate() - dt.timedelta(days=1), by=delegate)
    assert client.get(reverse("people:profile")).status_code == 302
    # Nor is it welcomed at the door.
    entered = client.post(reverse("account_login"), {"login": preparer.email, "password": PASSWORD})
    assert entered.url == reverse("account_inactive")


def test_nobody_ends_an_account_outside_their_territory(delegate, stranger):
    with pytest.raises(PermissionDenied):
        services.set_validity(stranger, valid_to=timezone.localdate(), by=delegate)


def test_people_are_listed_by_territory_with_a_fixed_number_of_queries(
    client, delegate, preparer, certifier, stranger, django_assert_max_num_queries
):
    client.force_login(delegate)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("people:list")).content.decode()
    assert preparer.email in page
    assert stranger.email not in page
    export = b"".join(client.get(reverse("people:list"), {"export": "csv"})).decode()
    assert preparer.email in export
    assert stranger.email not in export


def test_there_is_no_sign_up(client, db):
    assert "password1" not in client.get(reverse("account_signup")).content.decode()
    client.post(reverse("account_signup"), {"email": "x@example.org", "password1": SENTENCE, "password2": SENTENCE})
    assert not User.objects.exists()


def test_create_manager_makes_the_first_account_once(db, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda: SENTENCE)
    call_command("create_manager", "jefa@example.org", name="Jefa", dry_run=True)
    assert not User.objects.exists()
    call_command("create_manager", "jefa@example.org", name="Jefa")
    assert User.objects.get().sees_the_nation
    with pytest.raises(CommandError, match="already"):
        call_command("create_manager", "jefa@example.org", name="Jefa")


def test_no_territory_means_nothing(homeless, campeche):
    assert list(homeless.municipalities()) == []
