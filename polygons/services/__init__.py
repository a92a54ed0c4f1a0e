"""The only writers of places, blocks and Habitat Polygons."""

from polygons.services.blocks import import_blocks
from polygons.services.catalogues import import_cities, import_municipalities, import_states
from polygons.services.imports import REASONS, ImportRefused, Run

__all__ = [
    "REASONS",
    "ImportRefused",
    "Run",
    "import_blocks",
    "import_cities",
    "import_municipalities",
    "import_states",
]
