"""Photographs of a project: the gallery by stage, one picture with what is flagged, and the pictures themselves."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.accounts.requests import PersonRequest
from habitat.lib.coordinates import parse_place
from habitat.lib.documents import download
from modalities import parameters
from modalities.models import PhotoStage
from projects import services
from projects.models import Photo, PhotoMatch, Project
from projects.photographs.plan import plan_of
from projects.refusals import Refused
from projects.views.record import fetch

# Pictures taken in at once by a page without script.
TOGETHER = 10


@login_not_required
def photos(request: HttpRequest, pk: int) -> HttpResponse:
    """POST takes several files of one stage; those refused are named, the others are kept."""
    project = fetch(request, pk)
    refusal: list[str] = []
    if request.method == "POST":
        refusal = take_in(request, project)
        if not refusal:
            return redirect("projects:photos", pk)
    everything = list(photos_of(request, project))
    shown = [photo for photo in everything if photo.removed_at is None]
    context = {
        "project": project,
        "stages": [(stage, [photo for photo in shown if photo.stage == stage]) for stage in PhotoStage],
        "far": parameters.value(project.rules, "photo_far_metres"),
        "alike": alike_of(shown),
        "plan": plan_of(project, shown),
        "removed": [photo for photo in everything if photo.removed_at],
        "may_send": services.may_photograph(project, request.user),
        "silence": services.silence_over(project.state_code, request.user),
        "is_busy": any(photo.is_at_work for photo in shown),
        "refusal": refusal,
    }
    return render(request, "projects/photos/gallery.html", context, status=400 if refusal else 200)


def photos_of(request: HttpRequest, project: Project) -> QuerySet[Photo]:
    """Those of one's scope; none for the public while its state is under electoral silence."""
    if services.silence_over(project.state_code, request.user):
        return Photo.objects.none()
    return Photo.objects.visible_to(request.user).filter(project=project).select_related("by", "released_by")


def alike_of(shown: list[Photo]) -> set[int]:
    """Those of which the same, or the like, is kept a second time anywhere."""
    mine = {photo.pk for photo in shown}
    pairs = PhotoMatch.objects.filter(Q(photo__in=mine) | Q(other__in=mine), other__removed_at=None)
    return {pk for pair in pairs.values_list("photo", "other") for pk in pair}


def take_in(request: HttpRequest, project: Project) -> list[str]:
    """The sentences of what was refused."""
    if not services.may_photograph(project, request.user):
        raise PermissionDenied(_("You cannot add photographs to this project now."))
    files = request.FILES.getlist("file")
    if not files:
        return [_("Choose at least one photograph.")]
    if len(files) > TOGETHER:
        return [_("Send at most %(count)s photographs at once.") % {"count": TOGETHER}]
    refusal = []
    for upload in files:
        try:
            services.add_photo(project, request.POST.get("stage", ""), upload, by=request.user)
        except ValidationError as error:
            refusal += [f"{upload.name}: {words}" for words in error.messages]
    if kept := len(files) - len(refusal):
        words = ngettext("%(count)s photograph was received.", "%(count)s photographs were received.", kept)
        messages.success(request, words % {"count": kept})
    return refusal


