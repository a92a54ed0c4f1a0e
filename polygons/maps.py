"""What templates/components/map.html draws from."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from polygons.deficits import MAPPED

MAINLAND = (-117.2, 14.5, -86.7, 32.8)
VARIABLES = [deficit.name for deficit in MAPPED]


def written(bounds: Sequence[float]) -> str:
    """West, south, east, north in degrees, as attributes carry them whatever the language."""
    return ",".join(f"{edge:.5f}" for edge in bounds)


def map_context(
    bounds: Sequence[float] | None, variable: str | None, selected: str = "", opening: Sequence[float] | None = None
) -> dict[str, str]:
    """A map of our own tiles over `bounds` (the country where there are none), coloured by a deficit's name.

    It opens on `opening`, where given; "show everything" goes to `bounds`.
    """
    template = reverse("polygons:tile", args=["LAYER", 1, 2, 3]).replace("/1/2/3", "/{z}/{x}/{y}")
    return {
        "bounds": written(bounds or MAINLAND),
        "opening": written(opening or bounds or MAINLAND),
        "variable": variable if variable in VARIABLES else VARIABLES[0],
        "selected": selected,
        "background": settings.MAP_BACKGROUND_URL,
        "attribution": settings.MAP_BACKGROUND_ATTRIBUTION,
    } | {layer: template.replace("LAYER", layer) for layer in ("cities", "polygons", "blocks")}
