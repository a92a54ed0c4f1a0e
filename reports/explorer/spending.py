"""Spending by polygon and by block, over the projects a reader may see; the public's sums hold public projects only."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, Sum

from projects.models import LedgerEntry, Moment, Project

NOTHING = {"approved": 0, "approved_year": 0, "federal": 0, "projects": 0, "released": 0, "proven": 0}
Sums = dict[int, dict[str, Decimal | int | float]]


# The projects a reader may see stand as a sub-query with id, year, polygon; keys go as one array: Django's own
# `__in` writes tens of thousands of placeholders and joins the projects twice.
AMOUNTS = """
    sum({amount}),
    coalesce(sum({amount}) FILTER (WHERE project.fiscal_year_id = %s), 0),
    coalesce(sum({amount}) FILTER (WHERE paid.source = 'federal'), 0)
"""
OF_POLYGONS = f"""
    SELECT project.polygon_id, {AMOUNTS.format(amount="paid.amount")}
    FROM ({{projects}}) AS project
    JOIN projects_action AS action ON action.project_id = project.id
    JOIN projects_contribution AS paid ON paid.action_id = action.id
    WHERE project.polygon_id = ANY(%s) GROUP BY 1
"""
OF_BLOCKS = f"""
    SELECT touched.block_id, {AMOUNTS.format(amount="paid.amount * touched.share")}
    FROM projects_actionblock AS touched
    JOIN projects_action AS action ON action.id = touched.action_id
    JOIN ({{projects}}) AS project ON project.id = action.project_id
    JOIN projects_contribution AS paid ON paid.action_id = action.id
    WHERE touched.block_id = ANY(%s) GROUP BY 1
"""
COUNT_OF_POLYGONS = "SELECT polygon_id, count(*) FROM ({projects}) AS project WHERE polygon_id = ANY(%s) GROUP BY 1"
COUNT_OF_BLOCKS = """
    SELECT touched.block_id, count(DISTINCT action.project_id)
    FROM projects_actionblock AS touched
    JOIN projects_action AS action ON action.id = touched.action_id
    JOIN ({projects}) AS project ON project.id = action.project_id
    WHERE touched.block_id = ANY(%s) GROUP BY 1
"""


def _rows(sql: str, projects: Any, *params: Any) -> list[tuple]:
    """`params`: the year where the text asks for it, then the keys; the projects' own stand between them."""
    columns = projects.values("id", "fiscal_year_id", polygon_id=F("polygon_version__polygon"))
    try:
        inner, own = columns.query.sql_with_params()
    except EmptyResultSet:
        return []  # Somebody without territory.
    years, keys = params[:-1], params[-1]
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{projects}", inner), [*years, *own, list(keys)])
        return list(cursor.fetchall())


def _sums(visible: Any, year: int, keys: Sequence[int], *, amounts: str, counts: str) -> Sums:
    sums = {key: dict(NOTHING) for key in keys}
    for key, total, this_year, federal in _rows(amounts, visible.approved(), year, keys):
        sums[key] |= {"approved": total, "approved_year": this_year, "federal": federal}
    for key, count in _rows(counts, visible, keys):
        sums[key]["projects"] = count
    return sums


def of_polygons(user: Any, year: int, polygons: Sequence[int]) -> Sums:
    """By polygon, over all its versions: pesos approved, in the year and ever, of them federal; number of projects."""
    visible = Project.objects.visible_to(user).order_by()
    return _sums(visible, year, polygons, amounts=OF_POLYGONS, counts=COUNT_OF_POLYGONS)


def of_ledger(user: Any, polygons: Sequence[int]) -> Sums:
    """By polygon: pesos released and proven, all sources and years, net of reversals; nothing for the public."""
    of = "project__polygon_version__polygon"
    entries = LedgerEntry.objects.visible_to(user).filter(**{f"{of}__in": polygons}).order_by()
    sums = {polygon: dict(NOTHING) for polygon in polygons}
    moments = {
        moment.value: Sum("amount", filter=Q(moment=moment), default=0) for moment in (Moment.RELEASED, Moment.PROVEN)
    }
    for row in entries.values(of).annotate(**moments):
        sums[row[of]] |= {name: row[name] for name in moments}
    return sums


def of_blocks(user: Any, year: int, blocks: Sequence[int]) -> Sums:
    """By block: each action's pesos by the share of its site that lies in the block; projects that touch it."""
    visible = Project.objects.visible_to(user).order_by()
    return _sums(visible, year, blocks, amounts=OF_BLOCKS, counts=COUNT_OF_BLOCKS)
