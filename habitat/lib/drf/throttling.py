from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle


class AccountRateThrottle(UserRateThrottle):
    """Counts accounts alone: whoever has none is counted by AnonRateThrottle already, and under a lower limit."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return super().get_cache_key(request, view) if request.user and request.user.is_authenticated else None
