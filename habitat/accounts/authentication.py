"""Keys to the API."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed

from habitat.accounts.models import ApiToken, User

# Last use is shown by the minute, so that a busy client costs one write a minute.
LAST_USE_EVERY = dt.timedelta(minutes=1)


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …`, while the token has not expired and its owner's account is valid today."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        # By digest, the primary key: knox itself would also read and delete the owner's other tokens.
        digest = hash_token(token.decode("latin-1"))
        known = ApiToken.objects.select_related("user", "user__municipality", "user__state")
        api_token = known.filter(pk=digest, expiry__gt=timezone.now()).first()
        if api_token is None:
            raise AuthenticationFailed(_("This token is not known, or it has expired or been revoked."))
        return self.validate_user(api_token)

    def validate_user(self, auth_token: ApiToken) -> tuple[User, ApiToken]:
        if not auth_token.user.is_valid_today:
            raise AuthenticationFailed(_("The account of this token is not valid today."))
        # No cookie comes with a key: its owner's language, until LanguageMiddleware takes it back.
        translation.activate(auth_token.user.language)
        now = timezone.now()
        unseen = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_EVERY)
        ApiToken.objects.filter(unseen, pk=auth_token.pk).update(last_used_at=now)
        return auth_token.user, auth_token

    def authenticate_header(self, request: Any) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes the key."""

    target_class = "habitat.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return build_bearer_security_scheme_object("Authorization", "Token")
