"""Routes. An address does not bind a storey: pages that show several storeys live in `reports`."""

from collections.abc import Callable

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.urls import include, path, re_path
from django.views.generic import TemplateView
from django.views.i18n import set_language

from habitat import health
from polygons.uploads.views import upload_detail, upload_list
from polygons.views import layer_description, tile
from polygons.workbench.drafts import draft, draft_blocks
from polygons.workbench.lists import draft_list
from polygons.workbench.views import workbench
from projects.views import complaints, rules, verification
from reports.views import (
    criteria,
    dashboard,
    dossier,
    eligible,
    equity,
    explorer,
    gaps,
    marginalisation,
    places,
    polygon,
    saved_views,
)
from reports.views.verification import verify as verify_report


def words_of(template: str) -> Callable[..., HttpResponseBase]:
    """A page of words alone, for everybody."""
    return login_not_required(TemplateView.as_view(template_name=template))


POLYGONS = [
    path("", explorer.polygon_list, name="list"),
    path("search/", saved_views.find, name="search"),
    path("views/", saved_views.save, name="save-view"),
    path("views/<uuid:key>/", saved_views.open_view, name="view"),
    path("views/<uuid:key>/change/", saved_views.change, name="change-view"),
    path("views/<uuid:key>/delete/", saved_views.delete, name="delete-view"),
    path("tiles/<slug:layer>.json", layer_description, name="layer"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tile, name="tile"),
    path("equity/", equity.equity, name="equity"),
    path("gaps/", gaps.gaps, name="gaps"),
    path("marginalisation/", marginalisation.index_list, name="indices"),
    path("marginalisation/<int:pk>/", marginalisation.index_detail, name="index"),
    path("marginalisation/<int:pk>/use/", marginalisation.use_index, name="use-index"),
    path("uploads/", upload_list, name="uploads"),
    path("uploads/<uuid:public_id>/", upload_detail, name="upload"),
    path("workbench/", workbench, name="workbench"),
    path("workbench/drafts/", draft_list, name="drafts"),
    path("workbench/<str:code>/", draft, name="draft"),
    path("workbench/<str:code>/blocks.geojson", draft_blocks, name="draft_blocks"),
    path("compare/", places.comparison, name="compare"),
    path("equivalences/", places.equivalences, name="equivalences"),
    path("places/<slug:level>/<str:code>/", places.place_detail, name="place"),
    path("unresolved/", places.unresolved, name="unresolved"),
    path("lists/", eligible.eligible_lists, name="eligible-lists"),
    path("lists/new/", eligible.publish_list, name="publish-list"),
    path("lists/<int:year>-<int:number>/", eligible.eligible_list, name="eligible-list"),
    path("papers/<int:pk>/", criteria.paper, name="paper"),
    path("<str:code>/", polygon.polygon_detail, name="detail"),
    path("<str:code>/dossier.pdf", dossier.dossier, name="dossier"),
    path("<str:code>/criteria/<slug:criterion>/", criteria.judge_criterion, name="judge"),
    path("<str:code>/versions/<int:number>/", polygon.polygon_version, name="version"),
    path("<str:code>/versions/<int:number>/blocks/", polygon.polygon_blocks, name="blocks"),
    path("<str:code>/versions/<int:number>/dossier.pdf", dossier.dossier, name="version-dossier"),
]

# Under the rules' address, since that is where a reader looks; they know of projects, which modalities do not.
RULES = [
    path("rules/<int:year>/<int:version>/preview/", rules.preview, name="preview"),
    path("rules/<int:year>/<int:version>/publish/", rules.publish, name="publish"),
]

# The same for projects: their dashboards are drawn by the frame of all levels.
WORKS = [path("<int:pk>/dashboard/", dashboard.project, name="dashboard")]

urlpatterns = [
    path("", include("reports.urls")),
    # Short, since they stand on printed forms.
    path("complaints/", complaints.new_complaint, name="new-complaint"),
    path("complaints/look/", complaints.look, name="look-complaint"),
    path("accessibility/", words_of("accessibility.html"), name="accessibility"),
    path("privacy/", words_of("privacy.html"), name="privacy"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("accounts/", include("habitat.accounts.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("habitat.api")),
    # The switch is for everyone; Django's own route would ask for a login.
    path("language/", login_not_required(set_language), name="set_language"),
    path("modalities/", include((RULES, "rules"))),
    path("modalities/", include("modalities.urls")),
    path("polygons/", include((POLYGONS, "polygons"))),
    path("projects/", include((WORKS, "works"))),
    path("projects/", include("projects.urls")),
    # Short, since it stands in a QR.
    path("verify/", verification.ask, name="verify"),
    re_path(r"^verify/(?P<code>[0-9A-Za-z]{13})/$", verify_report, name="verify-report"),
    path("verify/<slug:code>/", verification.verify, name="verify-letter"),
]
