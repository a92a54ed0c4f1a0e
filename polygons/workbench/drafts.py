"""One draft on the workbench: its blocks by map, lasso, list or key; split, merge, publish, discard."""

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from habitat.lib.refusals import Refused
from polygons import services
from polygons.deficits import DEFICITS
from polygons.maps import map_context
from polygons.models import Block, Polygon, PolygonVersion
from polygons.services.outlines import METRES
from polygons.workbench.access import for_drawers
from polygons.workbench.forms import PublishForm

BLOCKS_A_PAGE = 50
# How far round a draft blocks are offered; wide enough to cross an avenue.
NEAR_M = 250
KEY = re.compile(r"[0-9A-Z]{16}")


def _versions(request: HttpRequest, code: str) -> Any:
    """The polygon's versions that this person sees; 404 outside one's territory."""
    polygon = get_object_or_404(Polygon.objects.visible_to(request.user).select_related("municipality"), code=code)
    return polygon, polygon.versions.visible_to(request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@for_drawers
def draft(request: HttpRequest, code: str) -> HttpResponse:
    polygon, versions = _versions(request, code)
    version = versions.filter(status=PolygonVersion.Status.DRAFT).order_by("-number").first()
    if version is None:
        return _start(request, polygon, versions)
    if request.method == "POST":
        return _act(request, polygon, version)
    return _page(request, polygon, version)


def _start(request: HttpRequest, polygon: Polygon, versions: Any) -> HttpResponse:
    """A draft that follows the version in force, with the same blocks."""
    current = get_object_or_404(versions.published())
    if request.method != "POST":
        return render(request, "polygons/draft_start.html", {"polygon": polygon, "version": current})
    try:
        codes = current.blocks.values_list("code", flat=True)
        services.new_draft(blocks=codes, vintage=current.vintage, polygon=polygon, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("polygons:draft", polygon.code)


def _named(request: HttpRequest) -> set[str]:
    """What was ticked in the list, and written or clicked into the box."""
    return {*request.POST.getlist("blocks"), *re.findall(r"[^\s,;]+", request.POST.get("keys", "").upper())}


def _chosen(request: HttpRequest) -> set[str]:
    """Keys of blocks. Raises Refused where something else was named."""
    named = _named(request)
    wrong = sorted(word for word in named if not KEY.fullmatch(word))
    if wrong:
        raise Refused(_("These are no keys of blocks, which have 16 characters: %(keys)s") % {"keys": ", ".join(wrong)})
    return named


def _act(request: HttpRequest, polygon: Polygon, version: PolygonVersion) -> HttpResponse:
    deed = DEEDS.get(request.POST.get("deed", ""))
    try:
        if deed is None:
            raise Refused(_("Choose what to do."))
        with transaction.atomic():
            told, target = deed(request, version)
    except Refused as refusal:
        # What was chosen stays chosen, over the draft as it is now.
        return _page(request, polygon, version, refusal=refusal, status=409)
    messages.success(request, told)
    return redirect(*target)


def _expected(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _add(request: HttpRequest, version: PolygonVersion) -> tuple[str, tuple[str, ...]]:
    codes = _chosen(request) - _members(version)
    if not codes:
        raise Refused(_("Choose blocks that are not in the polygon yet."))
    services.change_members(version, expected=_expected(request), add=codes, by=request.user)
    told = ngettext("%(count)s block added.", "%(count)s blocks added.", len(codes)) % {"count": len(codes)}
    return told, ("polygons:draft", version.polygon.code)


def _remove(request: HttpRequest, version: PolygonVersion) -> tuple[str, tuple[str, ...]]:
    codes = _chosen(request) & _members(version)
    if not codes:
        raise Refused(_("Choose blocks of the polygon."))
    services.change_members(version, expected=_expected(request), remove=codes, by=request.user)
    told = ngettext("%(count)s block removed.", "%(count)s blocks removed.", len(codes)) % {"count": len(codes)}
    return told, ("polygons:draft", version.polygon.code)


def _split(request: HttpRequest, version: PolygonVersion) -> tuple[str, tuple[str, ...]]:
    held = _members(version)
    off = _chosen(request) & held
    if not off or off == held:
        raise Refused(_("Choose some blocks of the polygon, not all: they become a polygon of their own."))
    services.require_revision(version, _expected(request))
    made = services.split(version, [held - off, off], by=request.user)
    return _("Split off as %(polygon)s.") % {"polygon": made[1].polygon}, ("polygons:draft", version.polygon.code)


def _merge(request: HttpRequest, version: PolygonVersion) -> tuple[str, tuple[str, ...]]:
    code = request.POST.get("other", "").strip()
    others = PolygonVersion.objects.visible_to(request.user).filter(polygon__code=code).exclude(status="superseded")
    # A draft before the version in force.
    other = others.select_related("polygon").order_by("status", "-number").first()
    if other is None:
        raise Refused(_("There is no polygon %(code)s in your territory.") % {"code": code or "—"})
    services.require_revision(version, _expected(request))
    services.merge([version, other], by=request.user)
    told = _("%(polygon)s was merged into this one.") % {"polygon": other.polygon}
    return told, ("polygons:draft", version.polygon.code)


def _publish(request: HttpRequest, version: PolygonVersion) -> tuple[str, tuple[str, ...]]:
    form = PublishForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Write the reason: it is kept with the version."))
    services.require_revision(version, _expected(request))
    services.publish([version.pk], reason=form.cleaned_data["reason"], by=request.user)
    return _("Version %(number)s is published.") % {"number": version.number}, (
        "polygons:detail",
        version.polygon.code,
    )


def _discard(request: HttpRequest, version: PolygonVersion) -> tuple[str, tuple[str, ...]]:
    services.require_revision(version, _expected(request))
    services.discard(version, by=request.user)
    return _("The draft was discarded."), ("polygons:workbench",)


DEEDS = {
    "add": _add,
    "remove": _remove,
    "split": _split,
    "merge": _merge,
    "publish": _publish,
    "discard": _discard,
}


def _members(version: PolygonVersion) -> set[str]:
    return set(version.blocks.values_list("code", flat=True))


def _page(
    request: HttpRequest,
    polygon: Polygon,
    version: PolygonVersion,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    # After a refusal the draft may be gone, or another than was read.
    found = PolygonVersion.objects.filter(pk=version.pk, status="draft").select_related("polygon", "by").first()
    if found is None:
        for sentence in refusal.messages if refusal else ():
            messages.error(request, sentence)
        return redirect("polygons:workbench")
    version = found
    chosen = _named(request) if request.method == "POST" else set()
    shown = "near" if request.GET.get("show") == "near" else "members"
    text = request.GET.get("q", "").strip().upper()[:16]
    rows = _listed(version, shown, text)
    context = {
        "polygon": polygon,
        "version": version,
        "refusal": refusal,
        "chosen": chosen,
        "keys": "\n".join(sorted(chosen)),
        "shown": shown,
        "text": text,
        "blocks": Paginator(rows, BLOCKS_A_PAGE).get_page(request.GET.get("page")),
        "indicators": [
            {"label": d.label, "low": getattr(version, d.low), "high": getattr(version, d.high)}
            for d in DEFICITS
            if getattr(version, d.low) is not None
        ],
        "hectares": version.area / 10_000,
        "neighbours": _neighbours(request, polygon),
        "publish": PublishForm(request.POST if refusal and request.POST.get("deed") == "publish" else None),
        "map": map_context(version.geometry.extent, None, selected=polygon.code),
    }
    return render(request, "polygons/draft.html", context, status=status)


def _listed(version: PolygonVersion, shown: str, text: str) -> Any:
    """Members, or what could be added: near the draft, or anywhere in its municipality where a key is asked for."""
    if shown == "members":
        rows = version.blocks.all()
    else:
        rows = Block.objects.filter(municipality=version.polygon.municipality_id, vintage=version.vintage)
        rows = rows.exclude(pk__in=version.blocks.values("pk"))
        if not text:
            rows = rows.filter(pk__in=_near(version))
    if text:
        rows = rows.filter(code__startswith=text)
    return rows.order_by("code").defer("geometry", "mercator")


def _near(version: PolygonVersion) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({NEAR}) AS near", [NEAR_M, version.pk, NEAR_M])
        return [pk for (pk,) in cursor.fetchall()]


def _neighbours(request: HttpRequest, polygon: Polygon) -> Any:
    """What it could be merged with: the other polygons of its municipality."""
    others = Polygon.objects.visible_to(request.user).filter(municipality=polygon.municipality_id)
    return others.exclude(pk=polygon.pk).order_by("code").values_list("code", "name").distinct()[:500]


# Members and the blocks round them, of the same municipality and census. Metres become degrees generously for the
# index; the distance itself is measured in EPSG:6372.
NEAR = f"""
    SELECT block.*, member.block_id IS NOT NULL AS is_member
    FROM polygons_polygonversion AS version
    JOIN polygons_polygon AS polygon ON polygon.id = version.polygon_id
    JOIN polygons_block AS block ON block.municipality_id = polygon.municipality_id
        AND block.vintage = version.vintage AND block.geometry && ST_Expand(version.geometry, %s / 90000.0)
    LEFT JOIN polygons_polygonversion_blocks AS member
        ON member.polygonversion_id = version.id AND member.block_id = block.id
    WHERE version.id = %s AND (member.block_id IS NOT NULL OR ST_DWithin(
        ST_Transform(block.geometry, {METRES}), ST_Transform(version.geometry, {METRES}), %s))
"""


@require_safe
@for_drawers
def draft_blocks(request: HttpRequest, code: str) -> HttpResponse:
    """GeoJSON of the draft's blocks and those near it, written by the database; `spot` is a point inside each."""
    _polygon, versions = _versions(request, code)
    version = get_object_or_404(versions.filter(status=PolygonVersion.Status.DRAFT).order_by("-number")[:1])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
                'type', 'Feature',
                'geometry', ST_AsGeoJSON(geometry, 6)::json,
                'properties', json_build_object(
                    'code', code, 'member', is_member, 'dwellings', dwellings,
                    'spot', ST_AsGeoJSON(ST_PointOnSurface(geometry), 6)::json -> 'coordinates'
                ))), '[]'::json))::text
            FROM ({NEAR}) AS near
            """,
            [NEAR_M, version.pk, NEAR_M],
        )
        body = cursor.fetchone()[0]
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response
