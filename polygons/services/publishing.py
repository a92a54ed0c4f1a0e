"""Bringing drafts into force: the one place where versions are published, superseded or retired, with their lineage."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.lib.refusals import Refused
from polygons.models import Lineage, Municipality, Polygon, PolygonVersion
from polygons.policy import require_drawer
from polygons.services.versions import NotADraft

Status = PolygonVersion.Status
NAMED = 5

# Published versions, other than those that the drafts follow, that share blocks with the drafts: how many are shared.
SHARED = """
    SELECT held.id, count(*) FROM polygons_polygonversion AS held
    JOIN polygons_polygonversion_blocks AS member ON member.polygonversion_id = held.id
    WHERE held.status = 'published' AND held.polygon_id <> ALL(%(polygons)s)
      AND member.block_id IN (
          SELECT block_id FROM polygons_polygonversion_blocks WHERE polygonversion_id = ANY(%(drafts)s))
    GROUP BY held.id ORDER BY held.id
"""
# The two drafts that share most blocks.
CLAIMED_TWICE = """
    SELECT one.polygonversion_id, other.polygonversion_id, count(*)
    FROM polygons_polygonversion_blocks AS one JOIN polygons_polygonversion_blocks AS other USING (block_id)
    WHERE one.polygonversion_id = ANY(%(drafts)s) AND other.polygonversion_id = ANY(%(drafts)s)
      AND one.polygonversion_id < other.polygonversion_id
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1
"""
# From whom each draft takes its blocks: the version that held a block last, of those once published.
LAST_HOLDERS = """
    SELECT DISTINCT child, parent FROM (
        SELECT DISTINCT ON (taken.block_id)
               taken.polygonversion_id AS child, held.id AS parent
        FROM polygons_polygonversion_blocks AS taken
        JOIN polygons_polygonversion_blocks AS before
          ON before.block_id = taken.block_id AND before.polygonversion_id <> taken.polygonversion_id
        JOIN polygons_polygonversion AS held ON held.id = before.polygonversion_id AND held.status <> 'draft'
        WHERE taken.polygonversion_id = ANY(%(drafts)s)
        ORDER BY taken.block_id, held.valid_to DESC NULLS FIRST, held.id DESC
    ) AS last
"""


@dataclass(frozen=True)
class Plan:
    """What publishing would do: versions that give way to the next of their code, and polygons that end."""

    drafts: list[PolygonVersion]
    superseded: list[PolygonVersion]
    retired: list[PolygonVersion]


def plan(versions: Iterable[int]) -> Plan:
    """What publishing these drafts (pks) would do; raises NotADraft or Refused as `publish` does."""
    rows = PolygonVersion.objects.select_related("polygon").defer("geometry", "mercator")
    drafts = list(rows.filter(pk__in=list(versions)).order_by("pk"))
    _check(drafts)
    polygons = [draft.polygon_id for draft in drafts]
    superseded = list(rows.published().filter(polygon__in=polygons).order_by("pk"))
    retired = _retired(drafts, polygons)
    return Plan(drafts, superseded, retired)


@transaction.atomic
def publish(versions: Iterable[int], *, reason: str, by: Any = None, at: datetime | None = None) -> Plan:
    """Make drafts (pks) the versions in force as of the local day of `at`; what they follow is kept as superseded.

    A polygon all of whose blocks go to the drafts is retired: superseded, without a version of its own that follows.
    Raises NotADraft; Refused where a block would belong to two published polygons, or without a reason.
    """
    pks = list(versions)
    if not reason.strip():
        raise Refused(_("Say why these polygons are published."))
    _lock(pks)
    planned = plan(pks)
    require_drawer(by, (draft.polygon.municipality_id for draft in planned.drafts))
    on = timezone.localdate(at)
    parents = _parents(planned)
    _end([*planned.superseded, *planned.retired], on)
    changes = {"by": by} if by else {}
    PolygonVersion.objects.filter(pk__in=[draft.pk for draft in planned.drafts]).update(
        status=Status.PUBLISHED, valid_from=on, reason=reason.strip(), **changes
    )
    Polygon.objects.filter(versions__in=pks).exclude(ended_because="").update(ended_because="")
    _write_lineage(planned, parents)
    return planned


@transaction.atomic
def retire(version: PolygonVersion, *, reason: str, by: Any = None, at: datetime | None = None) -> None:
    """End a published polygon that nothing follows; its versions stay readable. Raises Refused."""
    if not reason.strip():
        raise Refused(_("Say why this polygon ends."))
    _lock([version.pk])
    held = PolygonVersion.objects.select_related("polygon").get(pk=version.pk)
    require_drawer(by, [held.polygon.municipality_id])
    if held.status != Status.PUBLISHED:
        raise Refused(_("%(version)s is not in force.") % {"version": held})
    _end([held], timezone.localdate(at))
    Polygon.objects.filter(pk=held.polygon_id).update(ended_because=reason.strip())


def _lock(pks: list[int]) -> None:
    """The drafts, and their municipalities: a block belongs to one, so that no two publications meet in a block."""
    places = Municipality.objects.filter(polygons__versions__in=pks)
    list(Municipality.objects.filter(pk__in=places.values("pk")).order_by("pk").select_for_update(no_key=True))
    list(PolygonVersion.objects.filter(pk__in=pks).order_by("pk").values("pk").select_for_update())


def _check(drafts: list[PolygonVersion]) -> None:
    if any(draft.status != Status.DRAFT for draft in drafts):
        raise NotADraft(_("Only a draft can be published."))
    if len({draft.polygon_id for draft in drafts}) < len(drafts):
        raise Refused(_("Two drafts of one polygon cannot be published together."))
    later = PolygonVersion.objects.exclude(status=Status.DRAFT).filter(
        polygon__in={draft.polygon_id for draft in drafts}
    )
    newest = dict(later.order_by("number").values_list("polygon", "number"))
    if outdated := [draft for draft in drafts if newest.get(draft.polygon_id, 0) > draft.number]:
        raise Refused(_("%(version)s is older than the version in force: make a new draft.") % {"version": outdated[0]})
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED_TWICE, {"drafts": [draft.pk for draft in drafts]})
        claimed = cursor.fetchone()
    if claimed:
        polygons = {draft.pk: draft.polygon for draft in drafts}
        raise Refused(
            ngettext(
                "%(one)s and %(other)s share %(blocks)s block; a block belongs to one polygon.",
                "%(one)s and %(other)s share %(blocks)s blocks; a block belongs to one polygon.",
                claimed[2],
            )
            % {"one": polygons[claimed[0]], "other": polygons[claimed[1]], "blocks": claimed[2]}
        )


def _once_published(polygons: set[int]) -> QuerySet[PolygonVersion]:
    return PolygonVersion.objects.exclude(status=Status.DRAFT).filter(polygon__in=polygons)


def _retired(drafts: list[PolygonVersion], polygons: list[int]) -> list[PolygonVersion]:
    """Published polygons that the drafts take over whole. Raises Refused where they take only a part of one."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED, {"drafts": [draft.pk for draft in drafts], "polygons": polygons})
        shared = dict(cursor.fetchall())
    held = PolygonVersion.objects.select_related("polygon").defer("geometry", "mercator")
    found = list(held.filter(pk__in=shared).order_by("pk"))
    if torn := [version for version in found if shared[version.pk] < version.block_count]:
        names = ", ".join(f"{version.polygon} ({shared[version.pk]}/{version.block_count})" for version in torn[:NAMED])
        raise Refused(
            _(
                "A block belongs to one published polygon. These hold some of the blocks: %(names)s."
                " Publish drafts of them without those blocks at the same time, or retire them first."
            )
            % {"names": names}
        )
    return found


