"""The shape drawn around member blocks: streets closed, every block covered, never much more than the blocks."""

METRES = 6372
# Streets up to twice this wide are closed; measured to follow the blocks at 1.3 times their own area.
CLOSING_M = 30
# An outline is never larger than this many times its blocks; where closing streets would make it so, only narrower
# ones are closed, and at last none.
MOST_AREA = 1.6
CLOSINGS_M = (CLOSING_M, 12, 4, 0)
# The outline stands this far outside the members, so that it covers them also after rounding to degrees.
MARGIN_M = 0.01
MITRED = "'join=mitre mitre_limit=2'"


def closed(shape: str, metres: int) -> str:
    """SQL for collected shapes (EPSG:6372) with what is at most twice `metres` wide between them closed."""
    if not metres:
        return f"ST_Buffer({shape}, {MARGIN_M}, {MITRED})"
    return f"ST_Buffer(ST_Buffer({shape}, {metres}, {MITRED}), {MARGIN_M - metres}, {MITRED})"


def outlines(members: str) -> str:
    """SQL for (cluster, geometry): a valid MultiPolygon in EPSG:4326 a cluster that covers every member.

    `members` is a table, or a query's name, of (cluster, shape in EPSG:6372, geometry in EPSG:4326). A closing with
    square corners cuts some blocks, so it is united with those: few, found in the coordinates the outline is kept in.
    Growing all shapes of a cluster at once takes half the time of uniting the grown ones.
    """
    steps = [
        f"whole AS MATERIALIZED (SELECT cluster, ST_Collect(shape) AS shape FROM {members} GROUP BY cluster)",
        # Their own area counts once what two blocks share.
        "step_0 AS MATERIALIZED"
        f" (SELECT cluster, shape, {MOST_AREA} * ST_Area(ST_Buffer(shape, 0)) AS most FROM whole)",
    ]
    for number, metres in enumerate(CLOSINGS_M):
        steps += _closing(members, number, metres)
    fitting = " UNION ALL ".join(f"SELECT cluster, geometry FROM fitting_{n}" for n in range(len(CLOSINGS_M)))
    return (
        f"WITH {', '.join(steps)} SELECT cluster, ST_Multi(ST_CollectionExtract(geometry, 3)) AS geometry"
        f" FROM ({fitting}) AS fitting"
    )


def _closing(members: str, number: int, metres: int) -> list[str]:
    """Steps from `step_N` to `fitting_N`, and to `step_N+1` for the clusters whose outline grows too large."""
    fits = f"ST_Area(ST_Transform(geometry, {METRES})) <= most" if metres else "true"
    return [
        f"closed_{number} AS MATERIALIZED"
        f" (SELECT cluster, most, {closed('shape', metres)} AS shape FROM step_{number})",
        f"drawn_{number} AS MATERIALIZED (SELECT cluster, most, ST_MakeValid(ST_Transform(shape, 4326)) AS geometry"
        f" FROM closed_{number}{' WHERE ST_Area(shape) <= most' if metres else ''})",
        f"missed_{number} AS (SELECT cluster,"
        f" ST_Union(ST_Transform(ST_Buffer(block.shape, {MARGIN_M}, {MITRED}), 4326)) AS geometry"
        f" FROM {members} AS block JOIN drawn_{number} AS drawn USING (cluster)"
        " WHERE NOT ST_Covers(drawn.geometry, block.geometry) GROUP BY cluster)",
        f"united_{number} AS MATERIALIZED (SELECT drawn.cluster, most, missed.cluster IS NULL AS is_whole,"
        " CASE WHEN missed.cluster IS NULL THEN drawn.geometry"
        " ELSE ST_MakeValid(ST_Union(drawn.geometry, missed.geometry)) END AS geometry"
        f" FROM drawn_{number} AS drawn LEFT JOIN missed_{number} AS missed USING (cluster))",
        f"fitting_{number} AS MATERIALIZED (SELECT cluster, geometry FROM united_{number} WHERE is_whole OR {fits})",
        f"step_{number + 1} AS MATERIALIZED (SELECT * FROM step_{number} AS step"
        f" WHERE NOT EXISTS (SELECT FROM fitting_{number} AS fitting WHERE fitting.cluster = step.cluster))",
    ]
