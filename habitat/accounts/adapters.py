from allauth.account.adapter import DefaultAccountAdapter


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Nobody signs up: managers and delegations invite."""

    def is_open_for_signup(self, request) -> bool:
        return False
