"""Kept versions of a project in words: every fact as a line, and what differs between two."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from habitat.lib.coordinates import as_text
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
    found = {_label(Project, name): _value(Project, name, value) for name, value in facts["project"].items()}
    types = ActionType.objects.in_bulk({row["type"] for row in facts["actions"].values()})
    headings = {
        pk: f"{types[row['type']].name if row['type'] in types else row['type']} ({pk})"
        for pk, row in facts["actions"].items()
    }
    for pk, row in facts["actions"].items():
        found |= {f"{headings[pk]}: {label}": value for label, value in _of_action(row)}
    for contract, row in facts["contracts"].items():
        day = date_format(dt.date.fromisoformat(row["ends_on"]), "SHORT_DATE_FORMAT")
        found[_("Contract %(number)s: end") % {"number": contract}] = day
        for pk, quantity in row["quantities"].items():
            known = {"number": contract, "action": headings.get(pk, pk)}
            found[_("Contract %(number)s: quantity of %(action)s") % known] = number(Decimal(quantity), 2)
    return found


def _of_action(row: Mapping[str, Any]) -> Iterator[Line]:
    for name, value in row.items():
        if name == "contributions":
            yield from ((str(Source(source).label), money(Decimal(amount))) for source, amount in value.items())
        elif name == "schedule":
            for month, (quantity, amount) in value.items():
                yield (
                    _("schedule %(month)s") % {"month": month},
                    f"{number(Decimal(quantity), 2)} · {money(Decimal(amount))}",
                )
        elif name == "site":
            yield _("site"), value.replace("\n", "; ")
        elif name != "type":
            yield _label(Action, name), _value(Action, name, value)


def _label(model: type[Action] | type[Project], name: str) -> str:
    return capfirst(str(getattr(model._meta.get_field(name), "verbose_name", name)))


def _value(model: type[Action] | type[Project], name: str, value: str | None) -> str:
    """As its reader writes it: versions keep days and choices as codes."""
    field = model._meta.get_field(name)
    if not value:
        return ""
    if isinstance(field, models.DateField):
        return date_format(dt.date.fromisoformat(value), "SHORT_DATE_FORMAT")
    if isinstance(field, models.DecimalField):
        return money(Decimal(value)) if name == "unit_price" else number(Decimal(value), 2)
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))


def in_words(amendment: Amendment) -> list[Line]:
    """(label, wanted value) of what an amendment asks for."""
    changes = amendment.changes
    rows = amendment.project.actions.select_related("action_type").defer("geometry")
    names = {str(action.pk): action.action_type.name for action in rows}
    of_project = [name for name in ("starts_on", "ends_on", "execution_form") if name in changes]
    lines = [(_label(Project, name), _value(Project, name, changes[name])) for name in of_project]
    lines += [(names.get(pk, pk), number(Decimal(value), 2)) for pk, value in changes.get("quantities", {}).items()]
    for pk, amounts in changes.get("contributions", {}).items():
        heading = names.get(pk, pk)
        lines += [(f"{heading}: {Source(key).label}", money(Decimal(value))) for key, value in amounts.items()]
    for pk, value in changes.get("sites", {}).items():
        # As the form took it and the versions tell it, not as it is kept.
        place = as_text(GEOSGeometry(value)).replace("\n", "; ")
        lines.append((f"{names.get(pk, pk)}: {_('site')}", place))
    if amendment.contract and amendment.contract_change:
        label = _("Contract %(number)s") % {"number": amendment.contract.number}
        lines.append((label, money(amendment.contract_change)))
    return lines
