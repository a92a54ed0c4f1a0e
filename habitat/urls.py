"""Routes. An address does not bind a storey: pages that show several storeys live in `reports`."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from habitat import health

urlpatterns = [
    path("", include("reports.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("accounts/", include("habitat.accounts.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("habitat.api")),
    # The switch is for everyone; Django's own route would ask for a login.
    path("language/", login_not_required(set_language), name="set_language"),
    path("modalities/", include("modalities.urls")),
    path("projects/", include("projects.urls")),
]
