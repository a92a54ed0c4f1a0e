"""Whether the history that triggers write is whole: they are there and on, and its last word is the row as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection
from pghistory.models import Event

# Keys that a fault names, at most.
MOST = 20


@dataclass(frozen=True)
class Fault:
    """`about` is a table or a trigger of one; `rows` are keys."""

    about: str
    says: str
    rows: tuple[str, ...] = ()


def faults() -> Iterator[Fault]:
    """Every fault of every audited table, then of every trigger of ours."""
    for kept, events in audited_models():
        yield from _of(kept, events)
    for model, trigger in pgtrigger.registered():
        status, is_enabled = trigger.get_installation_status(model)
        if not is_enabled:
            says = "gone" if status == "UNINSTALLED" else "switched off"
            yield Fault(f"{model._meta.db_table}.{trigger.name}", f"the trigger is {says}")


def audited_models() -> list[tuple[Any, Any]]:
    """(model, the model of its history) each."""
    known: list[Any] = [model for model in apps.get_models() if issubclass(model, Event)]
    return [(model.pgh_tracked_model, model) for model in known if model.pgh_tracked_model]


def _of(kept: Any, events: Any) -> Iterator[Fault]:
    quote = connection.ops.quote_name
    table, history, key = quote(kept._meta.db_table), quote(events._meta.db_table), f"t.{quote(kept._meta.pk.column)}"
    last = f"SELECT DISTINCT ON (pgh_obj_id) * FROM {history} ORDER BY pgh_obj_id, pgh_id DESC"
    differ = " OR ".join(f"t.{name}::text IS DISTINCT FROM h.{name}::text" for name in _columns(kept, events))
    for says, where in (
        ("rows without history", "h.pgh_id IS NULL"),
        ("rows other than their history's last word", f"{key} IS NOT NULL AND h.pgh_id IS NOT NULL AND ({differ})"),
        ("rows gone without a word", f"{key} IS NULL AND h.pgh_label <> 'delete'"),
        ("rows that stand although deleted", f"{key} IS NOT NULL AND h.pgh_label = 'delete'"),
    ):
        rows = _first(
            f"SELECT coalesce({key}, h.pgh_obj_id)::text FROM {table} t"
            f" FULL JOIN ({last}) h ON h.pgh_obj_id = {key} WHERE {where} ORDER BY 1 LIMIT {MOST}"
        )
        if rows:
            yield Fault(kept._meta.db_table, says, rows)


def _columns(kept: Any, events: Any) -> list[str]:
    """Of both, quoted."""
    of_history = {field.column for field in events._meta.concrete_fields}
    shared = (field.column for field in kept._meta.concrete_fields if field.column in of_history)
    return [connection.ops.quote_name(column) for column in shared]


def _first(sql: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(key for (key,) in cursor.fetchall())
