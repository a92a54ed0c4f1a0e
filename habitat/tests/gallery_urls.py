"""The portal with the gallery of components in the place of one page; only tests know this address."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from habitat.tests import gallery
from habitat.urls import urlpatterns as portal


@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    source = (Path(__file__).parent / "gallery.html").read_text(encoding="utf-8")
    return HttpResponse(engines["django"].from_string(source).render(gallery.context(request), request))


urlpatterns = [path("gallery/", show), *portal]
