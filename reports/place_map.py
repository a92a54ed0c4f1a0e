"""A place drawn on the server, for page and paper: its published polygons, coloured by what was done in them.

In web mercator, where north is up; nothing is measured here. Outlines are simplified to what a picture can show, and a
polygon too small to be seen is a dot.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.workflow import PUBLIC
from reports import kept
from reports.indicators import Figures

# Units across the picture, and the air around it.
WIDTH, MARGIN = 640, 16
# More dots than this are a stain, and a heavy page.
MOST = 1_500
# By class of progress, on paper; a page has the theme's.
FILLS = ("#ffffff", "#c7e9c0", "#a1d99b", "#74c476", "#31a354", "#00692c")
DRAW = """
    WITH shape AS (
        SELECT polygon.id, polygon.code, version.mercator, ST_PointOnSurface(version.mercator) AS point
        FROM polygons_polygon AS polygon
        JOIN polygons_polygonversion AS version ON version.polygon_id = polygon.id AND version.status = 'published'
        WHERE polygon.id = ANY (%(ids)s) ORDER BY version.block_count DESC, polygon.id LIMIT %(most)s
    ), frame AS (
        SELECT ST_XMin(box) AS west, ST_YMax(box) AS north,
               greatest(ST_XMax(box) - ST_XMin(box), ST_YMax(box) - ST_YMin(box), 1000) / %(width)s AS unit,
               ST_YMax(box) - ST_YMin(box) AS tall
        FROM (SELECT ST_Extent(mercator)::box3d AS box FROM shape) AS extent
    )
    SELECT id, code, (ST_X(point) - west) / unit, (north - ST_Y(point)) / unit,
           ST_AsSVG(ST_Scale(
               ST_Translate(ST_SimplifyPreserveTopology(mercator, unit), -west, -north), 1 / unit, 1 / unit), 0, 1),
           (ST_XMax(mercator) - ST_XMin(mercator)) / unit, tall / unit
    FROM shape CROSS JOIN frame
"""


@dataclass(frozen=True)
class Mark:
    """`step`: 0 nothing approved this year, else the class of its progress, 1 to 5."""

    x: float
    y: float
    path: str
    is_dot: bool
    step: int

    @property
    def fill(self) -> str:
        return FILLS[self.step]

    @property
    def stroke(self) -> str:
        return "#1e5b4f" if self.step else "#737a7f"


@dataclass(frozen=True)
class PlaceMap:
    height: int
    marks: list[Mark]
    shown: int
    all: int

    width = WIDTH + 2 * MARGIN


def map_of(figures: Figures) -> PlaceMap | None:
    """Of a state or a municipality; the nation has its 32 squares, a polygon its own map."""
    if figures.scope.level not in ("state", "municipality"):
        return None
    ids = list(figures.polygons.values_list("pk", flat=True))
    if not ids:
        return None
    with connection.cursor() as cursor:
        cursor.execute(DRAW, {"ids": ids, "most": MOST, "width": WIDTH})
        rows = cursor.fetchall()
    steps = _steps(figures)
    marks = [_mark(row, steps) for row in rows]
    return PlaceMap(round(rows[0][6]) + 2 * MARGIN, sorted(marks, key=lambda mark: mark.step), len(rows), len(ids))


def _steps(figures: Figures) -> dict[int, int]:
    """Polygon → class of the progress of its approved projects of the year."""
    steps = {}
    below = kept.cells_below(figures.scope, figures.year, figures.user, PUBLIC, key="polygon")
    for polygon, cells in below.items():
        reached = figures.run_of(cells)[0]
        steps[polygon] = min(int(reached[-1] // 20) + 1, 5) if reached else 0
    return steps


def _mark(row: tuple[Any, ...], steps: dict[int, int]) -> Mark:
    pk, _code, x, y, path, wide, _tall = row
    return Mark(round(x, 1), round(y, 1), path, wide < 4, steps.get(pk, 0))
