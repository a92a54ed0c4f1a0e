"""Alerts of the social audit: what a committee must have left in the file."""

from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from projects.alerts.kinds import Kind

SOCIETY = (
    Kind(
        code="no_committee",
        title=_("Records of the committee are missing"),
        why=_("A work is watched by a committee of its neighbours, with minutes and registration, before it starts."),
        owner=Role.CERTIFIER,
        words=_("Committees of this work: %(committees)s; with minutes and registration: %(recorded)s."),
        sql="""
            , watching AS (
                SELECT link.project_id, link.committee_id
                FROM projects_committeeproject AS link JOIN at_work ON at_work.id = link.project_id
                UNION
                SELECT at_work.id, committee.id
                FROM at_work
                JOIN polygons_polygonversion AS version ON version.id = at_work.polygon_version_id
                JOIN projects_committee AS committee ON committee.polygon_id = version.polygon_id
                    AND committee.fiscal_year_id = at_work.fiscal_year_id
            ), watched AS (
                SELECT at_work.id, count(committee.id) AS committees, count(committee.id) FILTER (
                    WHERE committee.registration <> '' AND EXISTS (
                        SELECT FROM projects_committeepaper AS paper
                        WHERE paper.committee_id = committee.id AND paper.kind = 'minutes')) AS recorded
                FROM at_work
                LEFT JOIN watching ON watching.project_id = at_work.id
                LEFT JOIN projects_committee AS committee ON committee.id = watching.committee_id
                    AND (committee.dissolved_on IS NULL OR committee.dissolved_on > %(today)s)
                WHERE at_work.status IN ('in_execution', 'finished', 'handed_over') AND EXISTS (
                    SELECT FROM projects_action AS action
                    JOIN modalities_actiontype AS type ON type.code = action.action_type_id AND type.needs_committee
                    WHERE action.project_id = at_work.id)
                GROUP BY at_work.id
            )
            SELECT id, jsonb_build_object('committees', committees, 'recorded', recorded)
            FROM watched WHERE recorded = 0
        """,
    ),
)
