"""A table's cells as data: numbers, days and words without markup."""

import datetime as dt
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

import django_tables2 as tables
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_tables2.columns import BoundColumn
from django_tables2.rows import BoundRow

from habitat.lib.templatetags.portal import money, number, percent

# A column is of one of these kinds from its first row to its last; `year` and keys are written without grouping.
KINDS = ("text", "year", "count", "number", "degrees", "money", "percent", "date", "moment")
FIGURES = ("year", "count", "number", "degrees", "money", "percent")
NUMBER = {"cell": {"class": "num"}}
AT_ONCE = 1_000
TAG = re.compile(r"<[^>]+>")


class Value(tables.Column):
    """A column that writes its kind alike on every page. `is_detail`: in files, and on the page once it is chosen."""

    def __init__(self, kind: str = "text", *, is_detail: bool = False, **kwargs: Any) -> None:
        self.kind = kind
        if kind in FIGURES:
            kwargs.setdefault("attrs", NUMBER)
        super().__init__(visible=not is_detail, **kwargs)

    def render(self, value: Any) -> Any:
        match self.kind:
            case "money":
                return money(value)
            case "percent":
                return percent(value, 1)
            case "count":
                return number(value)
            case "number":
                return number(value, 2)
            case "degrees":
                return number(value, 6)
            case "year":
                return str(value)
            case "date":
                return date_format(value, "SHORT_DATE_FORMAT")
            case "moment":
                return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        return _words(value)


def detail(label: Any, accessor: str | None = None, kind: str = "text") -> Value:
    """What files have and a page shows only when it is chosen; without an accessor the table has `value_<name>`."""
    return Detail(kind, is_detail=True, verbose_name=label, accessor=accessor, orderable=False, default="")


class Detail(Value):
    """Shows on the page what the table's `value_<name>` says, where there is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_values=() if kwargs["accessor"] is None else (None, ""), **kwargs)

    # The library hands over what the signature names.
    def render(  # type: ignore[override]
        self, value: Any, record: Any, bound_column: BoundColumn, table: tables.Table
    ) -> Any:
        said = value_of(table, bound_column.name)
        shown = said(record) if said else value
        return "" if shown is None else super().render(shown)


def columns_of(table: tables.Table) -> list[BoundColumn]:
    """Those that say something; a box to tick or a button is no data."""
    return [column for column in table.columns.iterall() if not column.column.exclude_from_export]


def kind_of(table: tables.Table, bound: BoundColumn) -> str:
    """As the column says, else as the model's field is."""
    said = getattr(bound.column, "kind", "")
    if said:
        return str(said)
    if isinstance(bound.column, tables.DateColumn):
        return "moment" if isinstance(bound.column, tables.DateTimeColumn) else "date"
    return _kind_of_field(_field(table, bound))


def _field(table: tables.Table, bound: BoundColumn) -> Any:
    model = table._meta.model
    if model is None:
        return None
    try:
        field = bound.accessor.get_field(model)
    except (FieldDoesNotExist, AttributeError):
        return None
    # `municipality_id` is the key itself, `municipality` the row it stands for.
    return field.target_field if field is not None and bound.accessor.bits[-1] == field.attname != field.name else field


def _kind_of_field(field: Any) -> str:
    if field is None or field.is_relation or getattr(field, "choices", None):
        return "text"
    if isinstance(field, models.DateTimeField):
        return "moment"
    if isinstance(field, models.DateField):
        return "date"
    if isinstance(field, models.DecimalField | models.FloatField):
        return "number"
    if isinstance(field, models.IntegerField):
        return "year" if field.name == "year" else "count"
    return "text"


def value_of(table: tables.Table, name: str) -> Callable[[Any], Any] | None:
    return getattr(table, f"value_{name}", None)


