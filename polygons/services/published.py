"""CONAPO's published indices and grades, imported as they are and marked as published."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from habitat.lib.postgis import Written, make_staging, merge
from habitat.lib.postgis import copy_rows as copy
from polygons.marginalisation import edges_of
from polygons.models import Level, MarginalisationIndex, MarginalisationScore
from polygons.services.figures import Table, codes_of, numbers_of, read_table
from polygons.services.imports import ImportRefused
from polygons.services.marginalisation import about, places_of

GRADES = {"muy bajo": 1, "bajo": 2, "medio": 3, "alto": 4, "muy alto": 5}
# Key columns by CONAPO's names.
CODE_COLUMNS = {
    "CVE_ENT": Level.STATE,
    "CVE_MUN": Level.MUNICIPALITY,
    "CVE_LOC": Level.LOCALITY,
    "CVE_AGEB": Level.AGEB,
}
# Published grades do not say their classes; these only draw the histogram.
DRAWN_CLASSES = 40
SCORES = MarginalisationScore._meta.db_table


def import_published(
    path: Path, *, source: str, year: int | None = None, by: Any = None, dry_run: bool = False
) -> tuple[MarginalisationIndex, Written]:
    """Read a file of CONAPO's (IME, IMM, IML or IMU since 2020): IM_YEAR, GM_YEAR, IMN_YEAR by key.

    Files of one level, year and source, such as one a state, add up to one index; what is equal is not written.
    Raises ImportRefused, also for the principal components of before 2020, where higher means *more* marginal.
    """
    if not source.strip():
        raise ImportRefused(_("Say where the figures come from."))
    table = read_table(path)
    column, level = _code_column(table)
    year = year or _year_of(table)
    codes = codes_of(table, column, level)
    rows = list(zip(codes, *_figures(table, year), strict=True))
    with transaction.atomic(), connection.cursor() as cursor:
        index = _index_of(level, year, source, path, by)
        make_staging(cursor, "published", "index_id bigint, code text, value float8, normalised float8, grade integer")
        copy(
            cursor,
            "published",
            ("index_id", "code", "value", "normalised", "grade"),
            ((index.pk, *row) for row in rows),
        )
        written = merge(
            cursor,
            "published",
            SCORES,
            key=("index_id", "code"),
            columns=("value", "normalised", "grade"),
            dated=False,
        )
        if any(written):
            _sum_up(cursor, index)
        if dry_run:
            transaction.set_rollback(True)
    return index, written


def _code_column(table: Table) -> tuple[str, Level]:
    """The key of the smallest place that the file names."""
    for column, level in reversed(CODE_COLUMNS.items()):
        if column in table.header:
            return column, level
    raise ImportRefused(
        _("%(file)s names no place by its key: expected %(columns)s.")
        % {"file": table.name, "columns": ", ".join(CODE_COLUMNS)}
    )


def _year_of(table: Table) -> int:
    years = [match[1] for name in table.header if (match := re.fullmatch(r"IM_(\d{4})", name))]
    if len(years) == 1:
        return int(years[0])
    if any(re.fullmatch(r"IM[EMLU]?\d{4}", name) for name in table.header):
        raise ImportRefused(
            _(
                "%(file)s holds an index by principal components, in which higher means more marginal."
                " It cannot be compared with the index by distances and is not imported."
            )
            % {"file": table.name}
        )
    if years:
        raise ImportRefused(_("%(file)s holds several years: say which.") % {"file": table.name})
    raise ImportRefused(_("%(file)s has no column IM_YEAR, for example IM_2020.") % {"file": table.name})


def _figures(table: Table, year: int) -> list[list[Any]]:
    """Values, normalised values and grades."""
    names = [f"IM_{year}", f"IMN_{year}"] if f"IMN_{year}" in table.header else [f"IM_{year}"]
    numbers = numbers_of(table, names)
    if np.isnan(numbers).any():
        line = table.lines[int(np.flatnonzero(np.isnan(numbers).any(axis=1))[0])]
        raise ImportRefused(f"{table.name}:{line}: " + _("no figure for the index."))
    normalised = numbers[:, 1].tolist() if len(names) > 1 else [None] * len(numbers)
    place = table.column(f"GM_{year}")
    grades = [GRADES.get(" ".join(row[place].lower().split())) for row in table.rows]
    if None in grades:
        at = grades.index(None)
        raise ImportRefused(
            f"{table.name}:{table.lines[at]}: " + _("“%(cell)s” is not a grade.") % {"cell": table.rows[at][place]}
        )
    return [numbers[:, 0].tolist(), normalised, grades]


def _index_of(level: Level, year: int, source: str, path: Path, by: Any) -> MarginalisationIndex:
    index, _is_new = MarginalisationIndex.objects.select_for_update().get_or_create(
        level=level,
        year=year,
        origin=MarginalisationIndex.Origin.PUBLISHED,
        source=source,
        defaults={"units": 0, "by": by},
    )
    files = index.inputs.get("files", [])
    if about(path) not in files:
        index.inputs = {"files": [*files, about(path)]}
        index.save(update_fields=["inputs"])
    return index


def _sum_up(cursor: Any, index: MarginalisationIndex) -> None:
    """Places among all units now known, and what the histogram is drawn from."""
    scores = index.scores.order_by("pk")
    pks, values = zip(*scores.values_list("pk", "value"), strict=True)
    column = np.array(values)
    make_staging(cursor, "placed", "id bigint, rank integer")
    copy(cursor, "placed", ("id", "rank"), zip(pks, places_of(column), strict=True))
    cursor.execute(
        f"UPDATE {SCORES} AS score SET rank = placed.rank FROM placed"
        " WHERE score.id = placed.id AND score.rank IS DISTINCT FROM placed.rank"
    )
    lowest, highest = float(column.min()), float(column.max())
    classes = min(DRAWN_CLASSES, len(column)) if highest > lowest else 1
    edges = edges_of(lowest, highest, classes)
    places = Counter(np.minimum(np.searchsorted(edges[1:], column, side="left"), classes - 1).tolist())
    index.units = len(column)
    index.frequencies = [places[place] for place in range(classes)]
    index.lowest, index.highest = lowest, highest
    index.save(update_fields=["units", "frequencies", "lowest", "highest"])
