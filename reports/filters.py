import django_filters as filters
from django.utils.translation import gettext_lazy as _

from reports.catalog import CATALOGUE
from reports.forms import months_offered
from reports.models import Report


class ReportFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(
        label=_("Report"), choices=lambda: [(kind, report.title) for kind, report in CATALOGUE.items()]
    )
    period = filters.ChoiceFilter(label=_("Month"), choices=months_offered)
    status = filters.ChoiceFilter(label=_("Status"), choices=Report.Status)

    class Meta:
        model = Report
        fields: list[str] = []
