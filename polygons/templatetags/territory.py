"""What a polygon's page tells beside the polygon itself: `{% load territory %}{% polygon_context version %}`."""

from typing import Any

from django import template

from polygons.models import PolygonVersion
from polygons.places import agebs_of, context_of, poverty_sources
from polygons.services import newer_figures

register = template.Library()


@register.inclusion_tag("polygons/_polygon_context.html", takes_context=True)
def polygon_context(context: Any, version: PolygonVersion) -> dict[str, Any]:
    """Dated figures of the polygon and its places that the reader may see, and what changed since it was published."""
    polygon = version.polygon
    return {
        "figures": context_of(context["request"].user, "polygon", polygon.code, polygon.municipality_id),
        "newer": newer_figures(version) if version.status == PolygonVersion.Status.PUBLISHED else [],
        "version": version,
        "agebs": agebs_of(version),
        "sources": poverty_sources(version) if version.poverty_households else [],
    }
