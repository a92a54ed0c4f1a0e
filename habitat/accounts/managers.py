from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models.functions import Coalesce


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

    def with_unread(self) -> "UserQuerySet":
        """Adds `unread`, the number of notices not read yet."""
        notices = self.model._meta.apps.get_model("accounts", "Notification").objects
        unread = notices.filter(user=models.OuterRef("pk"), read_at=None).order_by()
        count = unread.values("user").annotate(count=models.Count("pk")).values("count")
        return self.annotate(unread=Coalesce(models.Subquery(count), 0))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields):
        # A service account reads; writing is granted.
        fields.setdefault("can_write", fields.get("role") != "service")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str):
        return self.get(email__iexact=email)
