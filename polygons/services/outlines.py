"""The shape drawn around member blocks: streets closed, every block covered, never much more than the blocks."""

METRES = 6372
# Streets up to twice this wide are closed; measured to follow the blocks at 1.3 times their own area.
CLOSING_M = 30
# Where the outline would take in more than this many times its blocks' area, narrower streets only are closed.
MOST_AREA = 1.55
CLOSINGS_M = (CLOSING_M, 12, 4)
# The outline stands this far outside the members, so that it covers them also after rounding to degrees.
MARGIN_M = 0.01
MITRED = "'join=mitre mitre_limit=2'"


def closed(metres: float) -> str:
    """Aggregates `block.shape` (EPSG:6372)."""
    grown = f"ST_Union(ST_Buffer(block.shape, {metres}, {MITRED}))"
    return f"ST_Buffer({grown}, {MARGIN_M - metres}, {MITRED})"


def outlines(members: str) -> str:
    """SQL for (cluster, geometry): a valid MultiPolygon in EPSG:4326 a cluster that covers every member.

    `members` is a table, or a query's name, of (cluster, shape in EPSG:6372, geometry in EPSG:4326). A closing with
    square corners cuts some blocks, so it is united with those: few, found in the coordinates the outline is kept in.
    """
    steps = ["kept_0 AS (SELECT DISTINCT cluster FROM {members})"]
    for number, metres in enumerate(CLOSINGS_M):
        steps += [
            f"closed_{number} AS MATERIALIZED (SELECT block.cluster, {closed(metres)} AS shape,"
            f" {MOST_AREA} * sum(ST_Area(block.shape)) AS most"
            f" FROM {{members}} AS block JOIN kept_{number} USING (cluster) GROUP BY block.cluster)",
            f"kept_{number + 1} AS (SELECT cluster FROM closed_{number} WHERE ST_Area(shape) > most)",
        ]
    last = len(CLOSINGS_M)
    fitting = " UNION ALL ".join(
        f"SELECT cluster, shape FROM closed_{number} WHERE ST_Area(shape) <= most" for number in range(last)
    )
    steps += [
        f"fitting AS ({fitting} UNION ALL SELECT block.cluster, ST_Union(ST_Buffer(block.shape, {MARGIN_M}, {MITRED}))"
        f" FROM {{members}} AS block JOIN kept_{last} USING (cluster) GROUP BY block.cluster)",
        "drawn AS MATERIALIZED (SELECT cluster, ST_MakeValid(ST_Transform(shape, 4326)) AS geometry FROM fitting)",
        f"missed AS (SELECT block.cluster, ST_Union(ST_Transform(ST_Buffer(block.shape, {MARGIN_M}, {MITRED}), 4326))"
        " AS geometry FROM {members} AS block JOIN drawn USING (cluster)"
        " WHERE NOT ST_Covers(drawn.geometry, block.geometry) GROUP BY block.cluster)",
    ]
    return ("WITH " + ", ".join(steps)).format(members=members) + (
        " SELECT cluster, ST_Multi(ST_CollectionExtract(ST_MakeValid(CASE WHEN missed.cluster IS NULL"
        " THEN drawn.geometry ELSE ST_Union(drawn.geometry, missed.geometry) END), 3)) AS geometry"
        " FROM drawn LEFT JOIN missed USING (cluster)"
    )
