"""A list stated once, and the page and the files that are drawn from it."""

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import django_tables2 as tables
from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from habitat.lib.lists.cells import columns_of, join
from habitat.lib.lists.files import CONTENT_TYPES, LABELS, Sheet, csv_pieces, formats_of, write

# Above so many rows a file is made in the background, so that no web worker is held for long.
AT_ONCE = 5_000
CHOSEN, FORM = "columns", "format"


@dataclass
class Listing:
    """What a view says of its list. A table's `begins` says how the first row comes about.

    `name` is the file's; `filter` a FilterSet or a form whose words the file repeats, `words` more of them; `context`
    is asked for the page alone.
    """

    table: tables.Table
    name: str
    template: str
    filter: Any = None
    context: Callable[[], dict[str, Any]] = dict
    per_page: int = 50
    words: Sequence[tuple[Any, Any]] = ()
    status: int = 200
    # The page draws its rows by itself: there are no columns to choose.
    is_fixed: bool = False
    # Set when the address is read: it without page and format, and the columns it names.
    address: str = field(default="", init=False)
    chosen: frozenset[str] = field(default=frozenset(), init=False)

    @property
    def title(self) -> str:
        return str(self.table.attrs.get("caption") or self.name)

    @property
    def count(self) -> int:
        rows = getattr(self.table.data, "data", None)
        # Before a table has pages the library would read every row to count them.
        if isinstance(rows, QuerySet) and not hasattr(self.table, "paginator"):
            return rows.count()
        return len(self.table.data)

    def formats_for(self, user: Any) -> list[str]:
        """Whoever has no account gets no file made in the background; CSV is sent as it is read."""
        return formats_of(self.table) if user.is_authenticated or self.count <= AT_ONCE else ["csv"]


