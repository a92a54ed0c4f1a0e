"""Editing drafts of polygons: what is in force is never touched here, only `publishing` changes that.

Each change locks the draft, decides on the locked row and draws and sums it anew. Blocks are named by their keys.
`by` is the person, None the command line. Raises PermissionDenied outside one's territory, Refused with a sentence.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.lib.refusals import Refused
from polygons.models import Block, Locality, Municipality, Polygon, PolygonVersion
from polygons.policy import require_drawer
from polygons.services.naming import free_codes, free_names
from polygons.services.sums import insert_version, recompute

DRAFT = PolygonVersion.Status.DRAFT
NAMED = 5


class NotADraft(Refused):
    """Only drafts are changed and published."""


class Stale(Refused):
    """Somebody else changed the draft since it was read."""


@transaction.atomic
def new_draft(
    *,
    blocks: Iterable[str],
    vintage: int,
    polygon: Polygon | None = None,
    municipality: Municipality | None = None,
    name: str = "",
    source: str = PolygonVersion.Source.DRAWN,
    method: dict[str, Any] | None = None,
    by: Any = None,
) -> PolygonVersion:
    """The next version of `polygon`, or the first of a new one in `municipality`, as a draft.

    A polygon has one draft at a time. `name` is for new polygons; the locality's, numbered, where it is empty.
    """
    place = polygon.municipality_id if polygon else _key(municipality)
    require_drawer(by, [place])
    members = _blocks(blocks, vintage, place)
    if polygon:
        polygon = Polygon.objects.select_for_update(no_key=True).get(pk=polygon.pk)
        _refuse_second_draft(polygon)
    else:
        polygon = _new_polygon(place, members, name)
    last = polygon.versions.aggregate(last=Max("number"))["last"] or 0
    pk = insert_version(
        polygon.pk,
        last + 1,
        [block.pk for block in members],
        source=source,
        vintage=vintage,
        method=json.dumps(method or {}),
        by_pk=by.pk if by else None,
    )
    return PolygonVersion.objects.select_related("polygon").get(pk=pk)


@transaction.atomic
def change_members(
    version: PolygonVersion,
    *,
    expected: int,
    add: Collection[str] = (),
    remove: Collection[str] = (),
    by: Any = None,
) -> PolygonVersion:
    """The draft with other blocks. `expected` is the `revision` one has seen: a later one refuses (Stale).

    What is a member already is not added twice; what is none cannot be removed.
    """
    draft = _locked_draft(version, by)
    _refuse_stale(draft, expected)
    held = set(draft.blocks.values_list("code", flat=True))
    if strangers := set(remove) - held:
        raise Refused(_("Not blocks of this polygon: %(codes)s.") % {"codes": _named(strangers)})
    if not (held - set(remove)) | set(add):
        raise Refused(_("A polygon needs at least one block; discard the draft instead."))
    _set_members(draft, (held - set(remove)) | set(add))
    return draft


def require_revision(version: PolygonVersion, expected: int) -> None:
    """Inside a transaction: the draft stays as it was read (`expected` is its revision) until the end; raises Stale."""
    found = PolygonVersion.objects.select_for_update(of=("self",)).filter(pk=version.pk).first()
    if found is None:
        raise NotADraft(_("This draft was discarded meanwhile."))
    _refuse_stale(found, expected)


@transaction.atomic
def split(version: PolygonVersion, groups: Sequence[Collection[str]], *, by: Any = None) -> list[PolygonVersion]:
    """Drafts, one a group of keys: the first goes on as the version's polygon, each other is a new polygon.

    The groups share out the version's blocks: each block in one. A draft is cut in place; what is published stays as it
    is until the drafts are published.
    """
    version = _locked(version, by)
    held = set(version.blocks.values_list("code", flat=True))
    counted = Counter(code for group in groups for code in group)
    if len(groups) < 2 or not all(groups):
        raise Refused(_("To split a polygon, put its blocks in at least two groups."))
    if astray := held ^ set(counted):
        raise Refused(
            _("Every block of the polygon goes into one group; look at %(codes)s.") % {"codes": _named(astray)}
        )
    if twice := {code for code, times in counted.items() if times > 1}:
        raise Refused(_("A block goes into one group only; look at %(codes)s.") % {"codes": _named(twice)})
    method = {"split": {"code": version.polygon.code, "version": version.number}}
    if version.status == DRAFT:
        _set_members(version, set(groups[0]))
        first = version
    else:
        first = new_draft(blocks=groups[0], vintage=version.vintage, polygon=version.polygon, method=method, by=by)
    place = version.polygon.municipality
    others = [
        new_draft(blocks=group, vintage=version.vintage, municipality=place, method=method, by=by)
        for group in groups[1:]
    ]
    return [first, *others]


@transaction.atomic
def merge(versions: Sequence[PolygonVersion], *, by: Any = None) -> PolygonVersion:
    """A draft with the blocks of all: the next version of the first one's polygon.

    Drafts among the others are discarded; published ones stay until the draft is published, which retires them.
    """
    locked = {version.pk: _locked(version, by) for version in sorted(versions, key=lambda version: version.pk)}
    ordered = [locked[version.pk] for version in versions]
    if len({version.polygon_id for version in ordered}) < 2:
        raise Refused(_("To merge, choose at least two polygons."))
    if len({(version.polygon.municipality_id, version.vintage) for version in ordered}) > 1:
        raise Refused(_("Only polygons of one municipality and one census can be merged."))
    first, *others = ordered
    codes = set(Block.objects.filter(polygon_versions__in=ordered).values_list("code", flat=True))
    method = {"merged": [{"code": version.polygon.code, "version": version.number} for version in ordered]}
    for other in others:
        if other.status == DRAFT:
            _delete(other)
    if first.status == DRAFT:
        _set_members(first, codes)
        return first
    return new_draft(blocks=codes, vintage=first.vintage, polygon=first.polygon, method=method, by=by)


@transaction.atomic
def discard(version: PolygonVersion, *, by: Any = None) -> None:
    """Delete a draft, and its polygon where that was all it had."""
    _delete(_locked_draft(version, by))


def _key(municipality: Municipality | None) -> str:
    if municipality is None:
        raise ValueError("a draft needs a polygon or a municipality")
    return municipality.pk


def _locked(version: PolygonVersion, by: Any) -> PolygonVersion:
    """The row as it stands now, held until the end. Superseded ones are history."""
    rows = PolygonVersion.objects.select_for_update(of=("self",)).select_related("polygon__municipality")
    found = rows.filter(pk=version.pk).first()
    if found is None:
        raise NotADraft(_("This draft was discarded meanwhile."))
    require_drawer(by, [found.polygon.municipality_id])
    if found.status == PolygonVersion.Status.SUPERSEDED:
        raise NotADraft(_("%(version)s is history: work on the version in force.") % {"version": found})
    return found


def _refuse_stale(draft: PolygonVersion, expected: int) -> None:
    if draft.revision != expected:
        raise Stale(
            _(
                "Somebody else changed this draft meanwhile: it is revision %(now)s, you saw %(seen)s."
                " Look at it as it is now, then repeat your change."
            )
            % {"now": draft.revision, "seen": expected}
        )


def _locked_draft(version: PolygonVersion, by: Any) -> PolygonVersion:
    found = _locked(version, by)
    if found.status != DRAFT:
        raise NotADraft(_("%(version)s is published: make a draft that follows it.") % {"version": found})
    return found


def _refuse_second_draft(polygon: Polygon) -> None:
    if draft := polygon.versions.filter(status=DRAFT).first():
        raise Refused(
            _("%(polygon)s has a draft already, version %(number)s: go on with it, publish it or discard it.")
            % {"polygon": polygon, "number": draft.number}
        )


def _blocks(codes: Iterable[str], vintage: int, municipality: str) -> list[Block]:
    """The blocks of these keys. All must be known, of the municipality, and one at least must have an outline."""
    wanted = set(codes)
    found = list(
        Block.objects.filter(code__in=wanted, vintage=vintage)
        .only("code", "municipality", "locality", "city", "geometry_vintage")
        .order_by("code")
    )
    if missing := wanted - {block.code for block in found}:
        raise Refused(
            ngettext(
                "The census of %(vintage)s has no block %(codes)s.",
                "The census of %(vintage)s has no blocks %(codes)s.",
                len(missing),
            )
            % {"vintage": vintage, "codes": _named(missing)}
        )
    if outside := {block.code for block in found if block.municipality_id != municipality}:
        raise Refused(
            _("A polygon belongs to one municipality; of another one: %(codes)s.") % {"codes": _named(outside)}
        )
    if not Block.objects.filter(pk__in=[block.pk for block in found], geometry__isnull=False).exists():
        raise Refused(_("None of these blocks has an outline, so that no polygon can be drawn around them."))
    return found


def _new_polygon(municipality: str, members: list[Block], name: str) -> Polygon:
    """Named after the locality most of its blocks lie in, within the city of most."""
    [code] = free_codes([municipality[:2]])
    if not name:
        locality = _most(block.locality_id for block in members)
        place = Locality.objects.filter(pk=locality).first() or Municipality.objects.get(pk=municipality)
        [name] = free_names([(municipality, place.name)])
    city = _most(block.city_id for block in members)
    return Polygon.objects.create(code=code, name=name, municipality_id=municipality, city_id=city)


def _most(keys: Iterable[str | None]) -> str | None:
    counted = Counter(key for key in keys if key)
    return min(counted, key=lambda key: (-counted[key], key)) if counted else None


def _set_members(draft: PolygonVersion, codes: set[str]) -> None:
    members = _blocks(codes, draft.vintage, draft.polygon.municipality_id)
    draft.blocks.set(members)
    PolygonVersion.objects.filter(pk=draft.pk).update(revision=F("revision") + 1)
    recompute(draft)


def _delete(draft: PolygonVersion) -> None:
    polygon = draft.polygon
    try:
        draft.blocks.clear()
        draft.delete()
        if not polygon.versions.exists():
            polygon.delete()
    except ProtectedError as error:
        raise Refused(_("%(version)s is in use by others and stays.") % {"version": draft}) from error


def _named(codes: Collection[str]) -> str:
    """The first few of them in order, and how many more."""
    first = ", ".join(sorted(codes)[:NAMED])
    more = len(codes) - NAMED
    return first if more <= 0 else _("%(first)s and %(more)s more") % {"first": first, "more": more}
