"""Invented works in the invented nation: projects, actions, money and months of progress, by SQL over whole sets.

They are history, so nobody is notified. The tables' own triggers would look at every row of millions: they rest while
the rows go in, and the audit rows they would have left are written after them, set by set.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from habitat.accounts.models import Role, User
from habitat.accounts.services import open_account
from habitat.lib.progress import Progress
from modalities.models import FiscalYear, GeometryKind, LocationBasis, RulesVersion
from polygons.models import State
from projects import services
from projects.models import (
    Action,
    ActionBlock,
    Ceiling,
    Contribution,
    LedgerEntry,
    Letter,
    LetterKind,
    ProgressLine,
    ProgressReport,
    ProgressSpending,
    Project,
    StatusChange,
)
from projects.services.totals import rebuild_totals
from projects.workflow import MAIN_ROAD, Status, steps_of
from reports.universe import statements
from reports.universe.census import MASKED

PROJECTS = 50_000
ACTIONS_EACH = 2
# Of a hundred projects the first so many are of the earlier year, all of them executed; of the others so many are.
EARLIER, EXECUTED = 60, 60
# Months of progress told of a work of the earlier year, and of one of the later: 1.2 million lines in all.
MONTHS = (16, 10)
# Of a hundred polygons so many never got anything; of a hundred projects so many lie outside of polygons.
FORGOTTEN, OUTSIDE = 20, 12
APPROVED, IN_EXECUTION, FINISHED = (
    MAIN_ROAD.index(status) for status in (Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED)
)
# Audited table -> the temporary table that names its new rows.
AUDITED: dict[type[Model], str] = {Project: "work", Action: "item", Contribution: "item", ProgressReport: "told"}
LOADED = (*AUDITED, ProgressLine, ProgressSpending)


@dataclass(frozen=True)
class Written:
    projects: int
    actions: int
    lines: int = 0


def write_works(scale: float, *, with_progress: bool, progress: Progress, at: dt.datetime | None = None) -> Written:
    """100,000 actions times the scale, and where asked for 1.2 million progress lines, in one transaction.

    Months of progress end with October of the later year: this one from November on, else the last.
    """
    at = timezone.localtime(at)
    year = at.year if at.month > 10 else at.year - 1
    call_command("import_catalogue", verbosity=0, stdout=_Silent())
    call_command("import_rules", year=year, verbosity=0, stdout=_Silent())
    count = max(round(PROJECTS * scale / 100), 1) * 100
    with transaction.atomic(), connection.cursor() as cursor:
        parameters = _parameters(count, year)
        parts = [*statements.WORKS, *(statements.PROGRESS if with_progress else ())]
        with _triggers_at_rest(cursor):
            for statement in progress.over(parts, "works", len(parts)):
                cursor.execute(statement, parameters)
            for model, made in AUDITED.items():
                if with_progress or made != "told":
                    cursor.execute(_audit_rows(model, made))
        for statement in (statements.AGREEMENTS, *statements.CEILINGS):
            cursor.execute(statement, parameters)
        _authorise_subsidies(year)
        # Their triggers rested.
        rebuild_totals(progress)
        for model in (*LOADED, LedgerEntry, StatusChange, ActionBlock):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
    return Written(count, count * ACTIONS_EACH, _lines(count) if with_progress else 0)


@contextmanager
def _triggers_at_rest(cursor: Any) -> Iterator[None]:
    tables = [model._meta.db_table for model in LOADED]
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    # A table cannot be altered while foreign keys wait to be checked.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _audit_rows(model: type[Model], made: str) -> str:
    """What the history trigger writes on INSERT, for all rows named in the temporary table `made`."""
    table, event = model._meta.db_table, apps.get_model(model._meta.app_label, f"{model.__name__}Event")
    kept = {field.column for field in event._meta.fields}
    columns = ", ".join(field.column for field in model._meta.fields if field.column in kept)
    named = "action_id IN (SELECT id FROM item)" if model is Contribution else f"id IN (SELECT id FROM {made})"
    return (
        f"INSERT INTO {event._meta.db_table} (pgh_created_at, pgh_label, pgh_obj_id, {columns})"
        f" SELECT statement_timestamp(), 'insert', id, {columns} FROM {table} WHERE {named} ORDER BY id"
    )


class _Silent:
    def write(self, text: str) -> None:
        """What the commands say belongs to those who run them by hand."""


def _lines(projects: int) -> int:
    earlier = projects * EARLIER // 100
    later = (projects - earlier) * EXECUTED // 100
    return ACTIONS_EACH * (earlier * MONTHS[0] + later * MONTHS[1])


def _parameters(count: int, year: int) -> dict[str, Any]:
    rules = {version.fiscal_year_id: version for version in RulesVersion.objects.in_force()}
    taken = {
        (move.source, move.target): step.name for step in steps_of(rules[year].workflow).values() for move in step.moves
    }
    return {
        "vintage": MASKED, "forgotten": FORGOTTEN, "outside": OUTSIDE, "earlier": EARLIER, "executed": EXECUTED,
        "projects": count, "year": year, "earlier_rules": rules[year - 1].pk, "later_rules": rules[year].pk,
        "road": [status.value for status in MAIN_ROAD], "steps": [taken[pair] for pair in pairwise(MAIN_ROAD)],
        "by": _recorder(dt.date(year - 1, 1, 1)).pk, "approved": APPROVED, "running": IN_EXECUTION,
        "finished": FINISHED, "months_earlier": MONTHS[0], "months_later": MONTHS[1],
        "nowhere": GeometryKind.NONE.value, "point": GeometryKind.POINT.value, "line": GeometryKind.LINE.value,
        "unbound": [LocationBasis.NONE.value, LocationBasis.MUNICIPALITY_WIDE.value],
    }  # fmt: skip


def _authorise_subsidies(year: int) -> None:
    """The letter that comes before a state's authorised works; a worker makes the files, as of any letter."""
    for budget in FiscalYear.objects.filter(pk__in=(year - 1, year)):
        standing = Letter.objects.filter(kind=LetterKind.SUBSIDY, fiscal_year=budget).standing()
        ceilings = Ceiling.objects.filter(fiscal_year=budget, municipality=None, modality=None)
        for state in State.objects.filter(pk__in=ceilings.values("state")).exclude(pk__in=standing.values("state")):
            services.issue_letter(
                LetterKind.SUBSIDY,
                by=program_unit(dt.date(year - 1, 1, 1)),
                state=state,
                fiscal_year=budget,
                addressee="Titular inventado",
                post="Titular inventado",
                at=timezone.make_aware(dt.datetime(budget.pk, 1, 20, 12)),
            )


def program_unit(valid_from: dt.date) -> User:
    """Who signs the invented letters: a manager without a password."""
    return _account("unidad@universe.habitat.example", Role.MANAGER, "Unidad inventada", valid_from)


def _recorder(valid_from: dt.date) -> User:
    """Whose name stands on what was invented: an auditor without a password."""
    return _account("registro@universe.habitat.example", Role.AUDITOR, "Registro inventado", valid_from)


def _account(email: str, role: Role, name: str, valid_from: dt.date) -> User:
    known = User.objects.filter(email=email).first()
    return known or open_account(email, None, role=role, name=name, is_national=True, valid_from=valid_from)
