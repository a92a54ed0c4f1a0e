"""The money of works across projects: contracts, releases that are late, what is owed, what must go back."""

from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.lists import Listing, listed
from projects import due
from projects.filters import due as due_filters
from projects.models import Contract
from projects.tables import due as due_tables

OF_PROJECT = ("project__municipality",)


@listed
def contract_list(request: PersonRequest) -> Listing:
    rows = Contract.objects.visible_to(request.user).select_related(*OF_PROJECT)
    found = due_filters.ContractFilter(request.GET, queryset=rows, request=request)
    lead = _("Contracts and agreements of own administration of the works.")
    return _list(found, due_tables.ContractTable, "contratos", _("Contracts"), lead)


@listed
def late_release_list(request: PersonRequest) -> Listing:
    rows = due.late_releases(request.user, timezone.localdate()).select_related(*OF_PROJECT)
    found = due_filters.LateReleaseFilter(request.GET, queryset=rows, request=request)
    lead = _("Money that was planned until today and has not come.")
    return _list(found, due_tables.LateReleaseTable, "ministraciones-tardias", _("Late releases"), lead)


@listed
def arrears_list(request: PersonRequest) -> Listing:
    rows = due.arrears(request.user).select_related(*OF_PROJECT, "contract")
    found = due_filters.ArrearsFilter(request.GET, queryset=rows, request=request)
    lead = _("Estimates that were validated and are not paid, also of years gone by.")
    return _list(found, due_tables.ArrearsTable, "adeudos", _("Arrears"), lead)


@listed
def refund_list(request: PersonRequest) -> Listing:
    rows = due.refunds_due(request.user, timezone.localdate()).select_related("municipality", "rules")
    found = due_filters.RefundFilter(request.GET, queryset=rows, request=request)
    lead = _("Federal money that was released and not accrued: of finished works, and of years gone by.")
    return _list(found, due_tables.RefundTable, "reintegros-pendientes", _("Refunds due"), lead)


def _list(found: Any, table: type[tables.Table], name: str, title: str, lead: str) -> Listing:
    context = {"title": title, "lead": lead}
    return Listing(table(found.qs), name, "projects/money/list.html", filter=found, context=lambda: context)
