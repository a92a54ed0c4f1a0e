"""Tiles of what everybody may see, drawn ahead of need once the data have settled."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.utils import timezone

from habitat.lib.progress import SILENT, Progress
from polygons.models import MapChange, StoredTile
from polygons.tiles import HALF_WORLD, LAYERS, Layer, draw, latest_vintage, version_of

# Data that changed a moment ago may change again: an import, a round of edits.
SETTLED_AFTER = timedelta(minutes=2)
# Marks of changes older than this are folded into one once there are so many.
FOLDED_AFTER, FOLDED_FROM = timedelta(minutes=10), 500
BATCH_TILES = 50


class Drawn(NamedTuple):
    """`unsettled` are the layers left for later, since their data changed a moment ago."""

    drawn: int
    swept: int
    unsettled: list[str]


def store_tiles(*, at: datetime | None = None, now: bool = False, progress: Progress = SILENT) -> Drawn:
    """Bring the stored tiles in line with the data; `now` does not wait until the data have settled.

    What is up to date is left alone, so that a run that was cut off goes on where it stopped. Tiles of an earlier
    state of the data are served by nobody; they go as soon as their layer is drawn anew.
    """
    at = at or timezone.now()
    _fold_marks(at)
    drawn, swept, unsettled = 0, 0, []
    for name, kind in LAYERS.items():
        if not now and MapChange.objects.filter(source__in=kind.sources, at__gt=at - SETTLED_AFTER).exists():
            unsettled.append(name)
            continue
        version = version_of(kind)
        wanted = list(_lacking(name, kind, version))
        for start in progress.over(range(0, len(wanted), BATCH_TILES), name, len(wanted) // BATCH_TILES + 1):
            _draw(name, kind, version, wanted[start : start + BATCH_TILES])
        drawn += len(wanted)
        swept += StoredTile.objects.filter(layer=name).exclude(version=version).delete()[0]
    return Drawn(drawn, swept, unsettled)


def _lacking(name: str, kind: Layer, version: str) -> Iterator[tuple[int, int, int]]:
    """(z, x, y) of all tiles that hold something and are not stored as of this version, from the outermost in."""
    known = set(StoredTile.objects.filter(layer=name, version=version).values_list("z", "x", "y"))
    innermost = _touched(kind, kind.stored_to)
    for z in range(kind.min_zoom, kind.stored_to + 1):
        up = kind.stored_to - z
        for x, y in sorted({(x >> up, y >> up) for x, y in innermost}):
            if (z, x, y) not in known:
                yield z, x, y


def _touched(kind: Layer, z: int) -> set[tuple[int, int]]:
    """The tiles that the boxes about what everybody sees reach into."""
    side = 2 * HALF_WORLD / 2**z
    rows = kind.features(kind.model.objects.visible_to(AnonymousUser()), latest_vintage()).order_by().values_list("pk")
    sql, parameters = rows.query.sql_with_params()
    shape = kind.geometry if kind.geometry == "mercator" else f"ST_Transform({kind.geometry}, 3857)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT x, y FROM (
                SELECT {shape} AS shape FROM {kind.model._meta.db_table}
                WHERE {kind.model._meta.pk.column} IN ({sql}) AND {kind.geometry} IS NOT NULL
            ) AS feature
            CROSS JOIN LATERAL generate_series(
                floor((ST_XMin(shape) + {HALF_WORLD}) / {side})::integer,
                floor((ST_XMax(shape) + {HALF_WORLD}) / {side})::integer) AS x
            CROSS JOIN LATERAL generate_series(
                floor(({HALF_WORLD} - ST_YMax(shape)) / {side})::integer,
                floor(({HALF_WORLD} - ST_YMin(shape)) / {side})::integer) AS y
            """,
            parameters,
        )
        return set(cursor.fetchall())


def _draw(name: str, kind: Layer, version: str, places: list[tuple[int, int, int]]) -> None:
    """Data that change meanwhile make tiles newer than the version they are named by, for which nobody asks then."""
    everybody = AnonymousUser()
    tiles = [
        StoredTile(
            layer=name, z=z, x=x, y=y, version=version, body=draw(kind, name, everybody, z, x, y, version=version)
        )
        for z, x, y in places
    ]
    StoredTile.objects.bulk_create(
        tiles, update_conflicts=True, unique_fields=["layer", "z", "x", "y"], update_fields=["version", "body"]
    )


def _fold_marks(at: datetime) -> None:
    """Marks of long ago become one a source; what they are XORed to stays the same."""
    if MapChange.objects.count() < FOLDED_FROM:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS (DELETE FROM polygons_mapchange WHERE at < %s RETURNING source, token, at)
            INSERT INTO polygons_mapchange (source, token, at)
            SELECT source, bit_xor(token), max(at) FROM old GROUP BY source
            """,
            [at - FOLDED_AFTER],
        )
