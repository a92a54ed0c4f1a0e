from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, MultipleChoiceFilter, NumberFilter, UUIDFilter

from habitat.lib.drf.filters import BBoxFilter, ResourceFilters, UpdatedSinceFilter
from modalities.models import DocumentKind
from projects.models import ActStatus, Moment, ProgressReport, Source, Status


class CodeFilter(CharFilter):
    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, max_length=20)


class YearFilter(NumberFilter):
    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, min_value=1990, max_value=2200, decimal_places=0)


class WithParentSince(UpdatedSinceFilter):
    """Also rows whose project changed: one that has just become public brings its rows with it."""

    def __init__(self, project: str) -> None:
        super().__init__()
        self.project = project

    def filter(self, queryset: QuerySet, moment) -> QuerySet:
        if moment is None:
            return queryset
        return queryset.filter(Q(updated_at__gte=moment) | Q(**{f"{self.project}__updated_at__gte": moment}))


class ProjectFilters(ResourceFilters):
    fiscal_year = YearFilter("fiscal_year")
    state = CodeFilter("municipality__state")
    municipality = CodeFilter("municipality")
    modality = CodeFilter("modality")
    strand = CodeFilter("strand")
    polygon = CodeFilter("polygon_version__polygon__code")
    status = MultipleChoiceFilter(choices=Status.choices)
    folio = CodeFilter("folio")


class OfProjectFilters(ResourceFilters):
    project = UUIDFilter("project__public_id")
    fiscal_year = YearFilter("project__fiscal_year")
    state = CodeFilter("project__municipality__state")
    municipality = CodeFilter("project__municipality")
    modality = CodeFilter("project__modality")
    updated_since = WithParentSince("project")


class ActionFilters(OfProjectFilters):
    action_type = CodeFilter("action_type")
    bbox = BBoxFilter()


class ContributionFilters(ResourceFilters):
    project = UUIDFilter("action__project__public_id")
    action = UUIDFilter("action__public_id")
    fiscal_year = YearFilter("action__project__fiscal_year")
    state = CodeFilter("action__project__municipality__state")
    municipality = CodeFilter("action__project__municipality")
    source = ChoiceFilter(choices=Source.choices)
    updated_since = WithParentSince("action__project")


class DocumentFilters(OfProjectFilters):
    kind = ChoiceFilter(choices=DocumentKind.choices)


class ProgressFilters(OfProjectFilters):
    year = YearFilter("year")
    month = NumberFilter(min_value=1, max_value=12, decimal_places=0)
    status = ChoiceFilter(choices=ProgressReport.Status.choices)


class ActFilters(OfProjectFilters):
    status = ChoiceFilter(choices=ActStatus.choices)


class SourceFilters(ActFilters):
    source = ChoiceFilter(choices=Source.choices)


class MoneyFilters(ResourceFilters):
    fiscal_year = YearFilter("fiscal_year")
    strand = CodeFilter("strand")
    state = CodeFilter("state")
    municipality = CodeFilter("municipality")
    modality = CodeFilter("modality")


class LedgerFilters(MoneyFilters):
    project = UUIDFilter("project__public_id")
    moment = MultipleChoiceFilter(choices=Moment.choices)
    source = ChoiceFilter(choices=Source.choices)


class CeilingFilters(MoneyFilters):
    pass