@login_not_required
def photo(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    """One picture. POST `do`: tell, release, withhold, cover, remove or replace."""
    project = fetch(request, pk)
    found = get_object_or_404(photos_of(request, project), pk=photo)
    refusal, status = [], 200
    if request.method == "POST":
        if not request.user.is_authenticated:
            raise PermissionDenied
        try:
            words = act(request, found)
        except (Refused, ValidationError) as error:
            refusal, status = error.messages, 409
        else:
            messages.success(request, words)
            return redirect("projects:photo", pk, found.pk)
    inside = request.user.is_authenticated and found.removed_at is None
    context = {
        "project": project,
        "photo": found,
        "far": parameters.value(project.rules, "photo_far_metres"),
        "matches": matches_of(request, found) if request.user.is_authenticated else [],
        "may_send": inside and services.may_photograph(project, request.user),
        "may_release": inside and services.may_release(request.user),
        "is_mine": found.by_id == request.user.pk,
        "refusal": refusal,
    }
    return render(request, "projects/photos/photo.html", context, status=status)


def matches_of(request: HttpRequest, photo: Photo) -> list[tuple[Photo | None, bool]]:
    """The other picture, None where the reader may not see its project, and whether it is the same file."""
    pairs = PhotoMatch.objects.filter(Q(photo=photo) | Q(other=photo))
    pairs = pairs.select_related("photo__project", "other__project")
    others = [(pair.other if pair.photo_id == photo.pk else pair.photo, pair.is_same_file) for pair in pairs]
    mine = Photo.objects.visible_to(request.user).filter(pk__in=[row.pk for row, _same in others])
    seen = set(mine.values_list("pk", flat=True))
    return [(row if row.pk in seen else None, same) for row, same in others if row.removed_at is None]


def act(request: PersonRequest, found: Photo) -> str:
    """What was asked, done; returns the sentence for the reader."""
    match request.POST.get("do"):
        case "tell":
            services.tell_photo(found, by=request.user, **told(request, found))
            return _("It is kept, marked as given by hand.")
        case "release":
            if request.POST.get("nobody") != "on":
                raise Refused(_("Say that nobody can be recognised on it, or cover faces first."))
            services.release_photo(found, by=request.user)
            return _("The public sees this photograph now.")
        case "withhold":
            services.withhold_photo(found, by=request.user)
            return _("The public does not see this photograph any more.")
        case "cover":
            services.cover_photo(found, [rectangle(request)], by=request.user)
            return _("The rectangle is being covered. Look at the copy before you release it.")
        case "remove":
            services.remove_photo(found, reason=request.POST.get("reason", ""), by=request.user)
            return _("The photograph is removed; its trace stays.")
        case "replace":
            if not (upload := request.FILES.get("file")):
                raise Refused(_("Choose at least one photograph."))
            services.add_photo(found.project, found.stage, upload, by=request.user, replaces=found)
            return _("The photograph is replaced; the earlier one stays in the file.")
    raise Refused(_("Choose what to do."))


def told(request: PersonRequest, found: Photo) -> dict[str, object]:
    """`taken_at` on the municipality's clock, `place` as longitude and latitude. Raises ValidationError."""
    moment, place = request.POST.get("taken_at", "").strip(), request.POST.get("place", "").strip()
    zone = ZoneInfo(found.project.municipality.time_zone)
    try:
        taken_at = dt.datetime.fromisoformat(moment).replace(tzinfo=zone) if moment else None
    except ValueError as error:
        raise ValidationError(_("Write the moment as 2026-05-03 10:30.")) from error
    point = parse_place(place) if place else None
    if point is not None and point.geom_type != "Point":
        raise ValidationError(_("Write one pair: latitude, longitude."))
    if taken_at is None and point is None:
        raise ValidationError(_("Write the moment or the position."))
    return {"taken_at": taken_at, "place": point.coords if point is not None else None}


def rectangle(request: PersonRequest) -> list[float]:
    """In per cent of the picture, as people measure it; parts of it, 0 to 1, as it is kept."""
    try:
        return [float(request.POST.get(name, "").replace(",", ".")) / 100 for name in ("x", "y", "width", "height")]
    except ValueError as error:
        raise ValidationError(_("Write the four measures of the rectangle in per cent.")) from error


@login_not_required
def picture(request: HttpRequest, pk: int, photo: int, size: str) -> HttpResponseBase:
    """`copy` or `thumbnail`, shown in place; the original only to the territory, as a file to keep."""
    project = fetch(request, pk)
    found = get_object_or_404(photos_of(request, project), pk=photo)
    if size == "original":
        if not request.user.is_authenticated:
            raise Http404
        return download(found)
    file = getattr(found, size)
    if not file:
        raise Http404
    response = FileResponse(file.open("rb"), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=300"
    return response
