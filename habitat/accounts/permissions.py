from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from habitat.accounts.models import ApiToken


class MayWrite(BasePermission):
    """A token of reading scope, and an account that was not granted writing, only read."""

    message = _("This token or account may only read.")

    def has_permission(self, request: Request, view) -> bool:
        if request.method in SAFE_METHODS or not request.user.is_authenticated:
            return True
        if isinstance(request.auth, ApiToken) and request.auth.scope != ApiToken.Scope.WRITE:
            return False
        return request.user.can_write
