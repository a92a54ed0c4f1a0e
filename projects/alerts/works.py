"""Alerts of the works themselves: when they began, how they go, where they lie, whom they reach."""

from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from projects.alerts.kinds import Kind

# `physical` (project_id, reached_pct): accepted progress, each action weighed by its cost.
PHYSICAL = """
    , measured AS (
        SELECT line.action_id, sum(line.quantity) AS quantity
        FROM projects_progressline AS line JOIN projects_progressreport AS report ON report.id = line.report_id
        WHERE report.status = 'accepted' GROUP BY line.action_id
    ), physical AS (
        SELECT action.project_id,
            100 * sum(cost.amount * coalesce(measured.quantity, 0) / action.quantity)
                / nullif(sum(cost.amount), 0) AS reached_pct,
            sum(cost.amount) AS cost
        FROM projects_action AS action
        JOIN at_work ON at_work.id = action.project_id
        JOIN (
            SELECT action_id, sum(amount) AS amount FROM projects_contribution GROUP BY action_id
        ) AS cost ON cost.action_id = action.id
        LEFT JOIN measured ON measured.action_id = action.id
        GROUP BY action.project_id
    )
"""
# `local_day(moment, municipality)` as SQL over a joined `place`.
THERE = "AT TIME ZONE place.time_zone)::date"

