"""What reports are drawn from, as named parts of one SQL statement, each as the portal knew it at `as_at`.

Money is the ledger's, by `recorded_at`; a status is the last step taken by then; progress counts from its acceptance;
what people may write over (a project's name, an action's quantity) comes from the audit rows. Something that was
recorded only after `as_at` is told as it first entered.
"""

from collections.abc import Iterable

from reports.catalog.columns import Column

NAME = "CASE WHEN %(is_english)s THEN {0}.name_en ELSE {0}.name_es END"


def seen(table: str, row: str, columns: str) -> str:
    """A lateral: the row of an audited table as its history has it at `as_at`."""
    return f"""LATERAL (
        SELECT {columns} FROM {table} AS event WHERE event.pgh_obj_id = {row}
        ORDER BY event.pgh_created_at <= %(as_at)s DESC,
                 CASE WHEN event.pgh_created_at <= %(as_at)s THEN event.pgh_id ELSE -event.pgh_id END DESC
        LIMIT 1
    )"""


def known(event: str, row: str) -> str:
    """Whether a row of an audited table had been entered at `as_at`."""
    return (
        f"EXISTS (SELECT FROM {event} AS entered WHERE entered.pgh_obj_id = {row}"
        " AND entered.pgh_label = 'insert' AND entered.pgh_created_at <= %(as_at)s)"
    )


