from django.urls import path

from habitat.accounts import absence_views, export_views, notice_views, views

app_name = "people"

urlpatterns = [
    path("invitation/<str:token>/", views.accept, name="accept"),
    path("absences/", absence_views.absence_list, name="absences"),
    path("absences/<int:pk>/end/", absence_views.end_absence, name="end-absence"),
    path("files/", export_views.file_list, name="files"),
    path("files/ask/", export_views.ask_file, name="ask-file"),
    path("files/<int:pk>/", export_views.file, name="file"),
    path("files/<int:pk>/open/", export_views.download_file, name="open-file"),
    path("files/<int:pk>/cancel/", export_views.cancel_file, name="cancel-file"),
    path("files/<int:pk>/retry/", export_views.retry_file, name="retry-file"),
    path("notices/", notice_views.notice_list, name="notices"),
    path("notices/<int:pk>/", notice_views.open_notice, name="open-notice"),
    path("notices/preferences/", notice_views.preferences, name="notice-preferences"),
    path("notices/read/", notice_views.mark_read, name="mark-read"),
    path("people/", views.people, name="list"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/", views.invitations, name="invitations"),
    path("people/invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("people/<int:pk>/", views.detail, name="detail"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<str:key>/revoke/", views.revoke_token, name="revoke-token"),
]
