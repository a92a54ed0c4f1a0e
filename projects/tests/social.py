"""A year's social projects at work: one that pays stipends, one that gives courses."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from habitat.tests.fixtures import YEAR
from modalities.models import ActionType
from projects import services
from projects.models import Action, Contribution, Course, Project, StipendList

AT = dt.datetime(YEAR, 6, 15, 16, tzinfo=dt.UTC)
FIRST, LAST = dt.date(YEAR, 3, 1), dt.date(YEAR, 8, 31)


def put_at(project: Project, status: str) -> None:
    """As if it had come there by the road, which other tests walk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE projects_project SET status = %s WHERE id = %s", [status, project.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    project.refresh_from_db()


@dataclass
class Social:
    """`providers` pays 12 months of 1,000 pesos, half of them federal; `lessons` has two courses, one of them begun."""

    providers: Action
    lessons: Action
    courses: list[Course]
    at: dt.datetime = AT

    @property
    def terms(self) -> dict[str, Any]:
        days = {"starts_on": FIRST, "ends_on": LAST}
        return days | {"months": 6, "monthly_stipend": Decimal(1000), "school": "Conalep"}


def make_action(
    rules, polygon_version, by, place, folio: str, kind: str, quantity: int, cost: int, **people: int
) -> Action:  # fmt: skip
    project = Project.objects.create(
        folio=folio, fiscal_year=rules.fiscal_year, rules=rules, strand_id="G", modality_id="DS", starts_on=FIRST,
        municipality=place, polygon_version=polygon_version, name=f"Acción {folio}", ends_on=LAST,
        status_since=timezone.now(), created_by=by,
    )  # fmt: skip
    made = Action.objects.create(project=project, action_type_id=kind, quantity=quantity, **people)
    for source in ("federal", "municipal"):
        Contribution.objects.create(action=made, source=source, amount=Decimal(cost) / 2)
    put_at(project, "in_execution")
    return made


def pay_too(social: Social, place, who: dict[str, Any], *, by, version) -> StipendList:
    """The same person, registered and listed for March by another municipality; `version` is any polygon's."""
    rules = social.providers.project.rules
    action = make_action(rules, version, by, place, "29-DS-0001", "DS04", 12, 12_000)
    person = services.register_person(place, by=by, **who)
    engaged = services.engage(action, person, by=by, **social.terms)
    return services.list_stipends(action, FIRST, amounts={engaged.pk: Decimal(1000)}, by=by, at=AT)[0]


def make_social(rules, polygon_version, by) -> Social:
    def action(*said: Any, **people: Any) -> Action:
        return make_action(rules, polygon_version, by, polygon_version.polygon.municipality, *said, **people)

    stipends = {"modality_id": "DS", "name_es": "Prestadores", "name_en": "Providers", "unit": "prestador_mes"}
    line = ActionType.objects.get(pk="DS01").line
    ActionType.objects.get_or_create(
        code="DS04", defaults=stipends | {"line": line, "geometry_kind": "none", "location_basis": "none"}
    )
    providers = action("04-DS-0001", "DS04", 12, 12_000, women=1, men=1)
    lessons = action("04-DS-0002", "DS01", 2, 40_000, women=12, men=8)
    days = {"starts_on": FIRST, "ends_on": dt.date(YEAR, 6, 30), "hours": Decimal(20)}
    course = services.save_course(Course(action=lessons, name="Carpintería", **days), by=by)
    return Social(providers, lessons, [course])
