"""Actions of the same line that touched the same blocks in the last years: found by PostGIS, answered by a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import number, percent
from projects.models import OverlapAnswer, Project
from projects.rules.neighbours import GONE, NEAR

RULE = "overlaps_answered"
# An overlap that grew by less than this, in metres or per cent, is the one that was answered.
GROWN = Decimal(1)
# Blocks are the same by their code: an older action touched those of another census. Of my actions the one that
# overlaps most stands for the project. A line counts by its metres, an area by its part, a point by lying near.
OVERLAPS = f"""
    WITH mine AS (
        SELECT action.id, type.line_id, action.geometry
        FROM projects_action AS action JOIN modalities_actiontype AS type ON type.code = action.action_type_id
        WHERE action.project_id = %(project)s
    ), pairs AS (
        SELECT mine.id AS mine, theirs.action_id AS other, count(DISTINCT block.code) AS blocks
        FROM mine
        JOIN projects_actionblock AS touched ON touched.action_id = mine.id
        JOIN polygons_block AS block ON block.id = touched.block_id
        JOIN polygons_block AS same ON same.code = block.code
        JOIN projects_actionblock AS theirs ON theirs.block_id = same.id
        JOIN projects_action AS other ON other.id = theirs.action_id AND other.project_id <> %(project)s
        JOIN modalities_actiontype AS type ON type.code = other.action_type_id AND type.line_id = mine.line_id
        JOIN projects_project AS project ON project.id = other.project_id
        WHERE project.status <> ALL(%(gone)s) AND project.fiscal_year_id BETWEEN %(since)s AND %(year)s
        GROUP BY mine.id, theirs.action_id
    )
    SELECT DISTINCT ON (pairs.other) pairs.other, project.id, project.folio, project.name, project.fiscal_year_id,
           project.status, other.action_type_id, pairs.blocks, ST_Dimension(mine.geometry) AS dimension,
           CASE ST_Dimension(mine.geometry)
               WHEN 0 THEN CASE WHEN ST_DWithin(site.metres, there.metres, {NEAR}) THEN 100 ELSE 0 END
               WHEN 1 THEN ST_Length(ST_Intersection(site.metres, ST_Buffer(there.metres, {NEAR})))
               ELSE 100 * ST_Area(ST_Intersection(site.metres, ST_Buffer(there.metres, {NEAR})))
                    / NULLIF(ST_Area(site.metres), 0) END AS size
    FROM pairs
    JOIN projects_action AS other ON other.id = pairs.other
    JOIN projects_project AS project ON project.id = other.project_id
    JOIN mine ON mine.id = pairs.mine
    CROSS JOIN LATERAL (SELECT ST_Transform(mine.geometry, 6372) AS metres) AS site
    CROSS JOIN LATERAL (SELECT ST_Transform(other.geometry, 6372) AS metres) AS there
    ORDER BY pairs.other, size DESC NULLS LAST, pairs.blocks DESC
"""


@dataclass(frozen=True)
class Overlap:
    """`size`: metres of a line, else per cent of this project's site. `answer`: None until a reviewer gave one."""

    action: int
    project: int
    folio: str
    name: str
    year: int
    status: str
    action_type: str
    blocks: int
    is_line: bool
    size: Decimal
    answer: OverlapAnswer | None

    @property
    def is_answered(self) -> bool:
        return self.answer is not None and not self.has_grown_since(self.answer.size)

    def has_grown_since(self, size: Decimal) -> bool:
        return self.size >= size + GROWN

    @property
    def said(self) -> str:
        """ "230 m" or "50 %"; both in the active language."""
        return f"{number(self.size)} m" if self.is_line else percent(self.size)


def overlaps(project: Project, years: Decimal | None) -> list[Overlap]:
    """Of this fiscal year and so many before it, the largest first. None: no rule says how far back. 2 queries."""
    if years is None:
        return []
    year = project.fiscal_year_id
    known = {"project": project.pk, "gone": list(GONE), "year": year, "since": year - int(years)}
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS, known)
        rows = cursor.fetchall()
    answers: Mapping[int, OverlapAnswer] = {}
    if rows:
        given = OverlapAnswer.objects.filter(project=project).select_related("by").order_by("at", "pk")
        answers = {answer.action_id: answer for answer in given}
    found = [
        Overlap(*row[:8], is_line=row[8] == 1, size=round(Decimal(str(row[9] or 0)), 2), answer=answers.get(row[0]))
        for row in rows
    ]
    return sorted(found, key=lambda overlap: (-overlap.size, overlap.folio))


def words_of(found: list[Overlap], years: Decimal) -> str:
    """One sentence with the first three that wait."""
    waiting = [overlap for overlap in found if not overlap.is_answered]
    if not found:
        return _("No action of the same line touched these blocks in %(years)s years.") % {"years": number(years)}
    if not waiting:
        return _("%(count)s found, all answered by the review.") % {"count": len(found)}
    named = ", ".join(f"{overlap.folio} ({overlap.said})" for overlap in waiting[:3])
    words = {"count": len(waiting), "years": number(years), "named": named}
    return _("%(count)s in %(years)s years without the reviewer's answer: %(named)s.") % words
