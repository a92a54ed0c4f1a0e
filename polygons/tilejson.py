"""TileJSON 3.0.0 of the map's layers, for whoever draws them elsewhere (QGIS, MapLibre)."""

from collections.abc import Callable
from typing import Any

from django.contrib.gis.db.models import Extent
from django.core.cache import cache
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from polygons import tiles
from polygons.maps import MAINLAND

# (longitude, latitude, zoom) to open on.
MIDDLE = (-102.0, 23.7, 5)


def describe(layer: str, user: Any, version: str, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Bounds are of what `user` may see of the layer: the country where that is nothing."""
    kind = tiles.LAYERS[layer]
    pattern = absolute(reverse("polygons:tile", args=[layer, 1, 2, 3])).replace("/1/2/3.", "/{z}/{x}/{y}.")
    bounds = _bounds(kind, layer, user, version)
    return {
        "tilejson": "3.0.0",
        "name": layer,
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [pattern],
        "minzoom": kind.min_zoom,
        "maxzoom": kind.max_zoom,
        "bounds": bounds,
        "center": [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, max(kind.min_zoom, MIDDLE[2])],
        "attribution": _("Census: INEGI; Habitat Polygons: Habitat Program"),
        "vector_layers": _vector_layers(kind, layer),
    }


def _vector_layers(kind: tiles.Layer, layer: str) -> list[dict[str, Any]]:
    described = {"fields": _fields(kind), "minzoom": kind.min_zoom, "maxzoom": kind.max_zoom}
    names = [layer, f"{layer}-names"] if kind.is_named else [layer]
    return [{"id": name, "description": str(kind.model._meta.verbose_name_plural)} | described for name in names]


def _fields(kind: tiles.Layer) -> dict[str, str]:
    """Name of each attribute -> its type in TileJSON's words, read from the very query that draws."""
    query = kind.features(kind.model.objects.all(), None).query
    own = {name: kind.model._meta.get_field(name) for name in query.values_select}
    made = {name: expression.output_field for name, expression in query.annotation_select.items()}
    return {name: _type(field) for name, field in (own | made).items()}


def _type(field: models.Field) -> str:
    # A generated column is of the type it holds.
    field = getattr(field, "output_field", field)
    if isinstance(field, models.BooleanField):
        return "Boolean"
    numbers = (models.IntegerField, models.FloatField, models.DecimalField)
    return "Number" if isinstance(field, numbers) else "String"


def _bounds(kind: tiles.Layer, layer: str, user: Any, version: str) -> list[float]:
    key = f"bounds-{layer}-{version}-{tiles.scope_key(kind, user)}"
    bounds = cache.get(key)
    if bounds is None:
        bounds = _extent(kind, user) or list(MAINLAND)
        cache.set(key, bounds, tiles.CACHED_S)
    return bounds


def _extent(kind: tiles.Layer, user: Any) -> list[float] | None:
    rows = kind.features(kind.model.objects.visible_to(user), tiles.latest_vintage()).order_by().values_list("pk")
    name = "point" if kind.geometry == "point" else "geometry"
    found = kind.model.objects.filter(pk__in=rows).aggregate(extent=Extent(name))["extent"]
    return [round(edge, 6) for edge in found] if found else None
