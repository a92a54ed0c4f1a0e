"""Needs of polygons and blocks as low, high and base by row: what is certain, what is possible, and of how many."""

from collections.abc import Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from polygons.variables import VARIABLE_BY_NAME
from reports.explorer.measures import Measure, Unit

# One row an id: low, high, base. NaN where nothing is known; base is 1 for what is no ratio.
Figures = NDArray[np.float64]

STORED = {
    **{
        name: (f"{name}_low", f"{name}_high", "base")
        for name in ("water", "water_house", "drainage", "electricity", "floor")
    },
    "poverty": ("poor_households", "poor_households", "poverty_households"),
    "dwellings": ("dwellings", "dwellings", "1"),
}
# A polygon's mean over its blocks is weighted by inhabited dwellings.
WEIGHT = "block.inhabited_dwellings"


def aligned(ids: Sequence[int], rows: Sequence[tuple], names: Sequence[str]) -> dict[str, Figures]:
    """Rows of (id, low, high, base, low, high, base, …), one triple a name, in the order of `ids`."""
    place = {pk: number for number, pk in enumerate(ids)}
    table = np.full((len(ids), 3 * len(names)), np.nan)
    if rows:
        at = [place[row[0]] for row in rows]
        table[at] = np.array([row[1:] for row in rows], dtype=np.float64)
    return {name: table[:, 3 * number : 3 * number + 3] for number, name in enumerate(names)}


def _fetch(sql: str, ids: Sequence[int], names: Sequence[str]) -> dict[str, Figures]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        return aligned(ids, cursor.fetchall(), names)


def of_versions(measures: Sequence[Measure], ids: Sequence[int]) -> dict[str, Figures]:
    """Of polygon versions: from the stored sums, else summed over the member blocks."""
    stored = [measure.name for measure in measures if measure.name in STORED]
    columns = ", ".join(column for name in stored for column in STORED[name])
    read = (
        _fetch(f"SELECT id, {columns} FROM polygons_polygonversion WHERE id = ANY(%s)", ids, stored) if stored else {}
    )
    for measure in measures:
        if measure.name not in STORED:
            read |= _over_members(measure, ids)
    return read


def _over_members(measure: Measure, ids: Sequence[int]) -> dict[str, Figures]:
    variable = VARIABLE_BY_NAME[measure.name]
    of_member = f"""
        FROM {variable.blocks}
        JOIN polygons_polygonversion_blocks AS member ON member.block_id = block.id
        WHERE member.polygonversion_id = ANY(%s)
    """
    if measure.unit is Unit.GRADE:
        # The grade most of its dwellings live in; of two equal ones the worse.
        return _fetch(
            f"""
            SELECT DISTINCT ON (id) id, grade, grade, 1 FROM (
                SELECT member.polygonversion_id AS id, {variable.low} AS grade, sum({WEIGHT}) AS dwellings
                {of_member} AND {variable.low} IS NOT NULL GROUP BY 1, 2
            ) AS graded ORDER BY id, dwellings DESC NULLS LAST, grade DESC
            """,
            ids,
            [measure.name],
        )
    if variable.base:
        columns = f"sum({variable.low}), sum({variable.high}), sum({variable.base})"
    else:
        known = f"FILTER (WHERE ({variable.low}) IS NOT NULL)"
        mean = f"sum(({variable.low}) * {WEIGHT}) {known}"
        columns = f"{mean}, {mean}, sum({WEIGHT}) {known}"
    return _fetch(f"SELECT member.polygonversion_id, {columns} {of_member} GROUP BY 1", ids, [measure.name])


def of_blocks(measures: Sequence[Measure], ids: Sequence[int]) -> dict[str, Figures]:
    """Of blocks: variables that need the same join are read together."""
    read: dict[str, Figures] = {}
    variables = [VARIABLE_BY_NAME[measure.name] for measure in measures]
    for blocks in dict.fromkeys(variable.blocks for variable in variables):
        together = [variable for variable in variables if variable.blocks == blocks]
        columns = ", ".join(f"{v.low}, {v.high}, {v.base or '1'}" for v in together)
        sql = f"SELECT block.id, {columns} FROM {blocks} WHERE block.id = ANY(%s)"
        read |= _fetch(sql, ids, [variable.name for variable in together])
    return read
