from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from polygons import tilejson, tiles
from polygons.models import StoredTile

_STORED = StoredTile._meta.db_table
_HERE = "layer = %s AND z = %s AND x = %s AND y = %s AND version = %s"


@login_not_required
@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponseBase:
    """One vector tile of what the caller may see; 204 where there is nothing, 404 where there is no such tile."""
    kind = tiles.LAYERS.get(layer)
    if kind is None or not kind.min_zoom <= z <= kind.max_zoom or max(x, y) >= 2**z:
        raise Http404
    # Read before the tile is drawn: data that change meanwhile leave a tile too new for its name, never one too old.
    version = tiles.version_of(kind, with_drafts=tiles.reads_drafts(kind, request.user))

    def answer() -> HttpResponse:
        body = _body(request.user, layer, (z, x, y), version)
        kind_of = "application/vnd.mapbox-vector-tile"
        return HttpResponse(body, content_type=kind_of, status=200 if body else 204)

    return _unless_known(request, f"{version}-{tiles.scope_key(kind, request.user)}", answer)


@login_not_required
@require_safe
def layer_description(request: HttpRequest, layer: str) -> HttpResponseBase:
    """TileJSON of one layer, with the bounds of what the caller may see of it."""
    kind = tiles.LAYERS.get(layer)
    if kind is None:
        raise Http404
    version = tiles.version_of(kind, with_drafts=tiles.reads_drafts(kind, request.user))
    return _unless_known(
        request,
        f"{version}-{tiles.scope_key(kind, request.user)}-{request.get_host()}",
        lambda: JsonResponse(tilejson.describe(layer, request.user, version, request.build_absolute_uri)),
    )


def _body(user: Any, layer: str, at: tuple[int, int, int], version: str) -> bytes:
    """Cached, or drawn ahead, or drawn now; in each case as of `version` and for a scope like the caller's."""
    kind = tiles.LAYERS[layer]
    z, x, y = at
    key = f"tile-{layer}-{z}-{x}-{y}-{version}-{tiles.scope_key(kind, user)}"
    body = cache.get(key)
    if body is None:
        # The database sends bytes as hexadecimal text: a cache is the shorter way also to what is stored.
        body = _stored(kind, layer, user, at, version) or tiles.draw(kind, layer, user, z, x, y, version=version)
        cache.set(key, body, tiles.CACHED_S)
    return body


def _stored(kind: tiles.Layer, layer: str, user: Any, at: tuple[int, int, int], version: str) -> bytes | None:
    z, x, y = at
    if z > kind.stored_to or not tiles.is_public(kind, user):
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT body FROM {_STORED} WHERE {_HERE}", [layer, z, x, y, version])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def _unless_known(request: HttpRequest, tag: str, answer: Any) -> HttpResponseBase:
    """304 where the browser has it already. It must ask each time: what one may see can change any moment."""
    etag = f'"{tag}"'
    response = get_conditional_response(request, etag=etag) or answer()
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response