def _end(versions: list[PolygonVersion], on: date) -> None:
    PolygonVersion.objects.filter(pk__in=[version.pk for version in versions]).update(
        status=Status.SUPERSEDED, valid_to=on
    )


def _parents(planned: Plan) -> dict[int, set[int]]:
    """Draft -> the versions it follows: that of its own polygon, and whoever held its blocks last."""
    parents: dict[int, set[int]] = defaultdict(set)
    own = {version.polygon_id: version.pk for version in planned.superseded}
    for draft in planned.drafts:
        if draft.polygon_id in own:
            parents[draft.pk].add(own[draft.polygon_id])
    with connection.cursor() as cursor:
        cursor.execute(LAST_HOLDERS, {"drafts": [draft.pk for draft in planned.drafts]})
        for child, parent in cursor.fetchall():
            parents[child].add(parent)
    return parents


def _write_lineage(planned: Plan, parents: dict[int, set[int]]) -> None:
    """Merged: polygons that end in one other, and the version that took it in. Split: into new ones. Else redrawn."""
    known = {pk for found in parents.values() for pk in found}
    polygon_of = dict(PolygonVersion.objects.filter(pk__in=known).values_list("pk", "polygon"))
    published = PolygonVersion.objects.published().filter(polygon__in=polygon_of.values())
    alive = set(published.values_list("polygon", flat=True))
    drafts = {draft.pk for draft in planned.drafts}
    older = _once_published({draft.polygon_id for draft in planned.drafts}).exclude(pk__in=drafts)
    continued = set(older.values_list("polygon", flat=True))
    children: dict[int, list[PolygonVersion]] = defaultdict(list)
    for draft in planned.drafts:
        for parent in parents[draft.pk]:
            children[parent].append(draft)
    ended = {pk for pk in known if polygon_of[pk] not in alive}
    merged = {pk for pk in ended if len(children[pk]) == 1}
    split = {
        pk for pk in known - merged if pk in ended or any(child.polygon_id not in continued for child in children[pk])
    }

    def kind(parent: int, child: PolygonVersion) -> str:
        into_it = polygon_of[parent] == child.polygon_id and parents[child.pk] & merged
        if into_it or (parent in merged and len(parents[child.pk]) > 1):
            return Lineage.Kind.MERGED
        return Lineage.Kind.SPLIT if parent in split else Lineage.Kind.REDRAWN

    Lineage.objects.bulk_create(
        Lineage(parent_id=parent, child=draft, kind=kind(parent, draft))
        for draft in planned.drafts
        for parent in sorted(parents[draft.pk])
    )
