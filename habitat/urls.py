"""Routes. An address does not bind a storey: pages that show several storeys live in `reports`."""

from django.contrib import admin
from django.urls import include, path

from habitat import health

urlpatterns = [
    path("", include("reports.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("accounts/", include("habitat.accounts.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("habitat.api")),
    path("language/", include("django.conf.urls.i18n")),
    path("modalities/", include("modalities.urls")),
    path("projects/", include("projects.urls")),
]
