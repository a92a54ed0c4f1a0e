"""The REST API: every app's resources under one router, and their description."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from modalities import api as modalities
from polygons import api as polygons
from projects import api as projects
from projects.api import acts
from reports import api as reports

RESOURCES = {
    "states": polygons.States,
    "municipalities": polygons.Municipalities,
    "localities": polygons.Localities,
    "cities": polygons.Cities,
    "polygons": polygons.Polygons,
    "blocks": polygons.Blocks,
    "context-indicators": polygons.ContextIndicators,
    "fiscal-years": modalities.FiscalYears,
    "modalities": modalities.Modalities,
    "action-types": modalities.ActionTypes,
    "rules": modalities.Rules,
    "projects": projects.Projects,
    "actions": projects.Actions,
    "contributions": projects.Contributions,
    "contracts": acts.Contracts,
    "releases": acts.Releases,
    "estimates": acts.Estimates,
    "payments": acts.Payments,
    "proofs": acts.Proofs,
    "refunds": acts.Refunds,
    "amendments": acts.Amendments,
    "documents": projects.Documents,
    "progress": projects.Progress,
    "ledger": projects.Ledger,
    "ceilings": projects.Ceilings,
    "reports": reports.Reports,
}

router = DefaultRouter()
router.include_format_suffixes = False
for name, resource in RESOURCES.items():
    router.register(name, resource, basename=name)

# In the order of the house, each with what it is.
TAGS = [{"name": name, "description": resource.about} for name, resource in RESOURCES.items()]

urlpatterns = [
    path("v1/", include((router.urls, "api-v1"))),
    path("schema/", SpectacularAPIView.as_view(custom_settings={"TAGS": TAGS}), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api_docs.html"),
        name="api-docs",
    ),
]
