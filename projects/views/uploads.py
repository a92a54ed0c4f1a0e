"""Papers in pieces: POST begins, PATCH with Upload-Offset adds, HEAD tells how far, POST again ends, DELETE gives up.
A photograph that the project has already is not begun: the answer has no address for its pieces.

Answers are JSON in the reader's language. A browser without script sends the whole form instead.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from habitat.accounts.requests import PersonRequest
from modalities.models import DocumentKind, PhotoStage
from projects import services
from projects.models import PartialUpload
from projects.refusals import Refused
from projects.services.uploads import WrongOffset
from projects.views.record import fetch

# A piece; more is not read.
MOST_BYTES = 2 * 1024 * 1024


def _refused(error: Exception, status: int = 400) -> JsonResponse:
    messages = error.messages if isinstance(error, ValidationError | Refused) else [str(error)]
    return JsonResponse({"words": " ".join(messages)}, status=status)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else -1


@require_POST
def begin(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    stage = request.POST.get("photo_stage", "")
    may_send = services.may_photograph if stage else services.may_attach
    if not may_send(project, request.user):
        raise PermissionDenied(_("You cannot add documents to this project now."))
    if stage and stage not in PhotoStage.values:
        return JsonResponse({"words": _("Say whether it was taken before, during or after the works.")}, status=400)
    kind, sha256 = DocumentKind.PHOTO if stage else request.POST.get("kind", ""), request.POST.get("sha256", "").lower()
    if kind not in DocumentKind.values:
        return JsonResponse({"words": _("Choose which document it is.")}, status=400)
    is_digest = len(sha256) == 64 and set(sha256) <= set("0123456789abcdef")
    if stage and is_digest and project.photos.standing().filter(stage=stage, sha256=sha256).exists():
        # Of ten chosen again after the telephone was switched off, some had arrived.
        return JsonResponse({"words": _("This photograph had arrived already."), "received": 0})
    try:
        upload = services.begin_upload(
            project,
            kind,
            name=request.POST.get("name", ""),
            size=_number(request.POST.get("size")),
            sha256=sha256 if is_digest else "",
            photo_stage=stage,
            by=request.user,
        )
    except (ValidationError, Refused) as error:
        return _refused(error)
    url = reverse("projects:upload", args=[pk, upload.public_id])
    return _so_far(upload, {"url": url}, status=200 if upload.received else 201)


@require_http_methods(["HEAD", "PATCH", "POST", "DELETE"])
def piece(request: PersonRequest, pk: int, upload: str) -> HttpResponse:
    """404 for what is another's, was swept, or was finished already."""
    project = fetch(request, pk)
    part = get_object_or_404(PartialUpload.objects.filter(project=project, by=request.user), public_id=upload)
    try:
        if request.method == "PATCH":
            return _add(request, part)
        if request.method == "POST":
            services.finish_upload(part, by=request.user)
            return JsonResponse({"words": _("The document is in the file.")}, status=201)
        if request.method == "DELETE":
            services.drop_upload(part, by=request.user)
            return HttpResponse(status=204)
    except PartialUpload.DoesNotExist:
        return JsonResponse({"words": _("This upload has ended already.")}, status=404)
    except ValidationError as error:
        return _refused(error)
    return _so_far(part, {})


def _add(request: HttpRequest, part: PartialUpload) -> HttpResponse:
    if _number(request.headers.get("Content-Length")) > MOST_BYTES:
        return JsonResponse({"words": _("This piece is too large.")}, status=413)
    try:
        body = request.body
    except UnreadablePostError:
        # The line broke: nobody reads the answer.
        return HttpResponse(status=400)
    offset = _number(request.headers.get("Upload-Offset"))
    try:
        return _so_far(services.receive(part, offset=offset, piece=body, by=request.user), {})
    except WrongOffset as error:
        return _refused(error, status=409)


def _so_far(part: PartialUpload, more: dict[str, str], status: int = 200) -> HttpResponse:
    response = JsonResponse(more | {"received": part.received}, status=status)
    response["Upload-Offset"], response["Upload-Length"] = str(part.received), str(part.size)
    response["Cache-Control"] = "no-store"
    return response
