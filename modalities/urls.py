from django.urls import path

from modalities import views

app_name = "modalities"
urlpatterns = [
    path("", views.type_list, name="list"),
    path("types.csv", views.types_csv, name="types-csv"),
    path("rules/", views.rules_list, name="rules"),
    path("rules/<int:year>/<int:version>/", views.rules_detail, name="version"),
    path("rules/<int:year>/<int:version>/rules.csv", views.rules_csv, name="version-csv"),
    path("<str:code>/", views.type_detail, name="detail"),
]
