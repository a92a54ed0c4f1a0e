"""The fingerprint of a proposal: the same paper, the same figures."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from projects.models import Action, AgeCount, Contribution, Project, SchedulePart

PROJECT = (
    "folio", "fiscal_year", "strand", "modality", "municipality", "polygon_version", "name", "description",
    "neighbourhood", "execution_form", "starts_on", "ends_on",
)  # fmt: skip
ACTION = (
    "pk", "action_type", "description", "quantity", "unit_price", "women", "men", "households", "explanation",
    "geometry",
)  # fmt: skip
# What a person types from the paper: enough to tell two drafts apart, short enough to type.
SHORT = 10


def fingerprint_of(project: Project) -> str:
    """SHA-256, in hexadecimal, of what the PH-01 says of the proposal: work, place, targets, money. Five queries."""
    mine = Project.objects.filter(pk=project.pk).values_list(*PROJECT)
    actions = Action.objects.filter(project=project).order_by("pk").values_list(*ACTION)
    parts = [
        list(mine),
        [[*row[:-1], row[-1].wkt if row[-1] else None] for row in actions],
        _rows(Contribution, project, "source", "years_later", "amount"),
        _rows(AgeCount, project, "group", "women", "men"),
        _rows(SchedulePart, project, "month", "quantity", "amount"),
    ]
    said = json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def short(fingerprint: str) -> str:
    """As it is printed and typed: `1A2B3-C4D5E`."""
    half = SHORT // 2
    return f"{fingerprint[:half]}-{fingerprint[half:SHORT]}".upper()


def _rows(model, project: Project, *fields: str) -> list:
    found = model.objects.filter(action__project=project).order_by("action", *fields[:2])
    return list(found.values_list("action", *fields))
