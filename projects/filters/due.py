"""What the lists of works' money can be narrowed by."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from modalities.models import FiscalYear
from projects.due import BUILT
from projects.filters.projects import Tick, municipalities, states
from projects.models import ActStatus, Contract, Estimate, PlannedRelease, Project, Source


class OfProjectFilter(filters.FilterSet):
    year = filters.ModelChoiceFilter(
        field_name="project__fiscal_year", queryset=FiscalYear.objects.all(), label=_("Fiscal year")
    )
    state = filters.ModelChoiceFilter(field_name="project__municipality__state", queryset=states, label=_("State"))
    municipality = filters.ModelChoiceFilter(
        field_name="project__municipality", queryset=municipalities, label=_("Municipality")
    )


class ContractFilter(OfProjectFilter):
    kind = filters.ChoiceFilter(choices=Contract.Kind, label=_("How it was awarded"))
    status = filters.ChoiceFilter(choices=ActStatus, label=_("Status"))
    contractor = filters.CharFilter(lookup_expr="icontains", label=_("Contractor"))

    class Meta:
        model = Contract
        fields: list[str] = []


class LateReleaseFilter(OfProjectFilter):
    source = filters.ChoiceFilter(choices=Source, label=_("Source"))

    class Meta:
        model = PlannedRelease
        fields: list[str] = []


class ArrearsFilter(OfProjectFilter):
    built = Tick(method="only_built", label=_("Only finished works"))

    class Meta:
        model = Estimate
        fields: list[str] = []

    def only_built(self, queryset: QuerySet[Estimate], name: str, value: bool) -> QuerySet[Estimate]:
        return queryset.filter(project__status__in=BUILT) if value else queryset


class RefundFilter(filters.FilterSet):
    year = filters.ModelChoiceFilter(
        field_name="fiscal_year", queryset=FiscalYear.objects.all(), label=_("Fiscal year")
    )
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))
    municipality = filters.ModelChoiceFilter(queryset=municipalities, label=_("Municipality"))

    class Meta:
        model = Project
        fields: list[str] = []
