"""For each trigger it learns, pgtrigger goes through all that it knows; this remembers what it looks for.

With our 760 triggers that took 1.2 s of CPU at the start of every process, of 2.8 s for `django.setup()`.
"""

from typing import Any

from django.db.models import Model
from pgtrigger import Trigger, registry


class Indexed(registry._Registry):
    """The same checks, on lists that grow with it."""

    def __init__(self) -> None:
        self._of_table: dict[tuple[str, str | None], Trigger] = {}
        self._functions: set[str] = set()
        super().__init__()

    @property
    def by_db_table(self) -> dict[tuple[str, str | None], Trigger]:
        return self._of_table

    @property
    def pg_function_names(self) -> set[str]:
        return self._functions

    def __setitem__(self, uri: str, value: tuple[Model, Trigger]) -> None:
        super().__setitem__(uri, value)
        model, trigger = value
        self._of_table[model._meta.db_table, trigger.name] = trigger
        self._functions.add(trigger.get_pgid(model))

    def __delitem__(self, uri: str) -> None:
        super().__delitem__(uri)
        # Another model of the same table may have the same trigger.
        self._of_table, self._functions = super().by_db_table, super().pg_function_names


def use() -> None:
    """Before the first model is imported: afterwards it would forget triggers."""
    known: Any = registry._registry
    if not isinstance(known, Indexed):
        if known:
            raise RuntimeError("Triggers were registered before habitat.apps was imported.")
        registry._registry = Indexed()
