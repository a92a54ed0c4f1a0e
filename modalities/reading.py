"""What the pages and files about rules show: the rows of a version in groups, with their words."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.text import capfirst

from modalities.models import (
    RULE_KINDS,
    ActionType,
    CapRule,
    EligibilityCriterion,
    Parameter,
    RequiredAt,
    RequiredDocument,
    Rule,
    RulesVersion,
    ShareRule,
)
from modalities.parameters import CATALOGUE
from modalities.sentences import sentence

ORDER = {step: place for place, step in enumerate(["", *RequiredAt.values])}


@dataclass(frozen=True)
class Line:
    """One rule as a reader sees it."""

    rule: Rule

    @cached_property
    def words(self) -> str:
        return sentence(self.rule)


@dataclass(frozen=True)
class Group:
    """The rules of one kind; `id` is the anchor and the name in files."""

    id: str
    title: str
    lines: list[Line]

    @property
    def unknown(self) -> int:
        """Caps that nobody could give an amount."""
        return sum(1 for line in self.lines if isinstance(line.rule, CapRule) and line.rule.amount is None)


def groups(version: RulesVersion) -> list[Group]:
    """Every rule of a version: one query a kind, and one for the exempt strands."""
    return [_group(kind, rules_of(kind, version)) for kind in RULE_KINDS]


def groups_for(action_type: ActionType, version: RulesVersion) -> list[Group]:
    """The shares, caps and papers that touch one action type."""
    return [
        _group(kind, rows_of(kind).filter(rules=version).of_type(action_type))
        for kind in (ShareRule, CapRule, RequiredDocument)
    ]


def rows_of(kind: type[Rule]) -> QuerySet:
    rows = kind.objects.with_names()
    return rows.prefetch_related("exempt_strands") if kind is EligibilityCriterion else rows


def rules_of(kind: type[Rule], version: RulesVersion) -> list[Rule]:
    """The rows a version goes by: one query, two for criteria."""
    rows = list(rows_of(kind).filter(rules=version))
    return [*rows, *working_values(version, rows)] if kind is Parameter else rows


def working_values(version: RulesVersion, rows: Iterable[Parameter]) -> list[Parameter]:
    """Unsaved rows of the parameters a version does not name."""
    named = {row.code for row in rows}
    return [
        Parameter(
            rules=version, code=code, value=entry.value, clause=entry.clause, source=entry.source, note=entry.note
        )
        for code, entry in CATALOGUE.items()
        if code not in named
    ]


def _group(kind: type[Rule], rows: Iterable[Rule]) -> Group:
    lines = [Line(row) for row in sorted(rows, key=lambda row: ORDER[row.required_at])]
    return Group(kind._meta.model_name or "", capfirst(kind._meta.verbose_name_plural), lines)


def by_line(types: QuerySet[ActionType]) -> list[tuple[object, list[ActionType]]]:
    """Action types under their action line, in the catalogue's order."""
    return [(line, list(rows)) for line, rows in groupby(in_order(types), key=lambda row: row.line)]


def in_order(types: QuerySet[ActionType]) -> QuerySet[ActionType]:
    """The catalogue's own order, with line and modality."""
    return types.select_related("line", "modality").order_by("modality__position", "line__position", "position")
