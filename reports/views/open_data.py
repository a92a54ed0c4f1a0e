"""Open data: what there is, what its columns mean, and the files."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reports.models import OpenFile, OpenRelease
from reports.open_data import TABLES


@login_not_required
@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    release = OpenRelease.objects.prefetch_related("files").first()
    return render(request, "reports/open_data.html", {"release": release, "tables": TABLES})


@login_not_required
@require_safe
def open_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Of the newest release."""
    release = OpenRelease.objects.first()
    stored = get_object_or_404(OpenFile, release=release, name=name)
    response = FileResponse(
        stored.file.open("rb"), as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response["Content-Length"] = stored.size
    response["ETag"] = f'"{stored.sha256}"'
    response["X-Content-Type-Options"] = "nosniff"
    # Anybody may read them from anywhere.
    response["Access-Control-Allow-Origin"] = "*"
    return response
