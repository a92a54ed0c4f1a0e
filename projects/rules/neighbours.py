"""What lies where a project wants to build: the same work in another proposal, networks under what it paves."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from projects.models import Project
from projects.workflow import Status

# A pavement needs its networks below it (domain report, 1.5: ME12; from memory, medium confidence).
PAVING = ("ME12",)
NETWORKS = {"water": ("ME01", "ME02", "ME03"), "drainage": ("ME05", "ME08")}
# What may yet be built; a draft is nobody's neighbour before it is submitted.
GONE = (Status.DRAFT, Status.REJECTED, Status.WITHDRAWN, Status.CANCELLED)
# Two points are the same place, and a street is as wide, within these metres.
NEAR = 10
# Of what is built: two courses may be given in one room. A site counts by its length or surface, each in EPSG:6372;
# points by lying near.
DUPLICATES = f"""
    SELECT other_project.folio, CASE ST_Dimension(mine.metres)
        WHEN 0 THEN 100
        WHEN 1 THEN 100 * ST_Length(ST_Intersection(mine.metres, ST_Buffer(theirs.metres, {NEAR}))) /
                    NULLIF(ST_Length(mine.metres), 0)
        ELSE 100 * ST_Area(ST_Intersection(mine.metres, theirs.metres)) / NULLIF(ST_Area(mine.metres), 0) END
    FROM projects_action AS action
    JOIN projects_action AS other
      ON other.action_type_id = action.action_type_id AND other.project_id <> action.project_id
     AND other.geometry && ST_Expand(action.geometry, 0.0002)
    JOIN modalities_actiontype AS type ON type.code = action.action_type_id AND type.oc4ids_type <> ''
    JOIN projects_project AS other_project ON other_project.id = other.project_id
    CROSS JOIN LATERAL (SELECT ST_Transform(action.geometry, 6372) AS metres) AS mine
    CROSS JOIN LATERAL (SELECT ST_Transform(other.geometry, 6372) AS metres) AS theirs
    WHERE action.project_id = %(project)s AND other_project.fiscal_year_id = %(year)s
      AND other_project.municipality_id = %(municipality)s AND other_project.status <> ALL(%(gone)s)
      AND ST_Dimension(other.geometry) = ST_Dimension(action.geometry)
      AND ST_DWithin(mine.metres, theirs.metres, {NEAR})
    ORDER BY 2 DESC, 1
"""
# Of the blocks a pavement fronts: dwellings certainly and possibly without each network, but for those that get it.
BURIED = """
    SELECT sum(block.base), {sums}
    FROM (SELECT DISTINCT touched.block_id AS id
          FROM projects_actionblock AS touched JOIN projects_action AS action ON action.id = touched.action_id
          WHERE action.project_id = %(project)s AND action.action_type_id = ANY(%(paving)s)) AS paved
    JOIN polygons_block AS block ON block.id = paved.id
"""
WITHOUT = """coalesce(sum(block.{network}_{end}) FILTER (WHERE NOT EXISTS (
        SELECT 1 FROM projects_actionblock AS touched
        JOIN projects_action AS action ON action.id = touched.action_id
        JOIN projects_project AS project ON project.id = action.project_id
        WHERE touched.block_id = block.id AND action.action_type_id = ANY(%({network})s)
          AND (project.id = %(project)s OR project.status <> ALL(%(gone)s)))), 0)"""
ENDS = [(network, end) for network in NETWORKS for end in ("low", "high")]


@dataclass(frozen=True)
class Duplicate:
    """`overlap`: per cent of this project's site that the other proposal's covers."""

    folio: str
    overlap: Decimal


@dataclass(frozen=True)
class Buried:
    """Per cent of dwellings along the pavement without each network, as a range; None where the census is silent."""

    shares: dict[str, Decimal | None]


def duplicates(project: Project) -> list[Duplicate]:
    """The worst first; parts below a hundredth of the site are edges that touch."""
    known = {
        "project": project.pk,
        "year": project.fiscal_year_id,
        "municipality": project.municipality_id,
        "gone": list(GONE),
    }
    with connection.cursor() as cursor:
        cursor.execute(DUPLICATES, known)
        found = [(folio, Decimal(str(round(min(share or 0.0, 100.0), 2)))) for folio, share in cursor.fetchall()]
    return [Duplicate(folio, overlap) for folio, overlap in found if overlap >= 1]


def buried_services(project: Project) -> Buried:
    sums = ", ".join(WITHOUT.format(network=network, end=end) for network, end in ENDS)
    known = {"project": project.pk, "paving": list(PAVING), "gone": list(GONE)}
    with connection.cursor() as cursor:
        cursor.execute(BURIED.format(sums=sums), known | {name: list(types) for name, types in NETWORKS.items()})
        base, *counts = cursor.fetchone()
    shares = [round(Decimal(100) * count / base, 2) if base else None for count in counts]
    return Buried({f"{network}_{end}": share for (network, end), share in zip(ENDS, shares, strict=True)})
