"""A version of a polygon drawn on paper: its outline and blocks coloured by deprivation, as SVG paths from PostGIS."""

from dataclasses import dataclass
from itertools import pairwise

from django.db import connection
from django.utils.translation import gettext as _

from polygons.models import PolygonVersion
from polygons.variables import VARIABLE_BY_NAME

# Lower limits of the classes, as shares of the block's dwellings that certainly lack something, with their colours.
CLASSES = ((0.0, "#f0e9d6"), (0.05, "#e3c98f"), (0.2, "#c9974a"), (0.4, "#9a5b2c"), (0.6, "#5d2a1b"))
UNKNOWN = "#ffffff"
AROUND = "#ebeae4"
# The frame is at least this many metres of web mercator across; neighbours are drawn up to its edge.
LEAST_M, MARGIN = 200, 0.06

_WORST = VARIABLE_BY_NAME["any"]
# In web mercator, where north is up; nothing is measured here. Neighbours are the other blocks of the same census.
DRAW = f"""
    WITH polygon AS (
        SELECT id, vintage, mercator AS shape FROM polygons_polygonversion WHERE id = %(version)s
    ), frame AS (
        SELECT ST_Expand(shape, greatest(side * {MARGIN}, ({LEAST_M} - side) / 2)) AS box
        FROM polygon CROSS JOIN LATERAL (
            SELECT greatest(ST_XMax(shape) - ST_XMin(shape), ST_YMax(shape) - ST_YMin(shape)) AS side) AS size
    ), shapes AS (
        SELECT 1 AS place, NULL::float8 AS share, false AS is_masked, block.mercator AS shape
        FROM polygon CROSS JOIN frame JOIN polygons_block AS block
          ON block.vintage = polygon.vintage AND block.mercator && ST_Envelope(frame.box)
        WHERE NOT EXISTS (SELECT 1 FROM polygons_polygonversion_blocks AS member
                          WHERE member.polygonversion_id = polygon.id AND member.block_id = block.id)
        UNION ALL
        SELECT 2, {_WORST.value}, block.missing <> '{{}}'::jsonb, block.mercator
        FROM polygon JOIN polygons_polygonversion_blocks AS member ON member.polygonversion_id = polygon.id
        JOIN polygons_block AS block ON block.id = member.block_id WHERE block.mercator IS NOT NULL
        UNION ALL
        SELECT 3, NULL, false, shape FROM polygon
    )
    SELECT place, share, is_masked,
           ST_AsSVG(ST_Translate(
               CASE place WHEN 1 THEN ST_ClipByBox2D(shape, frame.box::box2d) ELSE shape END,
               -ST_XMin(frame.box), -ST_YMin(frame.box)), 0, 0),
           round(ST_XMax(frame.box) - ST_XMin(frame.box)), round(ST_YMax(frame.box) - ST_YMin(frame.box))
    FROM shapes CROSS JOIN frame ORDER BY place
"""


@dataclass(frozen=True)
class Path:
    path: str
    fill: str
    stroke: str
    width: float


@dataclass(frozen=True)
class Key:
    colour: str
    label: str


@dataclass(frozen=True)
class Drawing:
    """Width and height in units of web mercator; y runs from -height to 0."""

    width: int
    height: int
    paths: list[Path]

    @property
    def view_box(self) -> str:
        return f"0 {-self.height} {self.width} {self.height}"

    @property
    def keys(self) -> list[Key]:
        limits = [f"{limit * 100:.0f}" for limit, _colour in CLASSES]
        words = [_("%(low)s to %(high)s %%") % {"low": low, "high": high} for low, high in pairwise(limits)]
        words.append(_("%(low)s %% and more") % {"low": limits[-1]})
        return [Key(colour, label) for (_limit, colour), label in zip(CLASSES, words, strict=True)]


def drawing_of(version: PolygonVersion) -> Drawing:
    with connection.cursor() as cursor:
        cursor.execute(DRAW, {"version": version.pk})
        rows = cursor.fetchall()
    paths = [_path(place, share, is_masked, path) for place, share, is_masked, path, *_frame in rows if path]
    return Drawing(int(rows[0][4]), int(rows[0][5]), paths)


def _path(place: int, share: float | None, is_masked: bool, path: str) -> Path:
    if place == 1:
        return Path(path, AROUND, "none", 0)
    if place == 3:
        return Path(path, "none", "#611232", 2)
    fill = UNKNOWN if share is None else [colour for limit, colour in CLASSES if share >= limit][-1]
    return Path(path, fill, "#a57f2c" if is_masked else "#8d8c86", 1.2 if is_masked else 0.5)
