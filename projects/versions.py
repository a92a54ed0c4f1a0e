"""Kept versions of a project in words: every fact as a line, and what differs between two."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money, number
from modalities.models import ActionType
from projects.models import Action, Amendment, Project, Source

Line = tuple[str, str]


def lines_of(facts: Mapping[str, Any]) -> list[Line]:
    """(label, value) of everything that is written in a version, in the active language."""
    return [(label, value) for label, value in _labelled(facts).items() if value]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, what stood, what stands) of every fact that is another."""
    old, new = _labelled(before), _labelled(after)
    return [
        (label, old.get(label, ""), new.get(label, ""))
        for label in {**old, **new}
        if old.get(label, "") != new.get(label, "")
    ]


def _labelled(facts: Mapping[str, Any]) -> dict[str, str]:
    found = {_label(Project, name): str(value or "") for name, value in facts["project"].items()}
    types = ActionType.objects.in_bulk({row["type"] for row in facts["actions"].values()})
    for pk, row in facts["actions"].items():
        heading = f"{types[row['type']].name if row['type'] in types else row['type']} ({pk})"
        found |= {f"{heading}: {label}": value for label, value in _of_action(row)}
    for contract, row in facts["contracts"].items():
        found[_("Contract %(number)s: end") % {"number": contract}] = row["ends_on"]
        for pk, quantity in row["quantities"].items():
            found[_("Contract %(number)s: quantity of %(action)s") % {"number": contract, "action": pk}] = quantity
    return found


def _of_action(row: Mapping[str, Any]) -> Iterator[Line]:
    for name, value in row.items():
        if name == "contributions":
            yield from ((str(Source(source).label), amount) for source, amount in value.items())
        elif name == "schedule":
            for month, (quantity, amount) in value.items():
                yield _("schedule %(month)s") % {"month": month}, f"{quantity} · {amount}"
        elif name == "site":
            yield _("site"), value.replace("\n", "; ")
        elif name != "type":
            yield _label(Action, name), str(value or "")


def _label(model: type[Action] | type[Project], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def in_words(amendment: Amendment) -> list[Line]:
    """(label, wanted value) of what an amendment asks for."""
    changes = amendment.changes
    rows = amendment.project.actions.select_related("action_type").defer("geometry")
    names = {str(action.pk): action.action_type.name for action in rows}
    lines = [(_label(Project, name), str(changes[name])) for name in ("starts_on", "ends_on") if name in changes]
    if "execution_form" in changes:
        lines.append((_label(Project, "execution_form"), str(Project.ExecutionForm(changes["execution_form"]).label)))
    lines += [(names.get(pk, pk), number(Decimal(value), 2)) for pk, value in changes.get("quantities", {}).items()]
    for pk, amounts in changes.get("contributions", {}).items():
        heading = names.get(pk, pk)
        lines += [(f"{heading}: {Source(key).label}", money(Decimal(value))) for key, value in amounts.items()]
    lines += [(f"{names.get(pk, pk)}: {_('site')}", str(value)) for pk, value in changes.get("sites", {}).items()]
    if amendment.contract and amendment.contract_change:
        label = _("Contract %(number)s") % {"number": amendment.contract.number}
        lines.append((label, money(amendment.contract_change)))
    return lines
