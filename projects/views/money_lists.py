"""The money of works across projects: contracts, releases that are late, what is owed, what must go back."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from habitat.accounts.requests import PersonRequest
from habitat.lib.spreadsheets import csv_response
from projects import due, due_filters, due_tables
from projects.models import Contract

OF_PROJECT = ("project__municipality",)


def contract_list(request: PersonRequest) -> HttpResponseBase:
    rows = Contract.objects.visible_to(request.user).select_related(*OF_PROJECT)
    found = due_filters.ContractFilter(request.GET, queryset=rows, request=request)
    words = {"title": _("Contracts"), "lead": _("Contracts and agreements of own administration of the works.")}
    header, lines = due_tables.CONTRACT_HEADER, due_tables.contract_rows
    return _list(request, found, due_tables.ContractTable, "contratos", header, lines, words)


def late_release_list(request: PersonRequest) -> HttpResponseBase:
    rows = due.late_releases(request.user, timezone.localdate()).select_related(*OF_PROJECT)
    found = due_filters.LateReleaseFilter(request.GET, queryset=rows, request=request)
    words = {"title": _("Late releases"), "lead": _("Money that was planned until today and has not come.")}
    header, lines = due_tables.LATE_HEADER, due_tables.late_rows
    return _list(request, found, due_tables.LateReleaseTable, "ministraciones-tardias", header, lines, words)


def arrears_list(request: PersonRequest) -> HttpResponseBase:
    rows = due.arrears(request.user).select_related(*OF_PROJECT, "contract")
    found = due_filters.ArrearsFilter(request.GET, queryset=rows, request=request)
    words = {"title": _("Arrears"), "lead": _("Estimates that were validated and are not paid, also of years gone by.")}
    header, lines = due_tables.ARREARS_HEADER, due_tables.arrears_rows
    return _list(request, found, due_tables.ArrearsTable, "adeudos", header, lines, words)


def refund_list(request: PersonRequest) -> HttpResponseBase:
    rows = due.refunds_due(request.user, timezone.localdate()).select_related("municipality", "rules")
    found = due_filters.RefundFilter(request.GET, queryset=rows, request=request)
    lead = _("Federal money that was released and not accrued: of finished works, and of years gone by.")
    header, lines = due_tables.REFUND_HEADER, due_tables.refund_rows
    words = {"title": _("Refunds due"), "lead": lead}
    return _list(request, found, due_tables.RefundTable, "reintegros-pendientes", header, lines, words)


def _list(
    request: PersonRequest,
    found: Any,
    table_class: type,
    name: str,
    header: Sequence[str | Promise],
    lines: Callable[[QuerySet], Iterator[list[object]]],
    words: dict[str, str],
) -> HttpResponseBase:
    """The page, or with ?format=csv everything found as a file."""
    if request.GET.get("format") == "csv":
        return csv_response(name, [str(title) for title in header], lines(found.qs))
    table = table_class(found.qs, request=request)
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    query = request.GET.copy()
    query["format"] = "csv"
    exports = [{"label": "CSV", "url": f"?{query.urlencode()}"}]
    context = {"filter": found, "table": table, "exports": exports, **words}
    return render(request, "projects/money/list.html", context)
