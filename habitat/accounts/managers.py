from django.contrib.auth.base_user import BaseUserManager
from django.db import models


class UserQuerySet(models.QuerySet):
    def in_territory(self, user) -> "UserQuerySet":
        """Accounts whose territory lies inside this user's."""
        if user.sees_the_nation:
            return self
        mine = user.municipalities()
        inside = models.Q(municipality__in=mine)
        if user.state_id:
            inside |= models.Q(state=user.state_id)
        return self.filter(inside)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str):
        return self.get(email__iexact=email)
