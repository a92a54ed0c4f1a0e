from allauth.account.auth_backends import AuthenticationBackend


class ValidityBackend(AuthenticationBackend):
    """allauth's login by e-mail, for accounts whose dates say they are valid today."""

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and user.is_valid_today

    def get_user(self, user_id):
        user = super().get_user(user_id)
        return user if user is not None and user.is_valid_today else None