WORKS = (
    Kind(
        code="early_start",
        title=_("Contracted or begun before the approval"),
        why=_("No work is contracted or begun with federal money before it is approved."),
        owner=Role.DELEGATE,
        words=_("Approved on %(approved_on)s; the earliest trace of the works is of %(first_on)s."),
        sql=f"""
            , approval AS (
                SELECT change.project_id, (min(change.at) {THERE} AS day
                FROM projects_statuschange AS change
                JOIN at_work ON at_work.id = change.project_id
                JOIN polygons_municipality AS place ON place.code = at_work.municipality_id
                WHERE change.to_status = 'approved' GROUP BY change.project_id, place.time_zone
            ), trace AS (
                SELECT project_id, least("on", starts_on) AS day FROM projects_contract
                WHERE status IN ('registered', 'validated')
                UNION ALL
                SELECT photo.project_id, (photo.taken_at {THERE} FROM projects_photo AS photo
                JOIN projects_project AS project ON project.id = photo.project_id
                JOIN polygons_municipality AS place ON place.code = project.municipality_id
                WHERE photo.stage = 'during' AND photo.removed_at IS NULL AND NOT photo.is_time_typed
            )
            SELECT approval.project_id, jsonb_build_object('approved_on', approval.day, 'first_on', min(trace.day))
            FROM approval JOIN trace ON trace.project_id = approval.project_id
            GROUP BY approval.project_id, approval.day HAVING min(trace.day) < approval.day
        """,
    ),
    Kind(
        code="silent",
        title=_("No progress for a long time"),
        why=_("A work that nobody reports on stands still, or is not being watched."),
        owner=Role.CERTIFIER,
        words=_("The last progress was sent on %(last_on)s, %(days)s days ago."),
        parameter="alert_silent_days",
        sql=f"""
            , last AS (
                SELECT at_work.id, at_work.threshold, (greatest(
                    (SELECT max(change.at) FROM projects_statuschange AS change
                     WHERE change.project_id = at_work.id AND change.to_status = 'in_execution'),
                    (SELECT max(report.submitted_at) FROM projects_progressreport AS report
                     WHERE report.project_id = at_work.id AND report.status IN ('submitted', 'accepted')
                        AND EXISTS (SELECT FROM projects_progressline AS line
                                    WHERE line.report_id = report.id AND line.quantity > 0))
                ) {THERE} AS day
                FROM at_work JOIN polygons_municipality AS place ON place.code = at_work.municipality_id
                WHERE at_work.status = 'in_execution'
            )
            SELECT id, jsonb_build_object('last_on', day, 'days', %(today)s::date - day)
            FROM last WHERE %(today)s::date - day >= threshold
        """,
    ),
    Kind(
        code="end_passed",
        title=_("The end date has passed"),
        why=_("Past its date a work needs an amendment of its time, or it is late."),
        owner=Role.CERTIFIER,
        words=_("It was to end on %(end_on)s and is still being built."),
        sql="""
            SELECT id, jsonb_build_object('end_on', ends_on) FROM at_work
            WHERE status = 'in_execution' AND ends_on < %(today)s
        """,
    ),
    Kind(
        code="december",
        title=_("Risk at the year's end"),
        why=_("What is not built and accrued by 31 December goes back to the Treasury."),
        owner=Role.DELEGATE,
        words=_("On %(today_on)s %(reached_pct)s of it is built; the year ends on %(year_end_on)s."),
        parameter="alert_december_percent",
        sql=f"""
            {PHYSICAL}
            SELECT at_work.id, jsonb_build_object(
                'reached_pct', round(coalesce(physical.reached_pct, 0), 1), 'today_on', %(today)s::date,
                'year_end_on', make_date(at_work.fiscal_year_id, 12, 31))
            FROM at_work LEFT JOIN physical ON physical.project_id = at_work.id
            WHERE at_work.status IN ('approved', 'in_execution')
                AND %(today)s::date >= make_date(at_work.fiscal_year_id, 11, 1)
                AND coalesce(physical.reached_pct, 0) < at_work.threshold
        """,
    ),
    Kind(
        code="homes",
        title=_("More homes reported than there are"),
        why=_("A work reaches no more homes than the blocks it touches have, by the census."),
        owner=Role.REVIEWER,
        words=_("%(reported)s homes are reported; the blocks it touches have %(there)s inhabited dwellings."),
        sql="""
            SELECT DISTINCT ON (at_work.id) at_work.id,
                jsonb_build_object('reported', action.households, 'there', sum(block.inhabited_dwellings))
            FROM at_work
            JOIN projects_action AS action ON action.project_id = at_work.id
            JOIN projects_actionblock AS touched ON touched.action_id = action.id
            JOIN polygons_block AS block ON block.id = touched.block_id
            GROUP BY at_work.id, action.id
            HAVING bool_and(block.inhabited_dwellings IS NOT NULL)
                AND action.households > sum(block.inhabited_dwellings)
            ORDER BY at_work.id, action.households - sum(block.inhabited_dwellings) DESC
        """,
    ),
    Kind(
        code="outside",
        title=_("The site lies outside the polygon"),
        why=_("What is funded for a Habitat Polygon is built in it."),
        owner=Role.REVIEWER,
        words=_("Of the site of %(type)s, %(inside_pct)s lies in the polygon; the rules ask for %(least_pct)s."),
        sql="""
            , site AS (
                SELECT at_work.id, action.action_type_id AS type, conduct.threshold AS least,
                    CASE ST_Dimension(action.geometry)
                        WHEN 0 THEN 0
                        WHEN 1 THEN 100 * ST_Length(ST_Intersection(action.geometry, version.geometry)::geography)
                            / nullif(ST_Length(action.geometry::geography), 0)
                        ELSE 100 * ST_Area(ST_Intersection(action.geometry, version.geometry)::geography)
                            / nullif(ST_Area(action.geometry::geography), 0)
                    END AS inside
                FROM at_work
                JOIN projects_action AS action ON action.project_id = at_work.id
                JOIN modalities_actiontype AS type ON type.code = action.action_type_id
                    AND type.location_basis = 'in_polygon'
                JOIN polygons_polygonversion AS version ON version.id = at_work.polygon_version_id
                LEFT JOIN modalities_conductrule AS conduct ON conduct.rules_id = at_work.rules_id
                    AND conduct.code = 'location_basis'
                WHERE NOT ST_CoveredBy(action.geometry, version.geometry)
            )
            SELECT DISTINCT ON (id) id, jsonb_build_object(
                'type', type, 'inside_pct', round(inside::numeric, 1), 'least_pct', coalesce(least, 100))
            FROM site WHERE inside < coalesce(least, 100) ORDER BY id, inside
        """,
    ),
)
