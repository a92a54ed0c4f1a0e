"""Every version of an approved project: the whole proposal as it stood at its approval and after each amendment."""

import datetime as dt
from typing import Any

from habitat.accounts.models import User
from projects.cofunding import by_source
from projects.models import Action, Amendment, Contract, Project, ProjectVersion
from projects.services.sites import place_text

FIELDS = ("name", "description", "neighbourhood", "execution_form", "starts_on", "ends_on")
OF_ACTION = ("description", "quantity", "unit_price", "explanation", "women", "men", "households")


def facts_of(project: Project) -> dict[str, Any]:
    """The whole proposal as JSON: amounts and days as text, NULL where nothing is written."""
    rows = Action.objects.filter(project=project).prefetch_related("contributions", "schedule").order_by("pk")
    contracts = project.contracts.validated().prefetch_related("lines")
    return {
        "project": _said(project, FIELDS) | {"strand": project.strand_id, "modality": project.modality_id},
        "actions": {str(action.pk): _action(action) for action in rows},
        "contracts": {contract.number: _contract(contract) for contract in contracts},
    }


def _action(action: Action) -> dict[str, Any]:
    return _said(action, OF_ACTION) | {
        "type": action.action_type_id,
        "site": place_text(action.geometry),
        "contributions": {source: str(amount) for source, amount in by_source(action.contributions.all()).items()},
        "schedule": {f"{part.month:%Y-%m}": [str(part.quantity), str(part.amount)] for part in action.schedule.all()},
    }


def _contract(contract: Contract) -> dict[str, Any]:
    lines = {str(line.action_id): str(line.quantity) for line in contract.lines.all()}
    return {"ends_on": str(contract.ends_on), "quantities": lines}


def _said(row: Any, names: tuple[str, ...]) -> dict[str, str | None]:
    values = {name: getattr(row, name) for name in names}
    return {name: None if value is None else str(value) for name, value in values.items()}


def keep_version(
    project: Project, *, by: User | None, at: dt.datetime, amendment: Amendment | None = None
) -> ProjectVersion:
    """As it stands now. Number 0 is the approval."""
    number = project.versions.count()
    return ProjectVersion.objects.create(
        project=project, number=number, amendment=amendment, facts=facts_of(project), at=at, by=by
    )
