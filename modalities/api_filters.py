from django_filters import CharFilter, ChoiceFilter, NumberFilter

from habitat.lib.drf.filters import ResourceFilters
from modalities.models import FiscalYear, LocationBasis, RulesVersion


class YearFilter(NumberFilter):
    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, min_value=1990, max_value=2200, decimal_places=0)


class FiscalYearFilters(ResourceFilters):
    status = ChoiceFilter(choices=FiscalYear.Status.choices)


class ModalityFilters(ResourceFilters):
    pass


class ActionTypeFilters(ResourceFilters):
    modality = CharFilter(max_length=12)
    line = CharFilter(max_length=12)
    location_basis = ChoiceFilter(choices=LocationBasis.choices)


class RulesVersionFilters(ResourceFilters):
    fiscal_year = YearFilter("fiscal_year")
    status = ChoiceFilter(choices=RulesVersion.Status.choices)
