"""Two versions of the rules side by side: what was added, removed and changed, with old and new values in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.templatetags.portal import money, percent
from modalities.models import RULE_KINDS, ActionType, CapRule, Parameter, Rule, RulesVersion
from modalities.reading import rules_of
from modalities.sentences import measured, plain, sentence
from modalities.services import values_of

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
LABELS = {
    ADDED: gettext_lazy("Added"),
    REMOVED: gettext_lazy("Removed"),
    CHANGED: gettext_lazy("Changed"),
}
# What a row rests on; changing it changes no verdict.
CITATION = {"published_on", "clause", "source", "is_verified", "note", "name_es", "name_en"}


@dataclass(frozen=True)
class Part:
    """One field of a rule that changed; values in words."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Difference:
    """One rule, or one action type, that two versions do not share. `old` and `new` are whole sentences."""

    kind: str
    kind_title: str
    code: str
    what: str
    old: str = ""
    new: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def label(self) -> str:
        return str(LABELS[self.what])

    @property
    def is_citation(self) -> bool:
        """Only what the rule rests on or how it is worded changed."""
        return self.what == CHANGED and all(part.field in CITATION for part in self.parts)


def compare(old: RulesVersion, new: RulesVersion) -> list[Difference]:
    """By kind and code, in the order of the rule book: two queries a kind, and the action types."""
    found = [*_head(old, new), *_types(old, new)]
    for kind in RULE_KINDS:
        found += _rules(kind, old, new)
    return found


def _rules(kind: type[Rule], old: RulesVersion, new: RulesVersion) -> Iterator[Difference]:
    before, after = ({row.code: row for row in rules_of(kind, side)} for side in (old, new))
    for code in sorted(before | after):
        was, now = before.get(code), after.get(code)
        shared: dict[str, Any] = {
            "kind": kind._meta.model_name,
            "kind_title": capfirst(kind._meta.verbose_name),
            "code": code,
        }
        if was is None:
            yield Difference(what=ADDED, new=sentence(now), **shared)
        elif now is None:
            yield Difference(what=REMOVED, old=sentence(was), **shared)
        elif parts := tuple(_parts(was, now)):
            yield Difference(what=CHANGED, old=sentence(was), new=sentence(now), parts=parts, **shared)


def _parts(was: Rule, now: Rule) -> Iterator[Part]:
    before, after = values_of(was), values_of(now)
    for name in before:
        if before[name] != after[name]:
            field = field_of(was, name)
            yield Part(name, str(capfirst(field.verbose_name)), in_words(was, field), in_words(now, field))


def field_of(row: models.Model, name: str) -> Any:
    return row._meta.get_field(name)


def in_words(row: models.Model, field: Any, value: Any = None) -> str:
    """A field's value as a reader knows it; `value` instead of the row's own. Nothing is a dash."""
    value = getattr(row, field.name) if value is None else value
    if field.many_to_many:
        return ", ".join(str(other) for other in (value if isinstance(value, list) else value.all())) or "—"
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DecimalField):
        return _amount(row, field.name, value)
    if isinstance(field, models.DateField):
        return date_format(value)
    return str(value)


def _amount(row: models.Model, name: str, value: Any) -> str:
    if isinstance(row, CapRule):
        return money(value)
    if name.endswith("_pct") or row._meta.model_name == "conductrule":
        return percent(value, 2).replace(".00", "")
    if isinstance(row, Parameter) and row.entry:
        return measured(value, row.entry.measure)
    return plain(value)


def _types(old: RulesVersion, new: RulesVersion) -> Iterator[Difference]:
    both = ActionType.objects.filter(rules_versions__in={old.pk, new.pk}).distinct().in_bulk()
    before, after = (set(side.action_types.values_list("pk", flat=True)) for side in (old, new))
    for code in sorted(before ^ after):
        words = f"{code} {both[code].name}"
        title = _("Action type of the year")
        if code in after:
            yield Difference("types", title, code, ADDED, new=words)
        else:
            yield Difference("types", title, code, REMOVED, old=words)


def _head(old: RulesVersion, new: RulesVersion) -> Iterator[Difference]:
    parts = []
    for name in ("source", "published_on", "workflow"):
        if getattr(old, name) != getattr(new, name):
            field = field_of(old, name)
            parts.append(Part(name, str(capfirst(field.verbose_name)), in_words(old, field), in_words(new, field)))
    if parts:
        yield Difference("head", _("The version itself"), "", CHANGED, old.source, new.source, tuple(parts))


def basis_of(version: RulesVersion, visible: Any) -> RulesVersion | None:
    """What a version is compared with where nobody chooses: the one in force of its year, or where it came from."""
    in_force = visible.in_force().filter(fiscal_year=version.fiscal_year_id).exclude(pk=version.pk).first()
    older = visible.filter(fiscal_year=version.fiscal_year_id, version__lt=version.version)
    return (
        (in_force if version.is_draft else None)
        or version.copied_from
        or in_force
        or older.exclude(status__in=["draft", "discarded"]).order_by(F("version").desc()).first()
    )
