"""How the money of an action is spread over the blocks that its site touches: one definition, in SQL.

Each touched block has the share of the site that lies in it (`ActionBlock.share`). What lies in no block, in the
street, belongs to all touched blocks alike; shares of overlapping blocks, more than the whole, are scaled down.
Pesos are rounded on the running sum, so that the parts of an action add up to its cost to the cent. An action without
touched blocks has no place: it is spread over nothing and told apart.
"""

from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from projects.models import Project

_WEIGHT = """CASE WHEN sum(touched.share) OVER whole > 1 THEN touched.share / sum(touched.share) OVER whole
    ELSE touched.share + (1 - sum(touched.share) OVER whole) / count(*) OVER whole END"""

# Rows are action_id, block_id, amount; `{projects}` selects the projects' keys.
SPREAD = f"""
    SELECT action_id, block_id,
           round(cost * running, 2) - round(cost * coalesce(lag(running) OVER in_order, 0), 2) AS amount
    FROM (
        SELECT action_id, block_id, cost,
               (CASE WHEN row_number() OVER in_order = count(*) OVER whole THEN 1
                     ELSE least(sum(weight) OVER in_order, 1) END)::numeric AS running
        FROM (
            SELECT touched.action_id, touched.block_id, paid.cost, {_WEIGHT} AS weight
            FROM projects_actionblock AS touched
            JOIN (
                SELECT action.id, sum(contribution.amount) AS cost FROM projects_action AS action
                JOIN projects_contribution AS contribution ON contribution.action_id = action.id
                WHERE action.project_id IN ({{projects}}) {{only}} GROUP BY action.id
            ) AS paid ON paid.id = touched.action_id
            WINDOW whole AS (PARTITION BY touched.action_id)
        ) AS weighed
        WINDOW whole AS (PARTITION BY action_id),
               in_order AS (PARTITION BY action_id ORDER BY block_id ROWS UNBOUNDED PRECEDING)
    ) AS ordered
    WINDOW in_order AS (PARTITION BY action_id ORDER BY block_id)
"""
TOUCHED = """
    SELECT DISTINCT touched.block_id FROM projects_actionblock AS touched
    JOIN projects_action AS action ON action.id = touched.action_id WHERE action.project_id IN ({projects})
"""


# Pesos of actions that touch no block, and of those whose blocks are of another census than the one asked for. Only
# theirs are summed: most actions have a place.
PLACELESS = """
    SELECT coalesce(sum(contribution.amount) FILTER (WHERE NOT away.is_sited), 0),
           coalesce(sum(contribution.amount) FILTER (WHERE away.is_sited), 0)
    FROM (
        SELECT action.id, EXISTS (SELECT FROM projects_actionblock WHERE action_id = action.id) AS is_sited
        FROM projects_action AS action
        WHERE action.project_id IN ({projects}) AND NOT EXISTS (
            SELECT FROM projects_actionblock AS touched
            JOIN polygons_block AS block ON block.id = touched.block_id AND block.vintage = %s
            WHERE touched.action_id = action.id
        )
    ) AS away
    JOIN projects_contribution AS contribution ON contribution.action_id = away.id
"""


def placeless_money(projects: QuerySet[Project], vintage: int) -> tuple[Decimal, Decimal]:
    """Pesos of these projects that reach no block of that census: without any place, and on blocks of another one."""
    sql, params = projects.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(PLACELESS.format(projects=sql), [*params, vintage])
        return cursor.fetchone()


def spread_over_blocks(projects: QuerySet[Project], onto: str = "") -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters: action_id, block_id and amount, in pesos by all sources, of these projects.

    `onto` selects keys of blocks: then only of actions that touch one of them, on all their blocks.
    """
    only = f"AND action.id IN (SELECT action_id FROM projects_actionblock WHERE block_id IN ({onto}))" if onto else ""
    return _of(SPREAD, projects, only=only)


def blocks_touched(projects: QuerySet[Project]) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters: the block_id of every block that some action of these projects touches."""
    return _of(TOUCHED, projects)


def _of(query: str, projects: QuerySet[Project], **parts: str) -> tuple[str, tuple[Any, ...]]:
    sql, params = projects.order_by().values("pk").query.sql_with_params()
    return query.format(projects=sql, **parts), params
