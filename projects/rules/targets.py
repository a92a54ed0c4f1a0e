"""Whether the typed quantity is what is drawn: metres of a line, surface of an area."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import number, percent
from modalities.models.catalogue import Unit
from projects.models import Action, Project

# What one unit is in metres or square metres, by the dimension of the site it is measured on.
MEASURED: dict[int, dict[str, int]] = {1: {Unit.METRE: 1}, 2: {Unit.SQUARE_METRE: 1, Unit.HECTARE: 10_000}}
DRAWN = """
    SELECT id, dimension, CASE dimension WHEN 1 THEN ST_Length(metres) ELSE ST_Area(metres) END
    FROM (SELECT id, ST_Dimension(geometry) AS dimension, ST_Transform(geometry, 6372) AS metres
          FROM projects_action WHERE project_id = %s AND ST_Dimension(geometry) > 0) AS site
"""


@dataclass(frozen=True)
class Drawn:
    """`size` in the unit of the action's type. An area bounds what is built in it; a line is what is built."""

    action: Action
    size: Decimal
    is_area: bool

    @property
    def apart(self) -> Decimal:
        """Per cent of what is drawn by which the quantity leaves it; of an area only what goes beyond it."""
        if not self.size:
            return Decimal(0)
        difference = (self.action.quantity - self.size) * 100 / self.size
        return round(max(difference, Decimal(0)) if self.is_area else abs(difference), 2)


def drawn_sizes(project: Project, actions: list[Action]) -> list[Drawn]:
    """Of the actions whose unit can be measured on their site, in EPSG:6372. One query."""
    by_key = {action.pk: action for action in actions}
    with connection.cursor() as cursor:
        cursor.execute(DRAWN, [project.pk])
        rows = cursor.fetchall()
    found = []
    for key, dimension, size in rows:
        action = by_key.get(key)
        unit = MEASURED[dimension].get(action.action_type.unit) if action else None
        if action and unit:
            found.append(Drawn(action, round(Decimal(str(size)) / unit, 2), dimension == 2))
    return found


def words_of(drawn: Drawn, most: Decimal | None) -> str:
    known = {
        "type": drawn.action.action_type.name,
        "typed": number(drawn.action.quantity, 2),
        "drawn": number(drawn.size, 2),
        "unit": drawn.action.action_type.get_unit_display(),
        "apart": percent(drawn.apart),
        "most": percent(most),
    }
    if drawn.is_area:
        told = _("%(type)s: %(typed)s %(unit)s are written, but the site drawn has %(drawn)s: %(apart)s more.")
    else:
        told = _("%(type)s: %(typed)s %(unit)s are written and %(drawn)s are drawn: %(apart)s apart.")
    more = _("Up to %(most)s passes. Correct the quantity or the site, or say why they differ beside the quantity.")
    return f"{told % known} {more % known}"
