from allauth.account.adapter import DefaultAccountAdapter

from habitat.accounts import devices


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: managers and delegations invite."""

    def is_open_for_signup(self, request) -> bool:
        return False

    def pre_login(self, request, user, **kwargs):
        # allauth asks for `is_active` alone, and would welcome who is nobody on the next page.
        if not user.is_valid_today:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request, user, **kwargs):
        devices.note(user, agent=request.headers.get("User-Agent", ""))
        return super().post_login(request, user, **kwargs)
