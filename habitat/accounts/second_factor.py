"""A second factor for those who decide or read everything, and a fresh confirmation before they sign.

`STRONG_SIGN_IN` switches both; the demo and most tests, whose passwords are known anyway, do without.
"""

import base64
import time

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

# What a person without the factor that is asked of them may still open.
FREE_PREFIXES = ("account_", "mfa_", "usersessions_")
FREE_NAMES = ("set_language", "healthz", "readyz")

# Around the part of a view that signs: asks for the password or a code unless that was done a moment ago, and then
# goes on with what had been sent.
before_signing = reauthentication_required(enabled=lambda request: settings.STRONG_SIGN_IN)


def lacks_it(user) -> bool:
    """The role asks for a second factor and the person has not set one up."""
    return settings.STRONG_SIGN_IN and user.needs_second_factor and not is_mfa_enabled(user)


def may_sign(request) -> bool:
    """For the API: a session that was confirmed a moment ago; a key alone signs nothing."""
    if not settings.STRONG_SIGN_IN:
        return True
    if request.auth is not None:
        return False
    confirmed = [record["at"] for record in get_authentication_records(request, request.user)]
    return bool(confirmed) and time.time() - max(confirmed) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


class SecondFactorMiddleware:
    """Leads people who lack their second factor to where they set it up; under /api/ it answers 403."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name.startswith(FREE_PREFIXES) or name in FREE_NAMES or not request.user.is_authenticated:
            return None
        if not lacks_it(request.user):
            return None
        words = _("Your role needs a second factor: set up an authenticator app, then go on.")
        if request.path.startswith("/api/"):
            raise PermissionDenied(words)
        messages.info(request, words)
        return redirect("mfa_activate_totp")


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets encrypted, and kept by those whose role needs them."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (settings.STRONG_SIGN_IN and authenticator.user.needs_second_factor)


def _cipher() -> Fernet:
    """A key of its own, drawn from SECRET_KEY: whoever changes that one asks everybody to set up their app again."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"habitat second factor")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(settings.SECRET_KEY.encode())))
