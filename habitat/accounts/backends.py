from allauth.account.auth_backends import AuthenticationBackend

from habitat.accounts.models import User


class ValidityBackend(AuthenticationBackend):
    """allauth's login by e-mail, for accounts whose dates say they are valid today."""

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and user.is_valid_today

    def get_user(self, user_id):
        """Of a session, with `unread`, which the frame of every page shows."""
        user = User.objects.with_unread().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
