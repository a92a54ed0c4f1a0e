"""The only writers of places, blocks and Habitat Polygons."""

from polygons.methods import Method
from polygons.services.assessment import assess
from polygons.services.blocks import import_blocks
from polygons.services.catalogues import import_cities, import_municipalities, import_states
from polygons.services.context import import_context
from polygons.services.delineation import Delineation, delineate
from polygons.services.eligible import publish_eligible
from polygons.services.equivalences import import_key_changes
from polygons.services.freshness import newer_figures
from polygons.services.imports import REASONS, ImportRefused, Run
from polygons.services.judging import judge
from polygons.services.marginalisation import Ranked, Ranking, rank, use_index
from polygons.services.poverty import import_poverty
from polygons.services.published import import_published
from polygons.services.publishing import Plan, plan, publish, retire
from polygons.services.rollups import refresh_totals
from polygons.services.stored_tiles import Drawn, store_tiles
from polygons.services.sums import recompute, sums_of
from polygons.services.versions import (
    NotADraft,
    Stale,
    change_members,
    discard,
    merge,
    new_draft,
    require_revision,
    split,
)

__all__ = [
    "REASONS",
    "Delineation",
    "Drawn",
    "ImportRefused",
    "Method",
    "NotADraft",
    "Plan",
    "Ranked",
    "Ranking",
    "Run",
    "Stale",
    "assess",
    "change_members",
    "delineate",
    "discard",
    "import_blocks",
    "import_cities",
    "import_context",
    "import_key_changes",
    "import_municipalities",
    "import_poverty",
    "import_published",
    "import_states",
    "judge",
    "merge",
    "new_draft",
    "newer_figures",
    "plan",
    "publish",
    "publish_eligible",
    "rank",
    "recompute",
    "refresh_totals",
    "require_revision",
    "retire",
    "split",
    "store_tiles",
    "sums_of",
    "use_index",
]