def listed(build: Callable[..., Listing | HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view from a function that answers with a `Listing`, or with a response where there is no list to show."""

    @wraps(build)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        listing = build(request, *args, **kwargs)
        if not isinstance(listing, Listing):
            return listing
        _configure(request, listing)
        form = request.GET.get(FORM, "")
        if form in formats_of(listing.table) and request.method in ("GET", "HEAD"):
            return _file(request, listing, form)
        return _page(request, listing)

    view.listing = build  # type: ignore[attr-defined]
    return view


def listing_at(address: str, user: Any) -> Listing:
    """The list at an address as this person sees it now. Raises Http404 and PermissionDenied as its page does."""
    parts = urlsplit(address)
    found = resolve(parts.path)
    if parts.netloc or not hasattr(found.func, "listing"):
        raise Http404
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", parts.path, parts.path
    request.GET, request.user, request.resolver_match = QueryDict(parts.query), user, found
    listing = found.func.listing(request, *found.args, **found.kwargs)
    if not isinstance(listing, Listing):
        raise Http404
    _configure(request, listing)
    return listing


def _configure(request: HttpRequest, listing: Listing) -> None:
    """Order and chosen columns, as the address says."""
    columns = columns_of(listing.table)
    listing.address = address_of(request)
    listing.chosen = frozenset(request.GET.getlist(CHOSEN)) & {column.name for column in columns}
    for column in columns if listing.chosen else ():
        column.column.visible = column.name in listing.chosen
    if listing.chosen:
        join(listing.table, [column for column in columns if column.visible])
    RequestConfig(request, paginate=False).configure(listing.table)


def address_of(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name in (FORM, "page", "per_page"):
        query.pop(name, None)
    query.update(changes)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def sheet_of(listing: Listing, user: Any, at: dt.datetime) -> Sheet:
    """With chosen columns those, else every one that the list has."""
    columns = [one for one in columns_of(listing.table) if not listing.chosen or one.name in listing.chosen]
    by = str(user) if user.is_authenticated else _("Public")
    about = [
        *words_of(listing),
        (_("Order"), _order(listing)),
        (_("Data of"), date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")),
        (_("Asked by"), f"{by}, {user.territory_name}" if user.is_authenticated else by),
        (_("Source"), f"{settings.PUBLIC_URL}{listing.address}"),
    ]
    return Sheet(listing.name, listing.title, listing.table, columns, about, by, at)


def words_of(listing: Listing) -> list[tuple[str, str]]:
    """The filters in force, each with its value as the page says it."""
    form = getattr(listing.filter, "form", listing.filter)
    said = [(str(label), _in_words(value)) for label, value in listing.words]
    for name, bound in getattr(form, "fields", {}).items() if form is not None and form.is_bound else ():
        value = getattr(form, "cleaned_data", {}).get(name)
        if value not in (None, "", False) and not (isinstance(value, QuerySet | list) and not value):
            said.append((str(bound.label or name), _in_words(_display(bound, value))))
    return said or [(_("Filters"), _("No filter"))]


def _display(bound: Any, value: Any) -> Any:
    choices = getattr(bound, "choices", None)
    if choices is None or isinstance(value, Model | QuerySet):
        return value
    if isinstance(value, list | tuple):
        return [_display(bound, one) for one in value]
    return next((label for key, label in choices if str(key) == str(value)), value)


def _in_words(value: Any) -> str:
    if value is True:
        return _("Yes")
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dt.date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value)


def _order(listing: Listing) -> str:
    said = []
    for alias in listing.table.order_by or ():
        if alias.bare in listing.table.columns.names():
            ends = _("descending") if alias.is_descending else _("ascending")
            said.append(f"{listing.table.columns[alias.bare].header}, {ends}")
    return "; ".join(said) or _("The list's own")


def _file(request: HttpRequest, listing: Listing, form: str) -> HttpResponseBase:
    if listing.count > AT_ONCE and (request.user.is_authenticated or form != "csv"):
        asked = urlencode({"address": listing.address, "format": form})
        return redirect(f"{reverse('people:ask-file')}?{asked}")
    sheet = sheet_of(listing, request.user, timezone.now())
    response: HttpResponseBase
    if form == "csv":
        response = StreamingHttpResponse(csv_pieces(sheet), content_type=CONTENT_TYPES[form])
        response["Content-Disposition"] = f'attachment; filename="{sheet.name}.csv"'
    else:
        with tempfile.TemporaryDirectory(prefix="habitat-list-") as folder:
            path = Path(folder) / f"{sheet.name}.{form}"
            write(sheet, form, path)
            # The open file outlives its folder until it is sent.
            response = FileResponse(
                path.open("rb"), as_attachment=True, filename=path.name, content_type=CONTENT_TYPES[form]
            )
    response["Cache-Control"] = "private, no-store"
    return response


def mark_if_bare(table: tables.Table, narrowed_by: Any) -> None:
    """Where a list has no row and no filter is set, its page says how such a list begins. Of a table with its pages."""
    form = getattr(narrowed_by, "form", narrowed_by)
    data = getattr(form, "data", None) or {}
    is_narrowed = any(data.get(form.add_prefix(name)) for name in getattr(form, "fields", ()))
    table.is_bare = not is_narrowed and not len(table.data)


def _page(request: HttpRequest, listing: Listing) -> HttpResponseBase:
    table = listing.table
    RequestConfig(request, paginate={"per_page": listing.per_page}).configure(table)
    mark_if_bare(table, listing.filter)
    exports = [
        {"label": LABELS[form], "url": address_of(request, format=form)} for form in listing.formats_for(request.user)
    ]
    context = {"table": table, "filter": listing.filter, "exports": exports}
    if not listing.is_fixed:
        context["chooser"] = _chooser(request, listing)
    return render(request, listing.template, context | listing.context(), status=listing.status)


def _chooser(request: HttpRequest, listing: Listing) -> dict[str, Any]:
    """What the component over a list offers; `kept` goes along with a choice."""
    columns = columns_of(listing.table)
    kept = {name: values for name, values in request.GET.lists() if name not in (CHOSEN, FORM, "page")}
    every = kept | {CHOSEN: [column.name for column in columns]}
    return {
        "columns": [{"name": column.name, "title": column.header, "is_on": column.visible} for column in columns],
        "kept": [(name, value) for name, values in kept.items() for value in values],
        "every": f"?{urlencode(every, doseq=True)}",
        "usual": f"?{urlencode(kept, doseq=True)}" if listing.chosen else "",
        "is_background": listing.count > AT_ONCE and request.user.is_authenticated,
    }
