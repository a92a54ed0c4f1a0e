"""What the register of people says beside what projects report: sums alone, nobody is named."""

from modalities.models import Unit
from projects.models import COURSE_UNITS, STIPEND_UNITS
from reports.catalog.base import quoted
from reports.catalog.facts import known, seen


def _among(units: list[Unit]) -> str:
    return ", ".join(quoted(unit.value) for unit in units)


# Stipends confirmed at `as_at`; what was taken off a list since then is in the history alone.
PAID = f"""
    SELECT paid.id, paid.person_id, paid.month, lists.action_id FROM (
        SELECT DISTINCT ON (event.pgh_obj_id) event.pgh_obj_id AS id, event.pgh_label, event.list_id, event.person_id,
               event.month
        FROM projects_stipendpaymentevent AS event
        WHERE event.pgh_created_at <= %(as_at)s AND event.month >= make_date(%(year)s, 1, 1)
        ORDER BY event.pgh_obj_id, event.pgh_created_at DESC, event.pgh_id DESC
    ) AS paid
    JOIN {seen("projects_stipendlistevent", "paid.list_id", "status, action_id")} AS lists ON true
    WHERE paid.pgh_label <> 'delete' AND lists.status = 'confirmed'
"""
# (name, project, whose, since, a number that tells rows apart), as `control.FOUND`.
FOUND = f"""
    SELECT 'register_short', items.project_id, '', NULL::date, items.id
    FROM items JOIN works ON works.id = items.project_id
    WHERE items.unit IN ({_among(list(COURSE_UNITS))})
      AND works.status IN ('finished', 'handed_over', 'proven', 'closed')
      AND items.women + items.men > (
        SELECT count(DISTINCT taught.person_id) FROM projects_participant AS taught
        JOIN projects_course AS course ON course.id = taught.course_id
        WHERE course.action_id = items.id AND {known("projects_participantevent", "taught.id")}
      )
    UNION ALL
    SELECT 'register_short', items.project_id, '', NULL, items.id
    FROM items JOIN measured ON measured.action_id = items.id
    WHERE items.unit IN ({_among(list(STIPEND_UNITS))})
      AND measured.to_date > (SELECT count(*) FROM paid WHERE paid.action_id = items.id)
    UNION ALL
    SELECT 'paid_twice', items.project_id, '', paid.month, paid.id
    FROM paid JOIN items ON items.id = paid.action_id
    JOIN projects_person AS who ON who.id = paid.person_id AND who.curp <> ''
    WHERE EXISTS (
        SELECT FROM projects_person AS same JOIN paid AS other ON other.person_id = same.id
        WHERE same.curp = who.curp AND same.id <> who.id AND other.month = paid.month
    )
"""
