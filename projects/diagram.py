"""The workflow as a drawing: the usual road down the middle, what leaves it at the sides. Positions only."""

from dataclasses import dataclass

from projects.workflow import MAIN_ROAD, WORKFLOWS, Status

PITCH = 64
BOX = (190, 36)
COLUMNS = {"left": 20, "middle": 290, "right": 560}
# Side stages stand beside the stage of the road that leads to them most often.
SIDES = {
    Status.OBSERVED: ("left", 2.0),
    Status.WITHDRAWN: ("right", 1.0),
    Status.REJECTED: ("right", 3.0),
    Status.CANCELLED: ("right", 6.0),
}


@dataclass(frozen=True)
class Box:
    status: Status
    x: int
    y: int

    width, height = BOX

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True)
class Line:
    """From edge to edge; `label` only along the road, where there is room for it."""

    x1: int
    y1: int
    x2: int
    y2: int
    label: str = ""
    is_exit: bool = False

    @property
    def label_at(self) -> tuple[int, int]:
        return self.x1 + 10, (self.y1 + self.y2) // 2 + 4


@dataclass(frozen=True)
class Diagram:
    boxes: list[Box]
    lines: list[Line]

    width = COLUMNS["right"] + BOX[0] + 20

    @property
    def height(self) -> int:
        return max(box.y for box in self.boxes) + BOX[1] + 12


def draw(workflow: str) -> Diagram:
    places = {status: ("middle", float(number)) for number, status in enumerate(MAIN_ROAD)} | SIDES
    boxes = {status: Box(status, COLUMNS[column], round(row * PITCH) + 12) for status, (column, row) in places.items()}
    lines = []
    for step in WORKFLOWS[workflow]:
        for move in step.moves:
            lines.append(connect(boxes[move.source], boxes[move.target], str(step.label), step.is_exit))
    return Diagram(list(boxes.values()), lines)


def connect(source: Box, target: Box, label: str, is_exit: bool) -> Line:
    if source.x == target.x:
        return Line(source.middle[0], source.y + source.height, target.middle[0], target.y, label)
    side = source.width if target.x > source.x else 0
    other = 0 if target.x > source.x else target.width
    return Line(source.x + side, source.middle[1], target.x + other, target.middle[1], is_exit=is_exit)
