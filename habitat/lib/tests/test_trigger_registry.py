"""Our index of pgtrigger's registry says what the library itself would find by looking at every trigger."""

import pytest
from pgtrigger import registry

from habitat.lib.trigger_registry import Indexed
from polygons.models import Polygon, State

Slow = registry._Registry


def looked_through(known: Indexed) -> tuple[dict, set]:
    return Slow.by_db_table.fget(known), Slow.pg_function_names.fget(known)


def test_it_is_in_use_and_knows_every_trigger():
    known = registry._registry
    assert isinstance(known, Indexed)
    assert len(known) > 500
    assert (known.by_db_table, known.pg_function_names) == looked_through(known)


def test_a_second_trigger_of_a_name_is_refused_and_one_taken_away_is_forgotten(monkeypatch):
    uri, (model, trigger) = next((uri, of) for uri, of in registry._registry.items() if of[0] is Polygon)
    monkeypatch.setattr(model._meta, "triggers", list(model._meta.triggers))
    monkeypatch.setitem(model._meta.original_attrs, "triggers", list(model._meta.original_attrs.get("triggers", [])))
    known = Indexed()
    monkeypatch.setattr(registry, "_registry", known)
    known[uri] = (model, trigger)
    known[uri] = (model, trigger)
    assert (known.by_db_table, known.pg_function_names) == looked_through(known)

    another = next(one for _model, one in [(State, one) for one in model._meta.triggers] if one != trigger)
    monkeypatch.setattr(another, "name", trigger.name)
    with pytest.raises(KeyError, match="already used"):
        known[uri] = (model, another)

    del known[uri]
    assert (known.by_db_table, known.pg_function_names) == ({}, set())
