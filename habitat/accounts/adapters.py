from allauth.account.adapter import DefaultAccountAdapter

from habitat.accounts import devices


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: managers and delegations invite."""

    def is_open_for_signup(self, request) -> bool:
        return False

    def post_login(self, request, user, **kwargs):
        devices.note(user, agent=request.headers.get("User-Agent", ""))
        return super().post_login(request, user, **kwargs)
