"""Where a version of a polygon comes from, what became of it, and what changed from one version to the next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from polygons.deficits import DEFICITS
from polygons.models import Lineage, PolygonVersion

# The family shown: those one link away whole, then the nearest.
STEPS, MOST = 3, 24

# Versions up to STEPS links away in either direction; `steps` is the shortest way.
NEAR = """
    WITH RECURSIVE way (id, steps) AS (
        SELECT %(version)s::bigint, 0
        UNION
        SELECT other.id, way.steps + 1 FROM way CROSS JOIN LATERAL (
            SELECT child_id AS id FROM polygons_lineage WHERE parent_id = way.id
            UNION ALL SELECT parent_id FROM polygons_lineage WHERE child_id = way.id
        ) AS other WHERE way.steps < %(steps)s
    ), near AS (
        SELECT id, min(steps) AS steps, row_number() OVER (ORDER BY min(steps), id) AS place FROM way GROUP BY id
    ), family AS (SELECT id FROM near WHERE steps <= 1 OR place <= %(most)s)
"""
MEMBERS = f"""
    {NEAR} SELECT version.id, polygon.code, polygon.name, version.number, version.block_count,
                  version.valid_from, version.valid_to, version.reason
    FROM family JOIN polygons_polygonversion AS version USING (id)
    JOIN polygons_polygon AS polygon ON polygon.id = version.polygon_id ORDER BY polygon.code, version.number
"""
# Also the links that lead out of the family. Of these no block is counted.
LINKS = f"""
    {NEAR} SELECT link.parent_id, link.child_id, link.kind, CASE WHEN parent.id IS NOT NULL AND child.id IS NOT NULL
        THEN (SELECT count(*) FROM polygons_polygonversion_blocks AS mine
              JOIN polygons_polygonversion_blocks AS theirs USING (block_id)
              WHERE mine.polygonversion_id = link.parent_id AND theirs.polygonversion_id = link.child_id) END AS shared
    FROM polygons_lineage AS link
    LEFT JOIN family AS parent ON parent.id = link.parent_id LEFT JOIN family AS child ON child.id = link.child_id
    WHERE parent.id IS NOT NULL OR child.id IS NOT NULL ORDER BY shared DESC, link.parent_id, link.child_id
"""
CHANGED_BLOCKS = """
    SELECT block.code, bool_or(member.polygonversion_id = %(now)s) FROM polygons_polygonversion_blocks AS member
    JOIN polygons_block AS block ON block.id = member.block_id
    WHERE member.polygonversion_id IN (%(now)s, %(before)s) GROUP BY block.code HAVING count(*) = 1 ORDER BY block.code
"""
FIGURES = ("block_count", "population", "households", "dwellings", "base", "poverty_households", "poor_households")


@dataclass(frozen=True)
class Member:
    """One published version of the family."""

    pk: int
    code: str
    name: str
    number: int
    block_count: int
    valid_from: date | None
    valid_to: date | None
    reason: str

    @property
    def url(self) -> str:
        return reverse("polygons:version", args=[self.code, self.number])


@dataclass(frozen=True)
class Link:
    """`after` took over `shared` blocks of `before`."""

    before: Member
    after: Member
    kind: str
    shared: int

    @property
    def kind_in_words(self) -> str:
        return str(Lineage.Kind(self.kind).label)


@dataclass(frozen=True)
class Family:
    """The versions round the one with the key `pk`; `is_cut` where others follow that are not shown."""

    pk: int
    members: list[Member]
    links: list[Link]
    is_cut: bool
    # Blocks that no version after it took over: known once it was superseded.
    left_out: int

    @property
    def before(self) -> list[Link]:
        return [link for link in self.links if link.after.pk == self.pk]

    @property
    def after(self) -> list[Link]:
        return [link for link in self.links if link.before.pk == self.pk]


def family_of(version: PolygonVersion) -> Family:
    asked = {"version": version.pk, "steps": STEPS, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, asked)
        members = {row[0]: Member(*row) for row in cursor.fetchall()}
        cursor.execute(LINKS, asked)
        rows = cursor.fetchall()
    links = [Link(members[row[0]], members[row[1]], *row[2:]) for row in rows if row[3] is not None]
    taken = sum(link.shared for link in links if link.before.pk == version.pk)
    is_over = version.status == PolygonVersion.Status.SUPERSEDED
    left_out = max(version.block_count - taken, 0) if is_over else 0
    return Family(version.pk, list(members.values()), links, len(links) < len(rows), left_out)


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
