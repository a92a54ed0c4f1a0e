"""The synthetic nation in the benchmark's database, built once for all groups that ask it."""

from django.core.cache import cache
from django.db import connection, transaction

from habitat.bench.frame import Bench
from habitat.lib.progress import SILENT
from polygons.models import State
from reports.universe.building import Wanted, build, is_built

# Of a universe.
SMALLEST = 0.002
# What is append-only refuses to be emptied, but for the server's own user.
EMPTY = """
    SET LOCAL session_replication_role = replica;
    TRUNCATE polygons_state, polygons_municipality, polygons_city, polygons_locality, polygons_censustotal,
             polygons_areatotal, polygons_unmatchedshape CASCADE
"""


def stand_up(bench: Bench) -> None:
    """In place of whatever another group left."""
    if is_built():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if State.objects.exists():
            cursor.execute(EMPTY)
    build(Wanted(scale=max(bench.scale, SMALLEST)), progress=SILENT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    cache.clear()
