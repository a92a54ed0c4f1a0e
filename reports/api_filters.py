from django_filters import CharFilter, ChoiceFilter

from habitat.lib.drf.filters import ResourceFilters
from reports.models import Report


class ReportFilters(ResourceFilters):
    kind = CharFilter(max_length=40)
    period = CharFilter(max_length=10)
    state = CharFilter(max_length=2)
    municipality = CharFilter(max_length=5)
    status = ChoiceFilter(choices=Report.Status.choices)
