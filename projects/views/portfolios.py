"""What the cut-offs found of the mix by modality, municipality by municipality."""

from django.http import HttpResponseBase
from django.shortcuts import render
from django_tables2 import RequestConfig

from habitat.accounts.requests import PersonRequest
from habitat.lib.spreadsheets import csv_response
from projects.filters import PortfolioFilter
from projects.models import PortfolioVerdict
from projects.verdict_tables import PORTFOLIO_HEADER, PortfolioTable, portfolio_rows


def portfolio_list(request: PersonRequest) -> HttpResponseBase:
    scope = PortfolioVerdict.objects.visible_to(request.user).select_related("municipality__state", "modality")
    found = PortfolioFilter(request.GET, queryset=scope, request=request)
    if request.GET.get("format") == "csv":
        return csv_response("carteras", [str(title) for title in PORTFOLIO_HEADER], portfolio_rows(found.qs))
    table = PortfolioTable(found.qs, request=request)
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    query = request.GET.copy()
    query["format"] = "csv"
    context = {"filter": found, "table": table, "exports": [{"label": "CSV", "url": f"?{query.urlencode()}"}]}
    return render(request, "projects/portfolio_list.html", context)
