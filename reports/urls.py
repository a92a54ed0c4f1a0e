from django.urls import path

from reports.views import dashboard, desk, listing, open_data

app_name = "reports"
urlpatterns = [
    path("open-data/", open_data.open_data, name="open-data"),
    path("open-data/<str:name>", open_data.open_file, name="open-file"),
    path("", desk.desk, name="desk"),
    path("reports/", listing.index, name="index"),
    path("reports/ask/", listing.ask, name="ask"),
    path("reports/kinds/<slug:name>/", listing.kind, name="kind"),
    path("reports/kinds/<slug:name>/subscribe/", listing.subscribe, name="subscribe"),
    path("reports/subscriptions/<int:pk>/end/", listing.unsubscribe, name="unsubscribe"),
    path("reports/<int:pk>/", listing.report, name="report"),
    path("reports/<int:pk>/later/", listing.later, name="later"),
    path("reports/<int:pk>/cancel/", listing.cancel, name="cancel"),
    path("reports/<int:pk>/files/<slug:form>/", listing.download, name="download"),
    path("reports/<int:pk>/files/<slug:form>/<slug:part>/", listing.download, name="download-part"),
    path("reports/<int:pk>/retry/", listing.retry, name="retry"),
    path("reports/dashboard/", dashboard.nation, name="nation"),
    path("reports/dashboard/<str:code>/", dashboard.place, name="dashboard"),
    path("reports/equity/", dashboard.equity_part, name="equity-part"),
    path("reports/rows/<slug:name>/", dashboard.rows, name="rows"),
]
