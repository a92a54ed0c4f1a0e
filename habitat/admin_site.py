"""The admin: managers look at tables there; services write them. Libraries' own tables stay out of it."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = site_title = _("Habitat Program")
    index_title = _("Tables, to look at")

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        """Take our own models only, each with its read-only admin."""
        if admin_class is not None and admin_class.__module__.startswith(("allauth", "django", "knox", "pghistory")):
            return
        super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_staff and request.user.is_valid_today

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """One door for everybody, with its rate limits."""
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
