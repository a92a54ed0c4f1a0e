"""Where a version of a polygon comes from, what became of it, and what changed from one version to the next."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from polygons.deficits import DEFICITS
from polygons.models import Lineage, PolygonVersion

# Both sides of a version, with the blocks they have in common with it.
LINKS = """
    SELECT link.child_id = %(version)s AS is_before, link.kind, polygon.code, polygon.name, other.number,
           other.block_count, (
               SELECT count(*) FROM polygons_polygonversion_blocks AS mine
               JOIN polygons_polygonversion_blocks AS theirs USING (block_id)
               WHERE mine.polygonversion_id = %(version)s AND theirs.polygonversion_id = other.id
           ) AS shared
    FROM polygons_lineage AS link
    JOIN polygons_polygonversion AS other
      ON other.id = CASE WHEN link.child_id = %(version)s THEN link.parent_id ELSE link.child_id END
    JOIN polygons_polygon AS polygon ON polygon.id = other.polygon_id
    WHERE %(version)s IN (link.child_id, link.parent_id)
    ORDER BY is_before DESC, shared DESC, polygon.code, other.number
"""
CHANGED_BLOCKS = """
    SELECT block.code, bool_or(member.polygonversion_id = %(now)s) FROM polygons_polygonversion_blocks AS member
    JOIN polygons_block AS block ON block.id = member.block_id
    WHERE member.polygonversion_id IN (%(now)s, %(before)s) GROUP BY block.code HAVING count(*) = 1 ORDER BY block.code
"""
FIGURES = ("block_count", "population", "households", "dwellings", "base", "poverty_households", "poor_households")


@dataclass(frozen=True)
class Relative:
    """A version before or after the one looked at. `shared` counts the blocks both have."""

    kind: str
    code: str
    name: str
    number: int
    block_count: int
    shared: int

    @property
    def url(self) -> str:
        return reverse("polygons:version", args=[self.code, self.number])

    @property
    def kind_in_words(self) -> str:
        return str(Lineage.Kind(self.kind).label)


@dataclass(frozen=True)
class Kin:
    before: list[Relative]
    after: list[Relative]
    # Blocks that no version after it took over: known once it was superseded.
    left_out: int


def kin_of(version: PolygonVersion) -> Kin:
    with connection.cursor() as cursor:
        cursor.execute(LINKS, {"version": version.pk})
        rows = cursor.fetchall()
    before = [Relative(*row[1:]) for row in rows if row[0]]
    after = [Relative(*row[1:]) for row in rows if not row[0]]
    is_over = version.status == PolygonVersion.Status.SUPERSEDED
    left_out = max(version.block_count - sum(relative.shared for relative in after), 0) if is_over else 0
    return Kin(before, after, left_out)


@dataclass(frozen=True)
class Difference:
    """One figure of two versions; None where it is not known of one."""

    label: str
    before: int | None
    now: int | None

    @property
    def change(self) -> int | None:
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True)
class Comparison:
    """A version against the one before it. Blocks of two censuses are renumbered: then only figures are shown."""

    before: PolygonVersion
    added: list[str]
    removed: list[str]
    figures: list[Difference]
    is_same_census: bool


def comparison(version: PolygonVersion, others: Any) -> Comparison | None:
    """Against the last version before it among `others`; None for the first."""
    before = others.filter(number__lt=version.number).defer("geometry", "mercator").order_by("-number").first()
    if before is None:
        return None
    is_same_census = before.vintage == version.vintage
    changed: list[tuple[str, bool]] = []
    if is_same_census:
        with connection.cursor() as cursor:
            cursor.execute(CHANGED_BLOCKS, {"now": version.pk, "before": before.pk})
            changed = cursor.fetchall()
    return Comparison(
        before,
        [code for code, is_now in changed if is_now],
        [code for code, is_now in changed if not is_now],
        _differences(before, version) if is_same_census else [],
        is_same_census,
    )


def _differences(before: PolygonVersion, now: PolygonVersion) -> list[Difference]:
    rows = [(str(PolygonVersion._meta.get_field(name).verbose_name), name) for name in FIGURES]
    for deficit in DEFICITS:
        for text, name in ((_("%(deficit)s, at least"), deficit.low), (_("%(deficit)s, at most"), deficit.high)):
            rows.append((text % {"deficit": deficit.label}, name))
    found = (Difference(label, getattr(before, name), getattr(now, name)) for label, name in rows)
    return [row for row in found if (row.before, row.now) != (None, None)]
