"""Pages by key: the cursor names the last row seen, so that no page repeats or loses rows while data change."""

import base64
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

PAGE = 100
LARGEST_PAGE = 1000
COUNT_KEPT_S = 24 * 60 * 60
PARAMETERS = {"cursor", "limit", "ordering"}


@dataclass(frozen=True)
class Cursor:
    """The last row seen, by `ordering` ("-updated_at") and key, and how many rows the walk has in all."""

    ordering: str
    value: str
    pk: str
    count: int

    def __str__(self) -> str:
        text = json.dumps([self.ordering, self.value, self.pk, self.count])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for what we did not write ourselves."""
        ordering, value, pk, count = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not all(isinstance(part, str) and "\0" not in part for part in (ordering, value, pk)):
            raise ValueError("a cursor's key is text")
        return cls(ordering, value, pk, int(count))

    def rows_after(self, queryset: QuerySet) -> QuerySet:
        field = self.ordering.removeprefix("-")
        beyond = "lt" if self.ordering.startswith("-") else "gt"
        tie = Q(**{field: self.value, f"pk__{beyond}": self.pk})
        # The first condition says the same as the second, in the form an index understands.
        return queryset.filter(**{f"{field}__{beyond}e": self.value}).filter(
            Q(**{f"{field}__{beyond}": self.value}) | tie
        )


def _as_text(value: Any) -> str:
    """Times keep their microseconds: rounding them would lose rows."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _count(queryset: QuerySet, view: Any) -> int:
    """Counted once for a query and state of the data. The query is the key: it says filters and territory alike."""
    version = view.data_version
    if not version:
        return queryset.count()
    try:
        query = str(queryset.order_by().values("pk").query.sql_with_params())
    except EmptyResultSet:
        return 0
    key = f"count-{hashlib.sha256(f'{version} {query}'.encode()).hexdigest()}"
    count = cache.get(key)
    if count is None:
        count = queryset.count()
        cache.set(key, count, COUNT_KEPT_S)
    return count


class KeysetPagination(BasePagination):
    """Forward pages of `limit` rows, ordered by one column of the view's `orderings` and then by primary key.

    Those columns are never NULL. The count is taken once, on the first page, and travels in the cursor.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        cursor = self._cursor()
        ordering, limit = self._ordering(view, cursor), self._limit()
        self.is_first = cursor is None
        self.count = cursor.count if cursor else _count(queryset, view)
        pk = "-pk" if ordering.startswith("-") else "pk"
        try:
            rows = list((cursor.rows_after(queryset) if cursor else queryset).order_by(ordering, pk)[: limit + 1])
        except (TypeError, ValueError, LookupError) as error:
            raise self._not_a_cursor() from error
        self.next = self._link(rows[limit - 1], ordering) if len(rows) > limit else None
        return rows[:limit]

    def ordered_by(self, request: Request, view: Any) -> str:
        """The column besides the key by which paginate_queryset() will order."""
        self.request = request
        return self._ordering(view, self._cursor()).removeprefix("-")

    def _link(self, last: Any, ordering: str) -> str:
        value = _as_text(getattr(last, ordering.removeprefix("-")))
        cursor = Cursor(ordering, value, str(last.pk), self.count)
        return replace_query_param(self.request.build_absolute_uri(), "cursor", str(cursor))

    def _cursor(self) -> Cursor | None:
        text = self.request.query_params.get("cursor")
        if not text:
            return None
        try:
            return Cursor.parse(text)
        except (ValueError, TypeError) as error:
            raise self._not_a_cursor() from error

    def _not_a_cursor(self) -> ValidationError:
        return ValidationError({"cursor": [_("Not a cursor of this list.")]})

    def _ordering(self, view: Any, cursor: Cursor | None) -> str:
        ordering = self.request.query_params.get("ordering") or (cursor.ordering if cursor else view.orderings[0])
        if ordering.removeprefix("-") not in {name.removeprefix("-") for name in view.orderings}:
            raise ValidationError({"ordering": [_("Not one of the orderings of this list.")]})
        if cursor and cursor.ordering != ordering:
            raise self._not_a_cursor()
        return ordering

    def _limit(self) -> int:
        text = self.request.query_params.get("limit") or str(PAGE)
        if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LARGEST_PAGE):
            raise ValidationError({"limit": [_("A whole number from 1 to %(largest)s.") % {"largest": LARGEST_PAGE}]})
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"count": self.count, "next": self.next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "next", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "description": gettext_lazy("Rows in all, when the first page was read."),
                    "example": 4213,
                },
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "example": "https://example.org/…&cursor=WyJjb2Rl",
                },
                "results": schema,
                "deleted": {
                    "type": "array",
                    "example": [],
                    "description": gettext_lazy("With updated_since, on the first page: what is gone since then."),
                    "items": {
                        "type": "object",
                        "required": ["id", "deleted_at"],
                        "properties": {
                            "id": {"type": "string", "format": "uuid"},
                            "deleted_at": {"type": "string", "format": "date-time"},
                        },
                    },
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        ways = [way for name in view.orderings for way in (name, name[1:] if name.startswith("-") else f"-{name}")]
        return [
            _parameter("cursor", gettext_lazy("From the `next` of the page before."), {"type": "string"}),
            _parameter(
                "limit",
                gettext_lazy("Rows on a page."),
                {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE},
            ),
            _parameter(
                "ordering",
                gettext_lazy("Column to order by; the primary key comes after it."),
                {"type": "string", "enum": ways, "default": view.orderings[0]},
            ),
        ]


def _parameter(name: str, description: Any, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
