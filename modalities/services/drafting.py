"""Writing a draft of the Rules of Operation, row by row.

Everything locks the version first, so that two editors wait for each other and a publication waits for both. A row is
changed only by somebody who has seen it as it stands: `seen` is the `fingerprint` of what their form was drawn from.
"""

import hashlib
import json
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from modalities.models import ActionType, FiscalYear, Milestone, Rule, RulesEdit, RulesVersion
from modalities.services.rules import copy_rules

What = RulesEdit.What
# Of a row: what does not count as a change of it.
UNSAID = {"id", "public_id", "created_at", "updated_at", "rules"}


class StaleError(Exception):
    """The row was changed or removed since the editor saw it. `now` is the row as it stands; None: it is gone."""

    def __init__(self, now: Rule | RulesVersion | Milestone | None, edit: RulesEdit | None) -> None:
        super().__init__("changed by somebody else")
        self.now = now
        self.edit = edit


def values_of(row: models.Model) -> dict[str, Any]:
    """Field name → value of what a row says; rows of a relation by many as the sorted list of their keys."""
    said = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in UNSAID}
    many = row._meta.many_to_many if isinstance(row, Rule) else ()
    return said | {field.name: sorted(str(other.pk) for other in getattr(row, field.name).all()) for field in many}


def fingerprint(row: models.Model) -> str:
    """The same text as long as the row says the same."""
    said = json.dumps(values_of(row), default=str, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def need_writer(by: Any) -> None:
    if not by.writes_rules:
        raise PermissionDenied(_("The Rules of Operation are written by the program unit."))


def open_draft(version: RulesVersion, by: Any) -> RulesVersion:
    """The version's row, locked, if it may be written in. Raises PermissionDenied or ValidationError."""
    need_writer(by)
    locked = RulesVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
    if not locked.is_draft:
        raise ValidationError(_("This version is no longer a draft: it cannot be changed."), code="no_draft")
    return locked


def note(version: RulesVersion, what: str, by: Any, *, rule: Rule | None = None, reason: str = "") -> RulesEdit:
    kind, code = (rule._meta.model_name or "", rule.code) if rule else ("", "")
    return RulesEdit.objects.create(
        rules=version, what=what, kind=kind, code=code, reason=reason.strip(), by=by, at=timezone.now()
    )


@transaction.atomic
def start_draft(source: RulesVersion, year: int, *, by: Any) -> RulesVersion:
    """A draft for `year` copied from `source`; one draft a year, so that nobody publishes over another's work.

    Raises PermissionDenied, or ValidationError where the year has a draft or `source` never was in force.
    """
    need_writer(by)
    if source.status not in (RulesVersion.Status.IN_FORCE, RulesVersion.Status.SUPERSEDED):
        raise ValidationError(_("A draft is copied from rules that are or were in force."))
    # Two editors may start at once, also from different years and for one that is not there yet: one waits here and
    # then finds the other's draft.
    list(FiscalYear.objects.select_for_update(no_key=True).order_by("pk"))
    if RulesVersion.objects.drafts().filter(fiscal_year=year).exists():
        raise ValidationError(_("There is a draft for %(year)s already: work on that one.") % {"year": year})
    draft = copy_rules(source, year, by=by)
    note(draft, What.STARTED, by)
    return draft


@transaction.atomic
def save_rule(
    version: RulesVersion, kind: type[Rule], values: dict[str, Any], *, by: Any, pk: int | None = None, seen: str = ""
) -> Rule:
    """Add a row, or change the one `pk` names. `values`: field → value, a queryset or list for a relation by many.

    Raises StaleError, ValidationError (also where the code is taken), PermissionDenied.
    """
    locked = open_draft(version, by)
    rule = kind(rules=locked) if pk is None else _seen(locked, kind, pk, seen)
    many = {field.name for field in kind._meta.many_to_many}
    for name, value in values.items():
        if name not in many:
            setattr(rule, name, value)
    rule.code = rule.code or free_code(rule)
    # Also what the form cannot know: the code is free in this version.
    rule.full_clean()
    with pghistory.context(user=by.pk, reason=f"write {locked}"):
        rule.save()
        for name in many & set(values):
            getattr(rule, name).set(values[name])
        note(locked, What.ADDED if pk is None else What.CHANGED, by, rule=rule)
    return rule


@transaction.atomic
def remove_rule(version: RulesVersion, kind: type[Rule], pk: int, *, by: Any, seen: str) -> None:
    """Raises StaleError, ValidationError, PermissionDenied."""
    locked = open_draft(version, by)
    rule = _seen(locked, kind, pk, seen)
    with pghistory.context(user=by.pk, reason=f"write {locked}"):
        note(locked, What.REMOVED, by, rule=rule)
        rule.delete()


@transaction.atomic
def save_head(version: RulesVersion, values: dict[str, Any], *, by: Any, seen: str) -> RulesVersion:
    """`values`: source and published_on, where the rules were printed and when."""
    locked = open_draft(version, by)
    if fingerprint(locked) != seen:
        raise StaleError(locked, locked.edits.filter(what=What.HEAD).first())
    locked.source, locked.published_on = values["source"], values["published_on"]
    with pghistory.context(user=by.pk, reason=f"write {locked}"):
        locked.save(update_fields=["source", "published_on"])
        note(locked, What.HEAD, by)
    return locked


@transaction.atomic
def change_types(version: RulesVersion, *, add: set[str], remove: set[str], by: Any) -> None:
    """Codes of action types. What two editors add and take away at once adds up: neither undoes the other."""
    locked = open_draft(version, by)
    if not add and not remove:
        return
    with pghistory.context(user=by.pk, reason=f"write {locked}"):
        locked.action_types.add(*ActionType.objects.filter(pk__in=add))
        locked.action_types.remove(*ActionType.objects.filter(pk__in=remove))
        words = [f"+{code}" for code in sorted(add)] + [f"\N{MINUS SIGN}{code}" for code in sorted(remove)]
        note(locked, What.TYPES, by, reason=" ".join(words))


@transaction.atomic
def discard(version: RulesVersion, *, reason: str, by: Any) -> RulesVersion:
    """The draft stays for those who audit; nobody can write in it or put it in force any more."""
    locked = open_draft(version, by)
    if not reason.strip():
        raise ValidationError(_("Give the reason."))
    with pghistory.context(user=by.pk, reason=f"discard {locked}"):
        locked.status = RulesVersion.Status.DISCARDED
        locked.save(update_fields=["status"])
        note(locked, What.DISCARDED, by, reason=reason)
    return locked


def free_code(rule: Rule) -> str:
    """A code for a row that nobody named: its kind and what narrows it, numbered where that is taken."""
    narrowed = [getattr(rule, f"{name}_id", None) for name in ("action_type", "modality", "strand")]
    own = [getattr(rule, name, "") for name in ("kind", "state")]
    prefix = (rule._meta.model_name or "").removesuffix("rule").removeprefix("required").removesuffix("criterion")
    stem = "-".join(str(part).lower().replace("_", "-") for part in (prefix, *narrowed, *own) if part)
    taken = set(type(rule).objects.filter(rules=rule.rules_id, code__startswith=stem).values_list("code", flat=True))
    if stem not in taken:
        return stem
    return next(code for number in range(2, len(taken) + 3) if (code := f"{stem}-{number}") not in taken)


def _seen(version: RulesVersion, kind: type[Rule], pk: int, seen: str) -> Rule:
    rule = kind.objects.filter(rules=version, pk=pk).first()
    if rule is None or fingerprint(rule) != seen:
        edits = version.edits.filter(kind=kind._meta.model_name)
        edits = edits.filter(code=rule.code) if rule else edits.filter(what=What.REMOVED)
        raise StaleError(rule, edits.first())
    return rule
