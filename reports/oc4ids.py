"""Approved works as an OC4IDS 0.9.5 project package. INEGI's keys stand as a local scheme of the gazetteer."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db.models.functions import PointOnSurface
from django.db.models import Prefetch, QuerySet

from projects.balances import paid_of
from projects.models import Action, Project, Status
from projects.workflow import PUBLIC

VERSION = "0.9"
# No prefix of the register of publishers has been given to the program; this one is ours.
PREFIX = "mx-habitat"
STATUS = {
    Status.APPROVED: "preparation",
    Status.IN_EXECUTION: "implementation",
    Status.FINISHED: "completion",
    Status.HANDED_OVER: "completion",
    Status.PROVEN: "completion",
    Status.CLOSED: "completion",
}
PAYERS = {
    "federal": "Gobierno federal",
    "state": "Gobierno del estado",
    "municipal": "Gobierno municipal",
    "beneficiaries": "Personas beneficiarias",
}


def package(at: datetime) -> dict[str, Any]:
    return {
        "uri": f"{settings.PUBLIC_URL}/open-data/oc4ids.json",
        "publishedDate": at.isoformat(),
        "publisher": {"name": "Programa Hábitat"},
        "version": VERSION,
        "projects": _projects(),
    }


def _projects() -> list[dict[str, Any]]:
    public = Project.objects.visible_to(AnonymousUser()).filter(status__in=PUBLIC)
    paid = paid_of(public)
    return [_project(work, sum(paid.get(work.pk, {}).values(), Decimal(0))) for work in _with_parts(public)]


def _with_parts(works: QuerySet[Project]) -> QuerySet[Project]:
    middle = PointOnSurface("geometry")
    actions = Action.objects.select_related("action_type").defer("geometry").annotate(middle=middle).order_by("pk")
    related = ("municipality__state", "polygon_version__polygon", "total")
    return works.select_related(*related).prefetch_related(Prefetch("actions", actions)).order_by("folio")


def _project(work: Project, paid: Decimal) -> dict[str, Any]:
    kept, actions = work.total, list(work.actions.all())
    answer: dict[str, Any] = {
        "id": f"{PREFIX}-{work.folio}",
        "updated": work.updated_at.isoformat(),
        "title": work.name,
        "description": work.description or work.name,
        "status": STATUS[Status(work.status)],
        "locations": [_municipality(work), *(_site(action) for action in actions if action.middle)],
        "budget": {
            "amount": _value(kept.cost),
            "budgetBreakdowns": [{"id": "sources", "description": "Por aportante", "budgetBreakdown": _sources(work)}],
        },
        "parties": [{"id": "habitat", "name": "Programa Hábitat", "roles": ["publicAuthority", "funder"]}],
        "publicAuthority": {"id": "habitat", "name": "Programa Hábitat"},
    }
    # The standard knows no empty lists.
    if sectors := {action.action_type.oc4ids_sector for action in actions} - {""}:
        answer["sector"] = sorted(sectors)
    if kept.cost:
        financial = paid * 100 / kept.cost
        answer["metrics"] = [
            _metric("physicalProgress", kept.reached[-1] * 100 / kept.cost), _metric("financialProgress", financial)
        ]  # fmt: skip
    kinds = {action.action_type.oc4ids_type for action in actions if action.action_type.oc4ids_type}
    if len(kinds) == 1:
        answer["type"] = kinds.pop()
    if work.starts_on and work.ends_on:
        days = {"startDate": f"{work.starts_on}T00:00:00-06:00", "endDate": f"{work.ends_on}T00:00:00-06:00"}
        answer["period"] = days | {"durationInDays": (work.ends_on - work.starts_on).days + 1}
    return answer


def _municipality(work: Project) -> dict[str, Any]:
    place = work.municipality
    return {
        "id": place.code,
        "description": f"{place.name}, {place.state.name}",
        "gazetteer": {"scheme": "MX-INEGI", "identifiers": [place.code]},
        "address": {"locality": place.name, "region": place.state.name, "countryName": "México"},
    }


def _site(action: Action) -> dict[str, Any]:
    """A point of what is drawn; the drawing itself is in works.geojson."""
    longitude, latitude = action.middle.coords
    return {
        "id": str(action.pk),
        "description": action.action_type.name_es,
        "geometry": {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]},
    }


def _sources(work: Project) -> list[dict[str, Any]]:
    return [
        {
            "id": source,
            "amount": _value(getattr(work.total, f"cost_{source}")),
            "sourceParty": {"id": source, "name": name},
        }
        for source, name in PAYERS.items()
        if getattr(work.total, f"cost_{source}")
    ]


def _metric(name: str, value: Decimal) -> dict[str, Any]:
    observation = {"id": "1", "measure": str(round(value, 1)), "unit": {"name": "%"}}
    return {"id": name, "title": name, "observations": [observation]}


def _value(amount: Decimal) -> dict[str, Any]:
    # The standard asks for a number, not for text.
    return {"amount": float(round(amount, 2)), "currency": "MXN"}
