"""Where the works lie, drawn: polygon, blocks, sites, north up. One query; needs no script and no map tiles."""

from dataclasses import dataclass

from django.db import connection

from projects.models import Project

# Units round the drawing, and the fewest across it: a lone point still stands among its blocks.
MARGIN, LEAST = 30, 300

# In web mercator, where north is up and shapes are true; nothing is measured here. Moved to the drawing's south-west
# corner and rounded to a unit, a little under a metre; ST_AsSVG turns y upside down.
DRAW = """
    WITH site AS (
        SELECT ST_Transform(geometry, 3857) AS shape FROM projects_action
        WHERE project_id = %(project)s AND geometry IS NOT NULL
    ), polygon AS (
        SELECT mercator AS shape FROM polygons_polygonversion WHERE id = %(version)s
    ), frame AS (
        SELECT ST_XMin(box) - pad AS west, ST_YMin(box) - pad AS south,
               ST_XMax(box) - ST_XMin(box) + 2 * pad AS width, ST_YMax(box) - ST_YMin(box) + 2 * pad AS height
        FROM (SELECT ST_Extent(shape) AS box FROM (TABLE site UNION ALL TABLE polygon) AS everything) AS extent
        CROSS JOIN LATERAL (
            SELECT greatest(%(margin)s, (%(least)s - (ST_XMax(box) - ST_XMin(box))) / 2) AS pad
        ) AS padding
        WHERE box IS NOT NULL
    ), member AS (
        SELECT block_id AS id FROM polygons_polygonversion_blocks WHERE polygonversion_id = %(version)s
        UNION
        SELECT touched.block_id FROM projects_actionblock AS touched
        JOIN projects_action AS action ON action.id = touched.action_id WHERE action.project_id = %(project)s
    ), shapes AS (
        SELECT 'polygon' AS kind, shape FROM polygon
        UNION ALL
        SELECT CASE WHEN EXISTS (
                   SELECT 1 FROM projects_actionblock AS touched JOIN projects_action AS action
                   ON action.id = touched.action_id AND action.project_id = %(project)s
                   WHERE touched.block_id = block.id) THEN 'touched' ELSE 'block' END,
               block.mercator
        FROM member JOIN polygons_block AS block USING (id) WHERE block.mercator IS NOT NULL
        UNION ALL
        SELECT CASE ST_Dimension(shape) WHEN 1 THEN 'line' ELSE 'area' END,
               CASE ST_Dimension(shape) WHEN 0 THEN ST_Buffer(shape, width / 60) ELSE shape END
        FROM site CROSS JOIN frame
    )
    SELECT kind, ST_AsSVG(ST_Translate(shape, -west, -south), 0, 0), round(width), round(height)
    FROM shapes CROSS JOIN frame
    ORDER BY array_position(ARRAY['polygon', 'block', 'touched', 'area', 'line'], kind)
"""
COLOURS = {
    "polygon": ("#f6f4ee", "#611232"),
    "block": ("#dddcd6", "#ffffff"),
    "touched": ("#86cbb9", "#ffffff"),
    "area": ("#a57f2c", "#74560f"),
    "line": ("none", "#74560f"),
}


@dataclass(frozen=True)
class Shape:
    """An SVG path of one kind: polygon, block, touched (block), area or line (of a site)."""

    kind: str
    path: str

    @property
    def fill(self) -> str:
        return COLOURS[self.kind][0]

    @property
    def stroke(self) -> str:
        return COLOURS[self.kind][1]


@dataclass(frozen=True)
class Sketch:
    """Width and height in units of web mercator; y runs from -height to 0."""

    width: int
    height: int
    shapes: list[Shape]

    @property
    def view_box(self) -> str:
        return f"0 {-self.height} {self.width} {self.height}"


def sketch(project: Project) -> Sketch | None:
    """None while there is neither polygon nor site."""
    with connection.cursor() as cursor:
        values = {"project": project.pk, "version": project.polygon_version_id, "margin": MARGIN, "least": LEAST}
        cursor.execute(DRAW, values)
        rows = cursor.fetchall()
    if not rows:
        return None
    return Sketch(int(rows[0][2]), int(rows[0][3]), [Shape(kind, path) for kind, path, *_frame in rows])
