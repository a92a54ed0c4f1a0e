"""Where photographs were taken, drawn against the site, north up. One query; needs no script and no map tiles."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.models import Photo, Project

# Units of web mercator, a little under a metre: round the drawing, and the fewest across it.
MARGIN, LEAST = 40, 300

# Web mercator keeps north up and shapes true; nothing is measured here. ST_AsSVG turns y upside down.
DRAW = """
    WITH drawn AS (
        SELECT 'site' AS kind, id, ST_Transform(geometry, 3857) AS shape FROM projects_action
        WHERE project_id = %(project)s AND geometry IS NOT NULL
        UNION ALL
        SELECT 'photo', id, ST_Transform(position, 3857) FROM projects_photo
        WHERE id = ANY(%(photos)s) AND position IS NOT NULL
    ), frame AS (
        SELECT ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) - ST_XMin(box) AS width,
            ST_YMax(box) - ST_YMin(box) AS height, greatest(%(margin)s,
            (%(least)s - greatest(ST_XMax(box) - ST_XMin(box), ST_YMax(box) - ST_YMin(box))) / 2) AS pad
        FROM (SELECT ST_Extent(shape) AS box FROM drawn) AS extent WHERE box IS NOT NULL
    )
    SELECT kind, id, ST_AsSVG(ST_Translate(CASE WHEN kind = 'site' AND ST_Dimension(shape) = 0
            THEN ST_Buffer(shape, (width + 2 * pad) / 60) ELSE shape END, pad - west, pad - south), 0, 0),
        round(ST_X(ST_Centroid(shape)) - west + pad), round(ST_Y(ST_Centroid(shape)) - south + pad),
        round(width + 2 * pad), round(height + 2 * pad)
    FROM drawn CROSS JOIN frame ORDER BY kind DESC, id
"""


@dataclass(frozen=True)
class Spot:
    """`number` is the photograph's in the gallery; y runs from -height to 0."""

    photo: Photo
    number: int
    x: int
    y: int


@dataclass(frozen=True)
class Plan:
    width: int
    height: int
    sites: list[str]
    spots: list[Spot]

    @property
    def view_box(self) -> str:
        return f"0 {-self.height} {self.width} {self.height}"

    @property
    def radius(self) -> int:
        return max(self.width // 45, 4)


def plan_of(project: Project, photos: list[Photo]) -> Plan | None:
    """None while no photograph has a position."""
    by_pk = {photo.pk: (number, photo) for number, photo in enumerate(photos, start=1)}
    known: dict[str, Any] = {"project": project.pk, "photos": list(by_pk), "margin": MARGIN, "least": LEAST}
    with connection.cursor() as cursor:
        cursor.execute(DRAW, known)
        rows = cursor.fetchall()
    spots = [
        Spot(by_pk[pk][1], by_pk[pk][0], int(x), -int(y)) for kind, pk, _path, x, y, *_size in rows if kind == "photo"
    ]
    if not spots:
        return None
    sites = [path for kind, _pk, path, *_rest in rows if kind == "site"]
    return Plan(int(rows[0][5]), int(rows[0][6]), sites, spots)
