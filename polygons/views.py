from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from polygons import tiles


def _etag(request: HttpRequest, layer: str, z: int, x: int, y: int) -> str:
    return f'"{tiles.data_version()}-{tiles.scope_key(request.user)}"'


@login_not_required
@require_safe
@condition(etag_func=_etag)
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """One vector tile of what the caller may see; 204 where there is nothing, 404 where there is no such tile."""
    kind = tiles.LAYERS.get(layer)
    if kind is None or not kind.min_zoom <= z <= kind.max_zoom or max(x, y) >= 2**z:
        raise Http404
    key = f"tile-{layer}-{z}-{x}-{y}-{_etag(request, layer, z, x, y)}"
    body = cache.get(key)
    if body is None:
        body = tiles.draw(kind, layer, request.user, z, x, y)
        cache.set(key, body, tiles.CACHED_S)
    response = HttpResponse(body, content_type="application/vnd.mapbox-vector-tile", status=200 if body else 204)
    response["Cache-Control"] = "private, no-cache"
    return response
