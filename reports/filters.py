import django_filters as filters
from django.utils.translation import gettext_lazy as _

from reports.catalog import CATALOGUE
from reports.models import Report
from reports.periods import period_of


def periods_made() -> list[tuple[str, str]]:
    """Of reports that exist, newest first."""
    made = set(Report.objects.order_by().values_list("period", flat=True).distinct())
    periods = sorted((period_of(text) for text in made), key=lambda period: period.last_day, reverse=True)
    return [(str(period), period.label) for period in periods]


class ReportFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(
        label=_("Report"), choices=lambda: [(kind, report.title) for kind, report in CATALOGUE.items()]
    )
    period = filters.ChoiceFilter(label=_("Period"), choices=periods_made)
    status = filters.ChoiceFilter(label=_("Status"), choices=Report.Status)

    class Meta:
        model = Report
        fields: list[str] = []
