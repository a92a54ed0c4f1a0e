"""Accounts open by invitation and end by date; nobody signs up."""

import hashlib
import secrets
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from habitat.accounts import outbox, policies
from habitat.accounts.models import ApiToken, Invitation, Role, User
from polygons.models import Municipality, State


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check_territory(
    by: User, role: str, municipality: Municipality | None, state: State | None, is_national: bool
) -> None:
    if role not in policies.roles_invited_by(by):
        raise PermissionDenied
    if [municipality is not None, state is not None, is_national].count(True) != 1:
        raise ValidationError(_("Choose one territory: a municipality, a state or the whole nation."))
    if by.sees_the_nation:
        return
    inside_state = state is not None and by.state_id == state.pk
    inside_municipality = municipality is not None and by.municipalities().filter(pk=municipality.pk).exists()
    if not (inside_state or inside_municipality):
        raise ValidationError(_("That territory lies outside yours."))


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: str,
    by: User,
    municipality: Municipality | None = None,
    state: State | None = None,
    is_national: bool = False,
    language: str = settings.LANGUAGE_CODE,
    at: datetime | None = None,
) -> Invitation:
    """Write an invitation and its e-mail; the link holds until `expires_at`, once. An older open one is withdrawn.

    Raises PermissionDenied for a role one may not give, ValidationError for a territory outside one's own or an
    e-mail that already has an account.
    """
    at = at or timezone.now()
    email = email.strip().lower()
    _check_territory(by, role, municipality, state, is_national)
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError({"email": _("There is already an account with this e-mail.")})
    Invitation.objects.filter(email__iexact=email, accepted_at=None, withdrawn_at=None).update(withdrawn_at=at)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        name=name,
        role=role,
        municipality=municipality,
        state=state,
        is_national=is_national,
        language=language,
        token_hash=_digest(token),
        by=by,
        expires_at=at + timedelta(days=settings.INVITATION_DAYS),
    )
    _tell(invitation, token)
    return invitation


def _tell(invitation: Invitation, token: str) -> None:
    link = settings.PUBLIC_URL + reverse("people:accept", args=[token])
    with translation.override(invitation.language):
        body = render_to_string("accounts/email/invitation.txt", {"invitation": invitation, "link": link})
        outbox.queue(
            key=f"invitation-{invitation.pk}",
            to=invitation.email,
            subject=_("Your access to the Habitat Program's portal"),
            body=body,
        )


def open_invitation(token: str, *, at: datetime | None = None) -> Invitation | None:
    """The invitation this token opens, or None where it is unknown, used, withdrawn or expired."""
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at or timezone.now())
    return waiting.filter(token_hash=_digest(token)).first()


@transaction.atomic
def accept(token: str, *, name: str, password: str, at: datetime | None = None) -> User:
    """Open the account. Raises ValidationError where the link no longer holds or the password is weak."""
    at = at or timezone.now()
    found = open_invitation(token, at=at)
    # Two clicks at once: decide on the locked row.
    invitation = found and Invitation.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at:
        raise ValidationError(_("This invitation no longer holds. Ask for a new one from whoever invited you."))
    validate_password(password, user=User(email=invitation.email, name=name))
    user = open_account(
        invitation.email,
        password,
        name=name,
        role=invitation.role,
        municipality=invitation.municipality,
        state=invitation.state,
        is_national=invitation.is_national,
        language=invitation.language,
        valid_from=timezone.localdate(at),
    )
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    return user


@transaction.atomic
def open_account(email: str, password: str | None, **fields) -> User:
    """A user with a verified e-mail, as login asks for; managers also get the read-only admin."""
    user = User.objects.create_user(email, password, is_staff=fields.get("role") == Role.MANAGER, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def withdraw(invitation: Invitation, *, by: User, at: datetime | None = None) -> None:
    """Close an invitation that was not used; its link no longer opens anything."""
    if invitation.role not in policies.roles_invited_by(by):
        raise PermissionDenied
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=at or timezone.now()
    )


@transaction.atomic
def set_validity(user: User, *, valid_to: date | None, by: User) -> None:
    """End an account on a day (its last), or open it again with None; sessions of an ended one stop at once."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not policies.looks_after(by, locked):
        raise PermissionDenied
    if valid_to is not None and valid_to < locked.valid_from:
        raise ValidationError({"valid_to": _("The account cannot end before it begins.")})
    locked.valid_to = valid_to
    locked.save(update_fields=["valid_to"])


@transaction.atomic
def grant_writing(user: User, *, can_write: bool, by: User) -> None:
    """Let a service account prepare proposals, or only read again; its keys follow at once."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not policies.may_grant_writing(by, locked):
        raise PermissionDenied
    locked.can_write = can_write
    locked.save(update_fields=["can_write"])


def issue_token(*, owner: User, name: str, scope: str, days: int, by: User) -> str:
    """A new API key, told here and never again: only its digest is kept.

    Raises PermissionDenied for another's account, ValidationError for more than the owner may do.
    """
    if not policies.token_owners(by).filter(pk=owner.pk).exists():
        raise PermissionDenied
    if scope == ApiToken.Scope.WRITE and not owner.can_write:
        raise ValidationError({"scope": _("This account may only read.")})
    _row, token = ApiToken.objects.create(owner, expiry=timedelta(days=days), name=name, scope=scope)
    return token


def revoke_token(token: ApiToken, *, by: User) -> None:
    """Delete a key; it stops working at once. The audit keeps that it was there."""
    if not policies.token_owners(by).filter(pk=token.user_id).exists():
        raise PermissionDenied
    token.delete()
