"""What the cut-offs found of the mix by modality, municipality by municipality."""

from habitat.accounts.requests import PersonRequest
from habitat.lib.lists import Listing, listed
from projects.filters.projects import PortfolioFilter
from projects.models import PortfolioVerdict
from projects.tables.verdicts import PortfolioTable


@listed
def portfolio_list(request: PersonRequest) -> Listing:
    scope = PortfolioVerdict.objects.visible_to(request.user).select_related("municipality__state", "modality")
    found = PortfolioFilter(request.GET, queryset=scope, request=request)
    table = PortfolioTable(found.qs, request=request)
    return Listing(table, "carteras", "projects/portfolio_list.html", filter=found)
