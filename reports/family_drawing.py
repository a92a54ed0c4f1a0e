"""A polygon's family as a drawing: versions as boxes, the earlier above the later, and what passed on as lines.

Positions only; the words stand in `templates/polygons/_family.html`.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from reports.polygon_lineage import Family, Link, Member

BOX = (148, 62)
GAP = (20, 56)
EDGE = 8
THICKEST = 6


@dataclass(frozen=True)
class Box:
    member: Member
    x: float
    y: float

    width, height = BOX

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Line:
    """From the lower edge of one box to the upper edge of another, as thick as the part of the blocks that passed."""

    link: Link
    source: Box
    target: Box
    # Others leave from where it does.
    is_parted: bool

    @property
    def path(self) -> str:
        x1, y1, x2, y2 = self.source.middle, self.source.y + Box.height, self.target.middle, self.target.y
        bend = (y1 + y2) / 2
        return f"M{x1:g} {y1:g}C{x1:g} {bend:g} {x2:g} {bend:g} {x2:g} {y2:g}"

    @property
    def width(self) -> str:
        return f"{1 + (THICKEST - 1) * self.link.shared / max(self.link.before.block_count, 1):.1f}"

    @property
    def label_at(self) -> tuple[float, float]:
        """Near the end where fewer lines meet, so that words do not lie on each other."""
        along = 0.7 if self.is_parted else 0.3
        x = self.source.middle + (self.target.middle - self.source.middle) * along
        y1, y2 = self.source.y + Box.height, self.target.y
        return round(x, 1), round(y1 + (y2 - y1) * (0.5 if self.source.x == self.target.x else along), 1)


@dataclass(frozen=True)
class FamilyDrawing:
    boxes: list[Box]
    lines: list[Line]
    width: float
    height: float


def draw_family(family: Family) -> FamilyDrawing:
    rows: dict[int, list[Member]] = defaultdict(list)
    row_of = _rows(family)
    for member in family.members:
        rows[row_of[member.pk]].append(member)
    width = max(len(row) for row in rows.values()) * (BOX[0] + GAP[0]) - GAP[0] + 2 * EDGE
    parents = defaultdict(list)
    for link in family.links:
        parents[link.after.pk].append(link.before.pk)
    boxes: dict[int, Box] = {}
    for number, row in sorted(rows.items()):
        left = (width - len(row) * (BOX[0] + GAP[0]) + GAP[0]) / 2
        for place, member in enumerate(_ordered(row, parents, boxes)):
            x, y = left + place * (BOX[0] + GAP[0]), EDGE + number * (BOX[1] + GAP[1])
            boxes[member.pk] = Box(member, x, y)
    leaving = Counter(link.before.pk for link in family.links)
    lines = [
        Line(link, boxes[link.before.pk], boxes[link.after.pk], leaving[link.before.pk] > 1) for link in family.links
    ]
    return FamilyDrawing(list(boxes.values()), lines, width, max(box.y for box in boxes.values()) + BOX[1] + EDGE)


def _rows(family: Family) -> dict[int, int]:
    """Each version below all it follows; one that follows none stands just above the first that follows it."""
    row_of = {member.pk: 0 for member in family.members}
    followers = defaultdict(list)
    for link in family.links:
        followers[link.before.pk].append(link.after.pk)
    # A version is published after those it follows, so that nothing goes round; a family is as long as it has members.
    for _round in family.members:
        for link in family.links:
            row_of[link.after.pk] = max(row_of[link.after.pk], row_of[link.before.pk] + 1)
    for pk in followers.keys() - {link.after.pk for link in family.links}:
        row_of[pk] = min(row_of[after] for after in followers[pk]) - 1
    return row_of


def _ordered(row: list[Member], parents: dict[int, list[int]], above: dict[int, Box]) -> list[Member]:
    """Under what they follow, so that few lines cross."""

    def place(member: Member) -> float:
        xs = [above[pk].middle for pk in parents[member.pk]]
        return sum(xs) / len(xs) if xs else 0

    return sorted(row, key=place)
