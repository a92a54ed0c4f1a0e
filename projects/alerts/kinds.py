"""One kind of alert: what it looks for in one statement, whose it is, and its sentence."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.formats import date_format

from habitat.accounts.models import Role
from habitat.lib.templatetags.portal import money, number, percent
from modalities import parameters
from projects.models import Source

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Facts = Mapping[str, object]

# The projects looked at, each with the number its rules give a parameter: `at_work` (id, rules_id, municipality_id,
# fiscal_year_id, status, status_since, starts_on, ends_on, polygon_version_id, threshold).
AT_WORK = """
    at_work AS (
        SELECT project.*, coalesce(said.value, %(working)s) AS threshold
        FROM projects_project AS project
        LEFT JOIN modalities_parameter AS said ON said.rules_id = project.rules_id AND said.code = %(parameter)s
        WHERE project.status IN ('approved', 'in_execution', 'finished', 'handed_over', 'proven')
            AND (%(only)s::bigint IS NULL OR project.id = %(only)s)
    )
"""


@dataclass(frozen=True)
class Kind:
    """`sql` goes on after `WITH at_work` and gives (project id, facts as JSON) of every project it holds of.

    Facts say by the end of their name what they are: `_on` a day, `_pesos`, `_pct`; others are numbers or text.
    """

    code: str
    title: "StrPromise"
    why: "StrPromise"
    owner: Role
    words: "StrPromise"
    sql: str
    parameter: str = ""

    def find(self, today: dt.date, only: int | None = None) -> dict[int, dict]:
        """Project → facts, of all projects at work or of one; one statement whatever their number."""
        working = parameters.CATALOGUE[self.parameter].value if self.parameter else Decimal(0)
        known = {"today": today, "only": only, "parameter": self.parameter, "working": working}
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {AT_WORK} {self.sql}", known)
            return {project: json.loads(facts) for project, facts in cursor.fetchall()}

    def sentence(self, facts: Facts) -> str:
        return str(self.words) % {name: shown(name, value) for name, value in facts.items()}


def shown(name: str, value: object) -> str:
    if name == "source":
        return str(Source(str(value)).label)
    if name.endswith("_on"):
        return date_format(dt.date.fromisoformat(str(value)), "SHORT_DATE_FORMAT")
    if name.endswith("_pesos"):
        return money(Decimal(str(value)))
    if name.endswith("_pct"):
        return percent(Decimal(str(value)))
    return number(Decimal(str(value))) if isinstance(value, int | float) else str(value)
