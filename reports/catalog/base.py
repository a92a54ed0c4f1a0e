"""What every report of the catalogue is made of: one SQL statement a sheet, under columns with definitions."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports.catalog import facts
from reports.catalog.columns import Column
from reports.periods import Period, midnight_after
from reports.scopes import Scope


@dataclass(frozen=True)
class Question:
    """What a report answers: of a place, a period, as the portal knew it at a moment."""

    scope: Scope
    period: Period
    as_at: dt.datetime
    is_english: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "state": self.scope.state and self.scope.state.pk,
            "municipality": self.scope.municipality and self.scope.municipality.pk,
            "polygon": self.scope.polygon and self.scope.polygon.pk,
            "year": self.period.year,
            "first_day": self.period.first_day,
            "last_day": self.period.last_day,
            "as_at": self.as_at,
            "until": min(self.as_at, midnight_after(self.period.last_day)),
            "is_english": self.is_english,
        }


class Sheet:
    """One table. `body()` selects all columns by name, and what `order` asks besides; it reads `facts` and `money`."""

    # The first sheet of a report has no name of its own: it is the report.
    name: ClassVar[str] = ""
    title: ClassVar[Promise]
    columns: ClassVar[tuple[Column, ...]]
    facts: ClassVar[tuple[str, ...]] = ("works",)
    # Columns of the body, as SQL; ends with what is unique.
    order: ClassVar[str]
    # Columns that name a row, for comparing two moments.
    key: ClassVar[tuple[str, ...]]
    # The summary adds up by these, and shows of each group the summed columns named in `shown`.
    groups: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[tuple[str, ...]] = ()

    def body(self) -> str:
        raise LookupError(type(self).__name__)

    def sql(self) -> str:
        """One statement, so that every file tells of the same moment; `Question.parameters` go with it."""
        names = ", ".join(column.name for column in self.columns)
        return (
            f"WITH {facts.with_facts(self.facts, self.ledger)}"
            f" SELECT row_number() OVER (ORDER BY {self.order}) AS n, {names} FROM ({self.body()}) AS body"
        )

    @property
    def ledger(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.moment)

    @property
    def summed(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_summed)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


class Topic(TextChoices):
    """What reports are for; the catalogue's page is grouped by it."""

    PROGRESS = "progress", _("Follow-up of works")
    FEDERATION = "federation", _("Reports to the Federation")
    PEOPLE = "people", _("People and participation")
    PLACES = "places", _("Places and coverage")
    CONTROL = "control", _("Control and quality")


class Kind(Sheet):
    """A report of the catalogue: its own first sheet, and `more` of them."""

    kind: ClassVar[str]
    topic: ClassVar[Topic]
    purpose: ClassVar[Promise]
    basis: ClassVar[Promise]
    # Whether somebody held the basis against its source; domain report, sections 5 and 6.
    is_verified: ClassVar[bool] = False
    period: ClassVar[type[Period]]
    more: ClassVar[tuple[Sheet, ...]] = ()

    @property
    def period_noun(self) -> Promise:
        """For templates, which would call the class."""
        return self.period.noun

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self, *self.more)


def labels(column: str, choices: type[TextChoices]) -> str:
    """SQL: a stored choice as its words in the active language."""
    cases = " ".join(f"WHEN {quoted(value)} THEN {quoted(label)}" for value, label in choices.choices)
    return f"CASE {column} {cases} ELSE {column} END"


def quoted(text: object) -> str:
    """A literal for a statement that takes parameters."""
    return "'" + str(text).replace("'", "''").replace("%", "%%") + "'"


def yes_no(condition: str) -> str:
    """SQL: a condition as a word in the active language."""
    return f"CASE WHEN {condition} THEN {quoted(gettext('Yes'))} ELSE {quoted(gettext('No'))} END"


def summed_up(prefix: str, columns: Iterable[Column]) -> str:
    return ", ".join(f"coalesce(sum({prefix}.{column.name}), 0.00) AS {column.name}" for column in columns)


def listed(prefix: str, columns: Iterable[Column]) -> str:
    return ", ".join(f"{prefix}.{column.name}" for column in columns)
