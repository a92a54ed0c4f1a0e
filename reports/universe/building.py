"""The synthetic nation, from nothing to published polygons; refuses a database that is somebody's own."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.lib.postgis import indexes_afterwards
from habitat.lib.progress import Progress
from polygons import services as territory
from polygons.models import ImportRun, Municipality
from projects.models import ProgressReport, Project
from reports.demo.places import PLACES
from reports.universe import writing
from reports.universe.census import MASKED, VINTAGES, Nation, invent
from reports.universe.country import FIRST_MUNICIPALITY

COMMAND = "build_universe"
# A quarter of the dwellings without some service makes a block deprived.
DEPRIVED = territory.Method(vintage=MASKED, variable="any", threshold=Decimal("0.25"))


class UniverseRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """The database holds what was not invented, or another universe; the message says so."""


@dataclass(frozen=True)
class Wanted:
    """`scale` 1 is the nation's true size; the same `seed` gives the same nation."""

    scale: float = 1.0
    seed: int = 2012


def check(wanted: Wanted, *, force: bool) -> None:
    """Raises UniverseRefused where this database has real places (unless `force`d), or another universe."""
    ours = [place.municipality for place in PLACES]
    others = (
        Municipality.objects.exclude(pk__in=ours).annotate(own=Substr("code", 3)).filter(own__lt=FIRST_MUNICIPALITY)
    )
    if others.exists() and not force:
        raise UniverseRefused(_("This database holds real places: build a universe in one of its own, or use --force."))
    run = _first_run()
    if run and (run.counts["scale"], run.counts["seed"]) != (wanted.scale, wanted.seed):
        raise UniverseRefused(
            _("This database holds the universe of scale %(scale)s and seed %(seed)s: use an empty one.") % run.counts
        )


def is_built() -> bool:
    return _first_run() is not None


def has_works() -> bool:
    return Project.objects.filter(folio__startswith="U-").exists()


def has_progress() -> bool:
    return ProgressReport.objects.filter(project__folio__startswith="U-").exists()


def build(wanted: Wanted, *, progress: Progress, at: dt.datetime | None = None) -> Nation:
    """Places, both censuses, poverty and published polygons, in one transaction."""
    at = at or timezone.now()
    nation = invent(wanted.scale, wanted.seed)
    with transaction.atomic(), connection.cursor() as cursor:
        writing.write_places(cursor, nation)
        with indexes_afterwards(cursor, "polygons_block", also_filled=True):
            writing.write_blocks(cursor, nation, progress)
        for vintage in VINTAGES:
            writing.write_totals(cursor, nation, vintage)
        writing.write_poverty(cursor, nation, MASKED)
        writing.settle(cursor)
        territory.refresh_totals(VINTAGES)
        drawn = territory.delineate(DEPRIVED, publish_at=at)
        held = {"blocks": nation.held.blocks, "homes": nation.held.homes, "polygons": drawn.new}
        counts = {"scale": wanted.scale, "seed": wanted.seed} | held
        ImportRun.objects.create(command=COMMAND, started_at=at, finished_at=timezone.now(), counts=counts)
    return nation


def _first_run() -> ImportRun | None:
    return ImportRun.objects.filter(command=COMMAND).first()
