"""Drawing Habitat Polygons: blocks over a threshold of deprivation, joined where they are near each other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from habitat.lib.postgis import copy_rows, make_staging, make_staging_as
from polygons.methods import Method
from polygons.models import City, Municipality, Polygon, PolygonVersion
from polygons.services.clusters import Area, clustered, cut_of
from polygons.services.naming import free_codes, free_names
from polygons.services.outlines import CLOSING_M, outlines
from polygons.services.publishing import publish
from polygons.services.sums import SUMS, insert_versions


@dataclass
class Delineation:
    """What one run drew. `versions` are the pks of the new drafts, in no order."""

    blocks: int = 0
    dwellings: int = 0
    new: int = 0
    redrawn: int = 0
    unchanged: int = 0
    # Polygons that were left alone: somebody works on a draft of theirs.
    held: int = 0
    versions: list[int] = field(default_factory=list)


def delineate(
    method: Method,
    *,
    city: City | None = None,
    municipality: Municipality | None = None,
    within: Sequence[str] | None = None,
    by: Any = None,
    publish_at: datetime | None = None,
    dry_run: bool = False,
) -> Delineation:
    """Draw the polygons of a city, a municipality or the whole country as drafts; only in `within` where given.

    Clusters are found within each city and municipality: a Habitat Polygon belongs to one municipality, so one that
    reaches over the border of a metropolitan zone's municipalities becomes two. A cluster with the very members of a
    polygon's last version changes nothing; one that overlaps a polygon becomes its next version, unless it has a draft
    already, which stays as it is; any other a new polygon. With `publish_at`, what was found is published as of that
    moment (raises Refused where it would tear a polygon).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _one_at_a_time(cursor)
        area = Area(city, municipality, None if within is None else tuple(within))
        _find_clusters(cursor, method, area)
        result = _sum_up(cursor)
        found = _match(cursor, result)
        result.versions = insert_versions(
            cursor,
            PolygonVersion.Source.DELINEATED,
            by.pk if by else None,
            method.vintage,
            method.as_json(closing_m=CLOSING_M),
        )
        if publish_at:
            publish([*result.versions, *found], reason=_("Delineated anew."), by=by, at=publish_at)
        if dry_run:
            transaction.set_rollback(True)
    return result


def _find_clusters(cursor: Any, method: Method, area: Area) -> None:
    """Fill `member` (cluster, block_id) and `cluster` (place, members' hash, geometry, sums)."""
    query, params = clustered(method, area, cut_of(cursor, method, area))
    make_staging_as(cursor, "deprived", query, params)
    make_staging_as(
        cursor,
        "summed",
        f"""
        SELECT block.cluster, min(block.municipality_id) AS municipality_id, min(block.city_id) AS city_id,
               mode() WITHIN GROUP (ORDER BY block.locality_id) AS locality_id,
               md5(string_agg(block.code, ',' ORDER BY block.code)) AS members,
               {", ".join(f"{sql} AS {name}" for name, sql in SUMS.items())}
        FROM deprived AS block GROUP BY block.cluster HAVING coalesce(sum(block.dwellings), 0) >= %s
        """,
        [method.min_dwellings],
    )
    make_staging_as(
        cursor, "member", "SELECT cluster, id AS block_id, shape, geometry FROM deprived JOIN summed USING (cluster)"
    )
    make_staging_as(cursor, "cluster", f"SELECT * FROM summed JOIN ({outlines('member')}) AS outline USING (cluster)")


