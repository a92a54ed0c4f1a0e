"""The demo's years are told in one afternoon: afterwards their records say when each thing was learnt."""

import pgtrigger
from django.db import connection

# An entry was learnt at noon of its day; what people wrote of a project, when the project entered its first desk.
LEARNT = """
    UPDATE projects_ledgerentry SET recorded_at = least(("on" + time '12:00') AT TIME ZONE 'America/Mexico_City', now())
"""
WRITTEN = """
    UPDATE {event} AS event SET pgh_created_at = told.at
    FROM (SELECT project.id, coalesce(min(change.at), project.created_at) AS at FROM projects_project AS project
          LEFT JOIN projects_statuschange AS change ON change.project_id = project.id GROUP BY project.id) AS told
    WHERE told.id = {project}
"""
# Of people behind social actions: enrolled on their day, listed and confirmed in the month's turn.
REGISTERED = {
    "ParticipantEvent": "enrolled_on + time '12:00'",
    "StipendPaymentEvent": "at",
    "StipendListEvent": "coalesce(confirmed_at, month + interval '1 month')",
}
# Audit table → its column that names the project.
TABLES = {
    "ProjectEvent": "id",
    "ActionEvent": "project_id",
    "CommitteeProjectEvent": "project_id",
    "VigilanceFormEvent": "project_id",
    "CentreProjectEvent": "project_id",
}


def date_history() -> None:
    """Within the transaction that loads the demo; nothing else may rewrite what was recorded."""
    guards = [f"projects.{model}:append_only" for model in ("LedgerEntry", *TABLES, *REGISTERED)]
    with pgtrigger.ignore(*guards), connection.cursor() as cursor:
        cursor.execute(LEARNT)
        for event, project in TABLES.items():
            cursor.execute(WRITTEN.format(event=f"projects_{event.lower()}", project=f"event.{project}"))
        for event, moment in REGISTERED.items():
            cursor.execute(f"UPDATE projects_{event.lower()} SET pgh_created_at = least({moment}, now())")
