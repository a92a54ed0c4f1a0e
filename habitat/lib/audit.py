"""What every table that people write carries: a history by trigger, a moment of change, and tombstones."""

from collections.abc import Callable
from typing import TypeVar

import pghistory
import pgtrigger
from django.contrib.gis.db.models import GeometryField
from django.db import models

M = TypeVar("M", bound=type[models.Model])


class Change(pgtrigger.AnyChange):
    """If any of the fields changes; geometries are compared as bytes.

    A dump cannot say of which schema an operator is that `IS DISTINCT FROM` uses, so that a trigger which compares
    PostGIS's own type in it cannot be restored, nor carried to the next PostgreSQL by pg_upgrade.
    """

    def resolve(self, model: type[models.Model]) -> str:
        words = super().resolve(model)
        for field in model._meta.fields:
            if isinstance(field, GeometryField):
                for row in ("OLD", "NEW"):
                    words = words.replace(f'{row}."{field.column}"', f'{row}."{field.column}"::bytea')
        return words


def audited(*, exclude: tuple[str, ...] = ()) -> Callable[[M], M]:
    """Record each insert, update and delete in `<Model>Event` by trigger, raw SQL and COPY included."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=Change()),
        pghistory.DeleteEvent(),
        append_only=True,
        exclude=list(exclude),
        meta={"triggers": [never_emptied()]},
    )


def touch() -> pgtrigger.Trigger:
    """`updated_at` follows every real change of a row, whoever makes it."""
    return pgtrigger.Trigger(
        name="touch",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.AnyChange(),
        func="NEW.updated_at = clock_timestamp(); RETURN NEW;",
    )


def tombstone(resource: str, table: str, municipality: str) -> pgtrigger.Trigger:
    """A deleted public record leaves its `public_id` and place in `table`.

    `municipality` is SQL over OLD that gives the municipality's code, or NULL.
    """
    return pgtrigger.Trigger(
        name="tombstone",
        operation=pgtrigger.Delete,
        when=pgtrigger.After,
        func=f"""
            INSERT INTO {table} (resource, public_id, municipality_code, deleted_at)
            VALUES ('{resource}', OLD.public_id, ({municipality}), clock_timestamp());
            RETURN NULL;
        """,
    )


def append_only() -> list[pgtrigger.Trigger]:
    """Rows are added, never changed or removed; a mistake is mended by a further row."""
    return [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete), never_emptied()]


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE asks no trigger of rows: it is refused by itself, also where it comes by CASCADE."""
    return pgtrigger.Trigger(
        name="never_emptied",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';",
    )