def _one_at_a_time(cursor: Any) -> None:
    """Two runs at once would both draw the next version of the same polygons."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('polygons.delineate'))")
    # Compiling the few large queries takes longer than running them.
    cursor.execute("SET LOCAL jit = off")


def _sum_up(cursor: Any) -> Delineation:
    cursor.execute("SELECT coalesce(sum(block_count), 0), coalesce(sum(dwellings), 0) FROM cluster")
    blocks, dwellings = cursor.fetchone()
    return Delineation(blocks=blocks, dwellings=dwellings)


def _match(cursor: Any, result: Delineation) -> list[int]:
    """Fill `drawn` (cluster, polygon_id, number); returns the drafts that already are what was found."""
    partners, settled, drafts, result.held = _overlaps(cursor)
    cursor.execute(
        "SELECT cluster, cluster.municipality_id, city_id, locality.name FROM cluster"
        " LEFT JOIN polygons_locality AS locality ON locality.code = cluster.locality_id"
        " ORDER BY cluster.municipality_id, dwellings DESC, cluster"
    )
    clusters = [row for row in cursor.fetchall() if row[0] not in settled]
    fresh = [row for row in clusters if row[0] not in partners]
    partners |= _new_polygons(fresh)
    make_staging(cursor, "drawn", "cluster bigint, polygon_id bigint, number integer")
    rows = [(cluster, *partners[cluster]) for cluster, *_place in clusters]
    copy_rows(cursor, "drawn", ("cluster", "polygon_id", "number"), rows)
    result.new, result.redrawn, result.unchanged = len(fresh), len(clusters) - len(fresh), len(settled) - result.held
    return drafts


def _overlaps(cursor: Any) -> tuple[dict[int, tuple[int, int]], set[int], list[int], int]:
    """Which cluster continues which polygon: the largest common area first, each taken once.

    Returns cluster -> (polygon, next number); the clusters whose polygon has these members already, or another draft
    that somebody works on; those of these last versions that are drafts with these members; how many other drafts.
    """
    cursor.execute(
        """
        WITH last AS (
            SELECT DISTINCT ON (version.polygon_id) version.*, polygon.municipality_id
            FROM polygons_polygonversion AS version JOIN polygons_polygon AS polygon ON polygon.id = version.polygon_id
            WHERE polygon.municipality_id IN (SELECT municipality_id FROM cluster)
            ORDER BY version.polygon_id, version.number DESC
        )
        SELECT cluster.cluster, last.id, last.polygon_id, last.number, last.status,
               cluster.members = (
                   SELECT md5(string_agg(block.code, ',' ORDER BY block.code))
                   FROM polygons_polygonversion_blocks AS held JOIN polygons_block AS block ON block.id = held.block_id
                   WHERE held.polygonversion_id = last.id AND block.vintage = last.vintage
               ) AS is_same
        FROM cluster JOIN last ON last.municipality_id = cluster.municipality_id AND last.geometry && cluster.geometry
        CROSS JOIN LATERAL (SELECT ST_Area(ST_Intersection(last.geometry, cluster.geometry)) AS area) AS common
        WHERE common.area > 0
        ORDER BY is_same DESC, common.area DESC, last.polygon_id
        """
    )
    partners: dict[int, tuple[int, int]] = {}
    settled: set[int] = set()
    taken: set[int] = set()
    drafts, held = [], 0
    for cluster, version, polygon, number, status, is_same in cursor.fetchall():
        if cluster in partners or cluster in settled or polygon in taken:
            continue
        taken.add(polygon)
        is_draft = status == PolygonVersion.Status.DRAFT
        if not is_same and not is_draft:
            partners[cluster] = (polygon, number + 1)
            continue
        settled.add(cluster)
        drafts += [version] if is_same and is_draft else []
        held += not is_same
    return partners, settled, drafts, held


def _new_polygons(rows: list[tuple[int, str, str | None, str | None]]) -> dict[int, tuple[int, int]]:
    """Rows are cluster, municipality, city, locality's name; returns cluster -> (polygon, 1)."""
    codes = free_codes([municipality[:2] for _cluster, municipality, _city, _name in rows])
    names = free_names([(municipality, name or municipality) for _cluster, municipality, _city, name in rows])
    polygons = Polygon.objects.bulk_create(
        Polygon(code=code, name=name, municipality_id=municipality, city_id=city)
        for code, name, (_cluster, municipality, city, _name) in zip(codes, names, rows, strict=True)
    )
    return {row[0]: (polygon.pk, 1) for row, polygon in zip(rows, polygons, strict=True)}
