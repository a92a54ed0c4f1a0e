from django.urls import path

from habitat.accounts import absence_views, notice_views, views

app_name = "people"

urlpatterns = [
    path("invitation/<str:token>/", views.accept, name="accept"),
    path("absences/", absence_views.absence_list, name="absences"),
    path("absences/<int:pk>/end/", absence_views.end_absence, name="end-absence"),
    path("notices/", notice_views.notice_list, name="notices"),
    path("notices/<int:pk>/", notice_views.open_notice, name="open-notice"),
    path("notices/preferences/", notice_views.preferences, name="notice-preferences"),
    path("notices/read/", notice_views.mark_read, name="mark-read"),
    path("people/", views.people, name="list"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("people/<int:pk>/", views.detail, name="detail"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<str:key>/revoke/", views.revoke_token, name="revoke-token"),
]
