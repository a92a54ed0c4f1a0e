"""The only writers of places, blocks and Habitat Polygons."""

from polygons.services.assessment import assess
from polygons.services.blocks import import_blocks
from polygons.services.catalogues import import_cities, import_municipalities, import_states
from polygons.services.delineation import Delineation, Method, NotADraft, delineate, publish
from polygons.services.imports import REASONS, ImportRefused, Run
from polygons.services.sums import recompute, sums_of

__all__ = [
    "REASONS",
    "Delineation",
    "ImportRefused",
    "Method",
    "NotADraft",
    "Run",
    "assess",
    "delineate",
    "import_blocks",
    "import_cities",
    "import_municipalities",
    "import_states",
    "publish",
    "recompute",
    "sums_of",
]
