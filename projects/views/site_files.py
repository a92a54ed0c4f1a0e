"""A site from a file, for whoever cannot or will not draw: a worker reads it, then it stands in the box to be saved."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.lib.coordinates import as_text
from polygons.models import GeometryUpload
from polygons.uploads import services as files
from polygons.uploads.words import in_words
from projects import services
from projects.models import Action, Observation, Project
from projects.refusals import Refused
from projects.services.sites import place_text
from projects.views.sheets import editable


@require_POST
def send_site(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    project, chosen = _of(request, pk, action)
    file = request.FILES.get("site_file")
    if file is None:
        messages.error(request, _("Choose a file."))
        return redirect("projects:site", pk, chosen.pk)
    try:
        sent = files.send(file, municipality=project.municipality, by=request.user)
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("projects:site", pk, chosen.pk)
    return redirect(f"{reverse('projects:site', args=[pk, chosen.pk])}?file={sent.public_id}#site-file")


@require_POST
def use_site(request: PersonRequest, pk: int, action: int, file: UUID) -> HttpResponse:
    """What was read goes into the box as if typed: nothing is saved before one has looked at it."""
    project, chosen = _of(request, pk, action)
    sent = get_object_or_404(_files_for(project, request), public_id=file, status=GeometryUpload.Status.GOOD)
    if Observation.Section.PLACE not in services.open_sections(project, request.user):
        raise PermissionDenied(_("This part of the proposal can no longer be changed: it is not in your hands now."))
    answers = {"place": [as_text(sent.geometry)]}
    seen = {"place": services.mark(place_text(chosen.geometry))}
    services.keep_typing(project, f"site-{chosen.pk}", answers=answers, seen=seen, by=request.user)
    return redirect("projects:site", pk, chosen.pk)


def shown_file(request: PersonRequest, project: Project) -> dict[str, object] | None:
    """Of the file that `?file=` names: the row, its faults in words, whether a worker still reads it."""
    try:
        wanted = UUID(request.GET.get("file", ""))
    except ValueError:
        return None
    sent = _files_for(project, request).filter(public_id=wanted).first()
    if sent is None:
        return None
    return {
        "sent": sent,
        "faults": [in_words(fault) for fault in sent.faults],
        "is_at_work": sent.status in (GeometryUpload.Status.WAITING, GeometryUpload.Status.RUNNING),
    }


def _files_for(project: Project, request: PersonRequest):
    return GeometryUpload.objects.visible_to(request.user).filter(municipality=project.municipality_id)


def _of(request: PersonRequest, pk: int, action: int) -> tuple[Project, Action]:
    project = editable(request, pk)
    return project, get_object_or_404(project.actions.select_related("action_type", "project"), pk=action)
