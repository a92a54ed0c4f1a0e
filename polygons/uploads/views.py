from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habitat.lib.lists import Listing, listed
from habitat.lib.refusals import Refused
from polygons.maps import map_context
from polygons.models import Block, GeometryUpload, Polygon
from polygons.uploads import services
from polygons.uploads.forms import DraftForm, UploadForm
from polygons.uploads.tables import UploadFilter, UploadTable
from polygons.uploads.words import detail_of, in_words

AT_WORK = (GeometryUpload.Status.WAITING, GeometryUpload.Status.RUNNING)
# Degrees round a point, so that a map has something to show.
ROUND_DEGREES = 0.01


@require_http_methods(["GET", "HEAD", "POST"])
@listed
def upload_list(request: HttpRequest) -> Listing | HttpResponse:
    """Send a file, and those sent before."""
    if not getattr(request.user, "uploads_geometry", False):
        raise PermissionDenied
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None, user=request.user)
    if form.is_valid():
        try:
            upload = services.send(
                form.cleaned_data["file"], municipality=form.cleaned_data["municipality"], by=request.user
            )
        except Refused as refusal:
            form.add_error("file", refusal.messages[0])
        else:
            return redirect("polygons:upload", upload.public_id)
    rows = GeometryUpload.objects.visible_to(request.user).select_related("municipality", "by").defer("geometry")
    found = UploadFilter(request.GET, queryset=rows)
    return Listing(
        UploadTable(found.qs),
        "geometrias-enviadas",
        "polygons/upload_list.html",
        filter=found,
        per_page=25,
        context=lambda: {"form": form},
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def upload_detail(request: HttpRequest, public_id: Any) -> HttpResponse:
    """What became of a file: asks for itself again while it is being read."""
    rows = GeometryUpload.objects.visible_to(request.user).select_related("municipality__state", "by")
    upload = get_object_or_404(rows, public_id=public_id)
    vintages = sorted(
        set(Block.objects.filter(municipality=upload.municipality_id).order_by().values_list("vintage", flat=True)),
        reverse=True,
    )
    may_draw = request.user.draws_polygons and upload.geometry is not None and upload.geometry.dims == services.AREA
    form = DraftForm(request.POST if request.method == "POST" else None, vintages=vintages) if may_draw else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and (version := _draft(request, upload, form)):
            return redirect("polygons:draft", version.polygon.code)
    context = {
        "upload": upload,
        "is_at_work": upload.status in AT_WORK,
        "faults": [fault | {"words": in_words(fault), "detail": detail_of(fault)} for fault in upload.faults],
        "form": form,
        "map": _map(upload),
    }
    return render(request, "polygons/upload_detail.html", context, status=400 if form and form.errors else 200)


def _draft(request: HttpRequest, upload: GeometryUpload, form: DraftForm) -> Any:
    """The new draft; None where it was refused, with the sentence at the form."""
    code, polygon = form.cleaned_data["polygon"].strip(), None
    try:
        if code:
            polygon = (
                Polygon.objects.visible_to(request.user).filter(code=code, municipality=upload.municipality).first()
            )
            if polygon is None:
                raise Refused(_("There is no polygon %(code)s in this municipality.") % {"code": code})
        version = services.draft_from(
            upload,
            vintage=form.cleaned_data["vintage"],
            polygon=polygon,
            name=form.cleaned_data["name"],
            by=request.user,
        )
    except Refused as refusal:
        form.add_error(None, refusal.messages[0])
        return None
    messages.success(request, _("A draft of %(count)s blocks.") % {"count": version.block_count})
    return version


def _map(upload: GeometryUpload) -> dict[str, Any] | None:
    """The shape, or the places of its faults; None where neither has a place."""
    places = [fault["place"] for fault in upload.faults if fault["place"]]
    if upload.geometry is not None:
        west, south, east, north = upload.geometry.extent
        site = upload.geometry.geojson
    elif places:
        longitudes, latitudes = zip(*places, strict=True)
        west, south, east, north = min(longitudes), min(latitudes), max(longitudes), max(latitudes)
        points = ",".join(f"[{longitude},{latitude}]" for longitude, latitude in places)
        site = f'{{"type":"MultiPoint","coordinates":[{points}]}}'
    else:
        return None
    bounds = (west - ROUND_DEGREES, south - ROUND_DEGREES, east + ROUND_DEGREES, north + ROUND_DEGREES)
    return map_context(bounds, None) | {"site": site}