# Municipalities of the scope.
PLACES = """
    SELECT place.code, place.name AS municipality, place.state_id, state.name AS state
    FROM polygons_municipality AS place JOIN polygons_state AS state ON state.code = place.state_id
    WHERE (%(state)s::text IS NULL OR place.state_id = %(state)s)
      AND (%(municipality)s::text IS NULL OR place.code = %(municipality)s)
"""
# Projects of the year in the scope, with the status they had at the period's end.
WORKS = f"""
    SELECT project.id, project.folio, project.public_id, project.strand_id, project.modality_id, project.created_by_id,
           {NAME.format("modality")} AS modality, {NAME.format("strand")} AS strand,
           seen.file_number, seen.name AS project, seen.starts_on, seen.ends_on, seen.due_on, seen.neighbourhood,
           seen.execution_form, seen.assigned_to_id, places.code AS municipality_id, places.municipality,
           places.state_id, places.state, version.polygon_id, version.id AS version_id, polygon.code AS polygon,
           coalesce(step.to_status, 'draft') AS status, coalesce(step.at, project.created_at) AS since
    FROM projects_project AS project
    JOIN places ON places.code = project.municipality_id
    JOIN modalities_modality AS modality ON modality.code = project.modality_id
    JOIN modalities_strand AS strand ON strand.code = project.strand_id
    LEFT JOIN polygons_polygonversion AS version ON version.id = project.polygon_version_id
    LEFT JOIN polygons_polygon AS polygon ON polygon.id = version.polygon_id
    LEFT JOIN LATERAL (
        SELECT to_status, at FROM projects_statuschange AS change
        WHERE change.project_id = project.id AND change.at <= %(until)s ORDER BY at DESC, id DESC LIMIT 1
    ) AS step ON true
    JOIN {
    seen(
        "projects_projectevent",
        "project.id",
        "file_number, name, starts_on, ends_on, due_on, neighbourhood, execution_form, assigned_to_id",
    )
} AS seen ON true
    WHERE project.fiscal_year_id = %(year)s AND (%(polygon)s::bigint IS NULL OR version.polygon_id = %(polygon)s)
"""
ENTRIES = """
    SELECT entry.* FROM projects_ledgerentry AS entry JOIN works ON works.id = entry.project_id
    WHERE entry.fiscal_year_id = %(year)s AND entry."on" <= %(last_day)s AND entry.recorded_at <= %(as_at)s
"""
# Approved less what was cancelled is above zero.
APPROVED = """
    SELECT works.* FROM works JOIN (
        SELECT project_id FROM entries WHERE moment = 'approved' GROUP BY project_id HAVING sum(amount) > 0
    ) AS funded ON funded.project_id = works.id
"""
ITEMS = f"""
    SELECT action.id, action.project_id, kind.code AS type_id, {NAME.format("kind")} AS action_type, kind.unit,
           kind.priority, seen.quantity, seen.description, seen.women, seen.men, seen.households
    FROM projects_action AS action
    JOIN works ON works.id = action.project_id
    JOIN modalities_actiontype AS kind ON kind.code = action.action_type_id
    JOIN {seen("projects_actionevent", "action.id", "quantity, description, women, men, households")} AS seen ON true
"""
MEASURED = """
    SELECT line.action_id, sum(line.quantity) AS to_date,
           sum(line.quantity) FILTER (WHERE make_date(told.year, told.month, 1) >= %(first_day)s) AS in_period
    FROM projects_progressreport AS told
    JOIN works ON works.id = told.project_id
    JOIN projects_progressline AS line ON line.report_id = told.id
    WHERE told.decided_at <= %(as_at)s AND (told.status = 'accepted' OR told.status = 'superseded' AND EXISTS (
              SELECT FROM projects_progressreopening AS again
              WHERE again.report_id = told.id AND again.is_granted AND again.decided_at > %(as_at)s
          ))
      AND make_date(told.year, told.month, 1) <= %(last_day)s
    GROUP BY line.action_id
"""
# Physical progress of a project: measured of planned, each action weighing what it costs (per cent, 0 to 100).
PHYSICAL = """
    SELECT items.project_id, sum(paid.cost) AS cost,
           sum(paid.cost * least(coalesce(measured.to_date, 0) / items.quantity, 1)) AS done,
           round(100 * sum(paid.cost * least(coalesce(measured.to_date, 0) / items.quantity, 1))
                 / nullif(sum(paid.cost), 0), 1) AS percent
    FROM items
    JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS cost FROM projects_contribution WHERE action_id = items.id
    ) AS paid ON true
    LEFT JOIN measured ON measured.action_id = items.id
    GROUP BY items.project_id
"""
# Of each polygon, what approved projects do there.
ATTENDED = """
    SELECT polygon_id, count(*) AS projects, count(DISTINCT modality_id) AS modalities,
           count(*) FILTER (WHERE status IN ('finished', 'handed_over', 'proven', 'closed')) AS finished
    FROM approved WHERE polygon_id IS NOT NULL GROUP BY polygon_id
"""
# Attended polygons that two censuses counted: dwellings without drainage and without electricity, then and now. Water
# is left out, since censuses do not ask for it alike.
TWICE = """
    SELECT attended.polygon_id, polygon.city_id, before.vintage AS vintage_before, after.vintage AS vintage_after,
           2 * before.base AS base_before, 2 * after.base AS base_after,
           before.drainage_low + before.electricity_low AS lack_before,
           after.drainage_low + after.electricity_low AS lack_after,
           after.drainage_high + after.electricity_high AS most_after
    FROM attended
    JOIN polygons_polygon AS polygon ON polygon.id = attended.polygon_id
    JOIN LATERAL (
        SELECT * FROM polygons_polygonversion AS version
        WHERE version.polygon_id = polygon.id AND version.status <> 'draft' AND version.base > 0
          AND (version.valid_from IS NULL OR version.valid_from <= %(last_day)s)
        ORDER BY version.vintage, version.number LIMIT 1
    ) AS before ON true
    JOIN LATERAL (
        SELECT * FROM polygons_polygonversion AS version
        WHERE version.polygon_id = polygon.id AND version.status <> 'draft' AND version.base > 0
          AND (version.valid_from IS NULL OR version.valid_from <= %(last_day)s)
        ORDER BY version.vintage DESC, version.number DESC LIMIT 1
    ) AS after ON after.vintage > before.vintage
"""
PEOPLE = """
    SELECT project_id, sum(women) AS women, sum(men) AS men, sum(households) AS households
    FROM items GROUP BY project_id
"""
# Federal pesos of the ceilings that stand for a place, by the last change made by then; loaded ones have no change.
CEILINGS = """
    SELECT ceiling.state_id, ceiling.municipality_id, ceiling.modality_id, ceiling.strand_id,
           coalesce(
               (SELECT after FROM projects_ceilingchange AS change WHERE change.ceiling_id = ceiling.id
                AND change.at <= %(as_at)s ORDER BY change.at DESC, change.id DESC LIMIT 1),
               CASE WHEN EXISTS (SELECT FROM projects_ceilingchange AS change WHERE change.ceiling_id = ceiling.id)
                    THEN 0 ELSE ceiling.amount END
           ) AS amount
    FROM projects_ceiling AS ceiling WHERE ceiling.fiscal_year_id = %(year)s
"""
# Polygons of the scope with the version that was published at the moment.
UNIVERSE = """
    SELECT polygon.id, polygon.code, polygon.name, places.code AS municipality_id, places.municipality,
           places.state_id, places.state, city.name AS city, version.id AS version_id, version.vintage,
           version.block_count, version.population, version.households, version.dwellings, version.base,
           version.water_low, version.water_high, version.drainage_low, version.drainage_high, version.electricity_low,
           version.electricity_high
    FROM polygons_polygon AS polygon
    JOIN places ON places.code = polygon.municipality_id
    LEFT JOIN polygons_city AS city ON city.code = polygon.city_id
    JOIN LATERAL (
        SELECT * FROM polygons_polygonversion AS version
        WHERE version.polygon_id = polygon.id AND version.status <> 'draft'
          AND (version.valid_from IS NULL OR version.valid_from <= %(last_day)s)
          AND (version.valid_to IS NULL OR version.valid_to > %(last_day)s)
        ORDER BY version.number DESC LIMIT 1
    ) AS version ON true
    WHERE %(polygon)s::bigint IS NULL OR polygon.id = %(polygon)s
"""
# Polygons of the year's last list of eligible ones published by then.
TARGET = """
    SELECT DISTINCT version.polygon_id FROM polygons_eligiblepolygon AS entry
    JOIN polygons_polygonversion AS version ON version.id = entry.version_id
    WHERE entry.list_id = (
        SELECT id FROM polygons_eligiblelist AS list WHERE list.fiscal_year_id = %(year)s
        AND list.published_at <= %(until)s ORDER BY number DESC LIMIT 1
    )
"""
# Name → statement and what it reads; one that several read is computed once.
FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "places": (PLACES, ()),
    "works": (WORKS, ("places",)),
    "entries": (ENTRIES, ("works",)),
    "approved": (APPROVED, ("entries",)),
    "items": (ITEMS, ("works",)),
    "measured": (MEASURED, ("works",)),
    "physical": (PHYSICAL, ("items", "measured")),
    "attended": (ATTENDED, ("approved",)),
    "twice": (TWICE, ("attended",)),
    "people": (PEOPLE, ("items",)),
    "ceilings": (CEILINGS, ()),
    "universe": (UNIVERSE, ("places",)),
    "target": (TARGET, ()),
}


def with_facts(names: Iterable[str], ledger: Iterable[Column]) -> str:
    """The facts named, and those they read; `money` has the ledger's columns, one row a project."""
    ledger = list(ledger)
    wanted: dict[str, None] = {}
    for name in (*names, *(("entries",) if ledger else ())):
        _add(name, wanted)
    parts = [f"{name} AS MATERIALIZED ({FACTS[name][0]})" for name in wanted]
    if ledger:
        sums = ", ".join(f"{_sum(column)} AS {column.name}" for column in ledger)
        parts.append(f"money AS MATERIALIZED (SELECT project_id, {sums} FROM entries GROUP BY project_id)")
    return ", ".join(parts)


def _add(name: str, wanted: dict[str, None]) -> None:
    for below in FACTS[name][1]:
        _add(below, wanted)
    wanted[name] = None


def _sum(column: Column) -> str:
    where = [f"moment = '{column.moment}'"]
    if column.source:
        where.append(f"source = '{column.source}'")
    if column.in_period:
        where.append('"on" >= %(first_day)s')
    return f"coalesce(sum(amount) FILTER (WHERE {' AND '.join(where)}), 0.00)"