def reader(table: tables.Table, bound: BoundColumn) -> Callable[[Any], Any]:
    """Record → cell. What a table draws itself is read as it stands on the page, unless `value_<name>` says it."""
    kind, said = kind_of(table, bound), value_of(table, bound.name)
    if said:
        return lambda record: _typed(said(record), kind)
    # A badge says the words of its choice, which need not be drawn first.
    if kind == "text" and _is_drawn(table, bound) and not getattr(_field(table, bound), "choices", None):
        return lambda record: plain(BoundRow(record, table=table).get_cell(bound.name))
    resolve = _resolver(bound)
    return lambda record: _typed(resolve(record), kind)


def _is_drawn(table: tables.Table, bound: BoundColumn) -> bool:
    own = type(bound.column).render
    return hasattr(table, f"render_{bound.name}") or own not in (tables.Column.render, Value.render, Detail.render)


def _resolver(bound: BoundColumn) -> Callable[[Any], Any]:
    """Record → the accessor's value; of a field with choices, the words.

    The library finds its way anew in each cell, and a choice is translated anew. Here both are known after the first
    row; what is no plain attribute, such as a method or what is missing, is left to the library.
    """
    *path, name = bound.accessor.bits
    holder_of = attrgetter(".".join(path)) if path else lambda record: record
    words: dict[type, dict[Any, str]] = {}

    def resolve(record: Any) -> Any:
        try:
            holder = holder_of(record)
            value = getattr(holder, name)
        except (AttributeError, ObjectDoesNotExist):
            return bound.accessor.resolve(record, quiet=True)
        if callable(value):
            return bound.accessor.resolve(record, quiet=True)
        kind = type(holder)
        if kind not in words:
            words[kind] = _choices(kind, name)
        return words[kind].get(value, value) if words[kind] else value

    return resolve


def _choices(holder: type, name: str) -> dict[Any, str]:
    """Value → words, in the reader's language, of a model's field with choices; empty for what has none."""
    if not hasattr(holder, f"get_{name}_display"):
        return {}
    return {value: str(label) for value, label in holder._meta.get_field(name).flatchoices}  # type: ignore[attr-defined]


def _typed(value: Any, kind: str) -> Any:
    if value is None or value == "":
        return None
    match kind:
        case "text":
            return _words(value)
        case "year" | "count":
            return int(value)
        case "money" | "number" | "degrees" | "percent":
            return value if isinstance(value, int | float | Decimal) else Decimal(value)
        case "date":
            return timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def plain(drawn: Any) -> str | None:
    """What a cell says once its markup is gone; None for the mark of a missing value."""
    words = " ".join(html.unescape(TAG.sub(" ", str(drawn))).split())
    return None if not words or words.startswith("—") else words


def join(table: tables.Table, columns: Iterable[BoundColumn]) -> None:
    """Rows come with what these columns are read from: a page's own query has only what it usually shows."""
    rows = getattr(table.data, "data", None)
    if isinstance(rows, models.QuerySet) and table._meta.model is not None:
        paths = {path for column in columns if (path := _relations(table._meta.model, column.accessor.bits))}
        paths |= set(getattr(table, "related", ()))
        # Without a name, select_related would follow every relation instead of those the page asked for.
        table.data.data = rows.select_related(*sorted(paths)) if paths else rows


def _relations(model: Any, bits: Sequence[str]) -> str:
    """The foreign keys that an accessor goes through: `project__municipality` of `project__municipality__name`."""
    path: list[str] = []
    for bit in bits:
        try:
            field = model._meta.get_field(bit)
        except FieldDoesNotExist:
            break
        if not (field.many_to_one or field.one_to_one) or bit != field.name:
            break
        path.append(bit)
        model = field.related_model
    return "__".join(path)


def records_of(table: tables.Table, columns: Iterable[BoundColumn], expression: Any = None) -> Iterator[Any]:
    """Every row in the table's order, read in pieces; `expression` goes along as `list_shape`."""
    join(table, columns)
    rows = getattr(table.data, "data", None)
    if not isinstance(rows, models.QuerySet):
        yield from table.data
        return
    if expression is not None:
        rows = rows.annotate(list_shape=expression)
    yield from rows.iterator(chunk_size=AT_ONCE)
