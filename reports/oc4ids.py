"""Approved works as an OC4IDS 0.9.5 project package. INEGI's keys stand as a local scheme of the gazetteer."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch

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
        "projects": [_project(work) for work in _works()],
    }


def _works():
    actions = Action.objects.select_related("action_type").order_by("pk")
    works = Project.objects.visible_to(AnonymousUser()).filter(status__in=PUBLIC)
    related = ("municipality__state", "polygon_version__polygon", "total")
    return works.select_related(*related).prefetch_related(Prefetch("actions", actions)).order_by("folio")


def _project(work: Project) -> dict[str, Any]:
    kept, actions = work.total, list(work.actions.all())
    place = work.municipality
    answer: dict[str, Any] = {
        "id": f"{PREFIX}-{work.folio}",
        "updated": work.updated_at.isoformat(),
        "title": work.name,
        "description": work.description or work.name,
        "status": STATUS[Status(work.status)],
        "sector": sorted({action.action_type.oc4ids_sector for action in actions if action.action_type.oc4ids_sector}),
        "locations": [
            {
                "id": place.code,
                "description": f"{place.name}, {place.state.name}",
                "gazetteers": [{"scheme": "MX-INEGI", "identifiers": [place.code]}],
                "address": {"locality": place.name, "region": place.state.name, "countryName": "México"},
            }
        ],
        "budget": {
            "amount": _value(kept.cost),
            "budgetBreakdowns": [{"id": "sources", "description": "Por aportante", "budgetBreakdown": _sources(work)}],
        },
        "parties": [{"id": "habitat", "name": "Programa Hábitat", "roles": ["publicAuthority", "funder"]}],
        "publicAuthority": {"id": "habitat", "name": "Programa Hábitat"},
        "metrics": [
            _metric("physicalProgress", kept.reached_share),
            _metric("financialProgress", kept.spent * 100 / kept.cost if kept.cost else None),
        ],
    }
    kinds = {action.action_type.oc4ids_type for action in actions if action.action_type.oc4ids_type}
    if len(kinds) == 1:
        answer["type"] = kinds.pop()
    if work.starts_on and work.ends_on:
        days = {"startDate": f"{work.starts_on}T00:00:00-06:00", "endDate": f"{work.ends_on}T00:00:00-06:00"}
        answer["period"] = days | {"durationInDays": (work.ends_on - work.starts_on).days + 1}
    return answer


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


def _metric(name: str, value: Decimal | None) -> dict[str, Any]:
    measure = [] if value is None else [{"id": "1", "measure": str(round(value, 1)), "unit": {"name": "%"}}]
    return {"id": name, "title": name, "observations": measure}


def _value(amount: Decimal) -> dict[str, Any]:
    # The standard asks for a number, not for text.
    return {"amount": float(round(amount, 2)), "currency": "MXN"}
