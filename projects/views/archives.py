"""The archive of a project: asked for, being made, fetched while it lasts."""

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib import links
from projects import services
from projects.models import Archive
from projects.views.closing import trail_of
from projects.views.record import fetch


@require_POST
def ask_archive(request: PersonRequest, pk: int) -> HttpResponse:
    made = services.ask_archive(fetch(request, pk), by=request.user)
    return redirect("projects:archive", pk, made.pk)


def _fetch(request: PersonRequest, pk: int, archive: int) -> Archive:
    visible = Archive.objects.visible_to(request.user).filter(project=pk).select_related("project", "asked_by")
    return get_object_or_404(visible, pk=archive)


@require_safe
def archive(request: PersonRequest, pk: int, archive: int) -> HttpResponse:
    """How far it is; a fragment asks again while it is being made."""
    found = _fetch(request, pk, archive)
    context = {
        "archive": found,
        "is_over": found.expires_at < timezone.now(),
        "title": _("Archive of the whole file"),
        "kicker": str(found.project),
        "trail": [*trail_of(found.project), (_("Closure"), reverse("projects:closure", args=[pk]))],
    }
    name = "_archive" if request.htmx else "archive"
    return render(request, f"projects/handover/{name}.html", context)


@require_safe
def archive_file(request: PersonRequest, pk: int, archive: int) -> HttpResponseBase:
    found = _fetch(request, pk, archive)
    if found.status != Archive.Status.DONE or not found.file or found.expires_at < timezone.now():
        return redirect("projects:archive", pk, archive)
    if not links.holds(request):
        return links.expired(request)
    name = f"expediente-{found.project.folio}.zip"
    response = FileResponse(found.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
