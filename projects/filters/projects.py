"""What a list of projects can be narrowed by; every filter stands in the address."""

from functools import reduce
from operator import or_

import django_filters as filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.accounts.models import User
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects import services
from projects.models import (
    Agreement,
    BulkDecision,
    BulkRow,
    Ceiling,
    PortfolioVerdict,
    PreviewedChange,
    Project,
    Reallocation,
    Scenario,
    ScenarioRow,
    Status,
    Verdict,
    Withdrawal,
    WithdrawalLine,
)
from projects.turns import waiting_statuses
from projects.workflow import MAIN_ROAD, PUBLIC


def states(request) -> QuerySet[State]:
    return State.objects.visible_to(request.user)


def municipalities(request) -> QuerySet[Municipality]:
    """Those of the chosen state, or of one's own territory: 2,469 names at once help nobody."""
    scope = Municipality.objects.visible_to(request.user)
    state = request.GET.get("state") or request.GET.get("municipality", "")[:2]
    if state:
        return scope.filter(state=state)
    narrow = request.user.is_authenticated and not request.user.sees_the_nation
    return scope if narrow else scope.none()


def colleagues(request) -> QuerySet[User]:
    """Who has some case in hand in one's territory."""
    holders = Project.objects.visible_to(request.user).open().exclude(assigned_to=None)
    return User.objects.filter(pk__in=holders.order_by().values("assigned_to")).order_by("name")


def step_names() -> list[tuple[str, Promise]]:
    return [(step.name, step.label) for step in services.every_bulk_step()]


class Tick(filters.BooleanFilter):
    def __init__(self, **kwargs) -> None:
        super().__init__(widget=forms.CheckboxInput, **kwargs)


class ProjectFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Folio, file number, name or place"))
    overdue = filters.BooleanFilter(method="only_overdue", label=_("Overdue"), widget=forms.CheckboxInput)
    waiting = filters.BooleanFilter(method="only_waiting", label=_("Waiting for my role"), widget=forms.CheckboxInput)
    mine = filters.BooleanFilter(
        method="only_mine", label=_("Assigned to me or begun by me"), widget=forms.CheckboxInput
    )
    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), label=_("Fiscal year"))
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))
    municipality = filters.ModelChoiceFilter(queryset=municipalities, label=_("Municipality"))
    modality = filters.ModelChoiceFilter(queryset=Modality.objects.all(), label=_("Modality"))
    polygon = filters.CharFilter(
        field_name="polygon_version__polygon__code", lookup_expr="iexact", label=_("Polygon code")
    )
    status = filters.MultipleChoiceFilter(
        choices=Status, label=_("Status"), widget=forms.CheckboxSelectMultiple, method="in_statuses"
    )

    class Meta:
        model = Project
        fields: list[str] = []

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not self.request.user.is_authenticated:
            for name in ("overdue", "waiting", "mine"):
                del self.filters[name]
            self.filters["status"].extra["choices"] = [(s.value, s.label) for s in MAIN_ROAD if s in PUBLIC]

    def search(self, queryset: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        """What a neighbour would type: the work's name or number, or the place it is in."""
        columns = (
            "folio",
            "file_number",
            "name",
            "neighbourhood",
            "municipality__name",
            "polygon_version__polygon__name",
        )
        return queryset.filter(reduce(or_, (Q(**{f"{column}__icontains": value}) for column in columns)))

    def in_statuses(self, queryset: QuerySet[Project], name: str, value: list[str]) -> QuerySet[Project]:
        return queryset.filter(status__in=value) if value else queryset

    def only_overdue(self, queryset: QuerySet[Project], name: str, value: bool) -> QuerySet[Project]:
        return queryset.overdue(timezone.localdate()) if value else queryset

    def only_waiting(self, queryset: QuerySet[Project], name: str, value: bool) -> QuerySet[Project]:
        return queryset.filter(status__in=waiting_statuses(self.request.user.role)) if value else queryset

    def only_mine(self, queryset: QuerySet[Project], name: str, value: bool) -> QuerySet[Project]:
        user = self.request.user
        return queryset.filter(Q(assigned_to=user) | Q(created_by=user)) if value else queryset


class DeskFilter(ProjectFilter):
    """Of one desk: whose it is needs no filter, who has each case does."""

    held_by = filters.ModelChoiceFilter(
        field_name="assigned_to", queryset=colleagues, label=_("In the hands of"), empty_label=_("Anybody")
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("waiting", "mine", "polygon"):
            del self.filters[name]


class DecisionFilter(filters.FilterSet):
    step = filters.ChoiceFilter(choices=step_names, label=_("Step"))
    status = filters.ChoiceFilter(choices=BulkDecision.Status, label=_("Status"))

    class Meta:
        model = BulkDecision
        fields: tuple[str, ...] = ()


class DecidedFilter(filters.FilterSet):
    """The rows of one decision."""

    VERDICTS = (
        ("free", _("Can be taken")),
        ("blocked", _("Cannot be taken")),
        ("taken", pgettext_lazy("step", "Taken")),
        ("refused", pgettext_lazy("step", "Refused")),
    )
    q = filters.CharFilter(method="search", label=_("Folio, name or municipality"))
    verdict = filters.ChoiceFilter(choices=VERDICTS, method="by_verdict", label=_("Verdict"))

    class Meta:
        model = BulkRow
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[BulkRow], name: str, value: str) -> QuerySet[BulkRow]:
        found = ("project__folio", "project__name", "project__municipality__name")
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in found)))

    def by_verdict(self, rows: QuerySet[BulkRow], name: str, value: str) -> QuerySet[BulkRow]:
        if value in BulkRow.Outcome.values:
            return rows.filter(outcome=value)
        return rows.filter(is_free=value == "free")


class CeilingFilter(filters.FilterSet):
    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), label=_("Fiscal year"))
    strand = filters.ModelChoiceFilter(queryset=Strand.objects.all(), label=_("Strand"))
    state = filters.ModelChoiceFilter(queryset=states, label=_("State"))
    municipality = filters.ModelChoiceFilter(queryset=municipalities, label=_("Municipality"))

    class Meta:
        model = Ceiling
        fields: list[str] = []


class AgreementFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Name"))
    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), label=_("Fiscal year"))
    state = filters.ModelChoiceFilter(queryset=states, label=_("State"))
    kind = filters.ChoiceFilter(choices=Agreement.Kind, label=_("Kind"))
    unsigned = Tick(method="only_unsigned", label=_("Not signed"))

    class Meta:
        model = Agreement
        fields: list[str] = []

    def only_unsigned(self, queryset: QuerySet[Agreement], name: str, value: bool) -> QuerySet[Agreement]:
        return queryset.filter(signed_on=None) if value else queryset


class ReallocationFilter(filters.FilterSet):
    year = filters.ModelChoiceFilter(
        field_name="source__fiscal_year", queryset=FiscalYear.objects.all(), label=_("Fiscal year")
    )
    state = filters.ModelChoiceFilter(queryset=states, method="of_state", label=_("State"))
    waiting = Tick(method="only_waiting", label=_("Waiting for the second person"))

    class Meta:
        model = Reallocation
        fields: list[str] = []

    def of_state(self, queryset: QuerySet[Reallocation], name: str, value: State) -> QuerySet[Reallocation]:
        return queryset.filter(Q(source__state=value) | Q(target__state=value))

    def only_waiting(self, queryset: QuerySet[Reallocation], name: str, value: bool) -> QuerySet[Reallocation]:
        return queryset.filter(confirmed_at=None, discarded_at=None) if value else queryset


class WithdrawalFilter(filters.FilterSet):
    year = filters.ModelChoiceFilter(
        field_name="milestone__fiscal_year",
        queryset=lambda request: FiscalYear.objects.visible_to(request.user),
        label=_("Fiscal year"),
    )
    status = filters.ChoiceFilter(choices=Withdrawal.Status.choices, label=_("Status"))

    class Meta:
        model = Withdrawal
        fields: tuple[str, ...] = ()


class WithdrawalLineFilter(filters.FilterSet):
    state = filters.ModelChoiceFilter(field_name="ceiling__state", queryset=states, label=_("State"))
    municipality = filters.ModelChoiceFilter(
        field_name="ceiling__municipality", queryset=municipalities, label=_("Municipality")
    )
    less = Tick(method="only_less", label=_("Less than was previewed"))

    class Meta:
        model = WithdrawalLine
        fields: list[str] = []

    def only_less(self, queryset: QuerySet[WithdrawalLine], name: str, value: bool) -> QuerySet[WithdrawalLine]:
        return queryset.filter(withdrawn__lt=F("amount")) if value else queryset


class ScenarioFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Name"))
    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), label=_("Fiscal year"))
    state = filters.ModelChoiceFilter(queryset=states, label=_("State"))
    mine = Tick(method="only_mine", label=_("My own"))

    class Meta:
        model = Scenario
        fields: list[str] = []

    def only_mine(self, queryset: QuerySet[Scenario], name: str, value: bool) -> QuerySet[Scenario]:
        return queryset.filter(owner=self.request.user) if value else queryset


class ScenarioRowFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Folio, name or municipality"))
    municipality = filters.ModelChoiceFilter(
        field_name="project__municipality", queryset=municipalities, label=_("Municipality")
    )
    modality = filters.ModelChoiceFilter(
        field_name="project__modality", queryset=Modality.objects.all(), label=_("Modality")
    )
    choice = filters.ChoiceFilter(choices=[("none", _("Undecided")), *ScenarioRow.Choice.choices], method="of_choice",
                                  label=_("Decision"))  # fmt: skip
    failed = Tick(method="only_failed", label=_("Not done when it was committed"))

    class Meta:
        model = ScenarioRow
        fields: list[str] = []

    def search(self, rows: QuerySet[ScenarioRow], name: str, value: str) -> QuerySet[ScenarioRow]:
        found = ("project__folio", "project__name", "project__municipality__name")
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in found)))

    def of_choice(self, rows: QuerySet[ScenarioRow], name: str, value: str) -> QuerySet[ScenarioRow]:
        return rows.filter(choice="" if value == "none" else value)

    def only_failed(self, rows: QuerySet[ScenarioRow], name: str, value: bool) -> QuerySet[ScenarioRow]:
        return rows.filter(is_done=False) if value else rows


def previewed_rules(request) -> list[tuple[str, str]]:
    """Codes found in the previews of the version in the address."""
    where = request.resolver_match.kwargs
    rows = PreviewedChange.objects.filter(
        preview__rules__fiscal_year=where["year"], preview__rules__version=where["version"]
    )
    codes = rows.order_by("rule_code").values_list("rule_code", flat=True).distinct()
    return [(code, code) for code in codes]


class ChangeFilter(filters.FilterSet):
    """What a preview found."""

    q = filters.CharFilter(method="search", label=_("Folio, name or municipality"))
    rule = filters.ChoiceFilter(field_name="rule_code", label=_("Rule"))
    state = filters.ModelChoiceFilter(field_name="project__municipality__state", queryset=states, label=_("State"))
    status = filters.ChoiceFilter(field_name="project__status", choices=Status, label=_("Status"))
    before = filters.ChoiceFilter(choices=Verdict.Outcome, label=_("Before"), empty_label=_("Any"))
    after = filters.ChoiceFilter(choices=Verdict.Outcome, label=_("After"), empty_label=_("Any"))

    class Meta:
        model = PreviewedChange
        fields: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["rule"].extra["choices"] = previewed_rules(self.request)

    def search(self, rows: QuerySet[PreviewedChange], name: str, value: str) -> QuerySet[PreviewedChange]:
        found = ("project__folio", "project__name", "project__municipality__name")
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in found)))


class PortfolioFilter(filters.FilterSet):
    year = filters.ModelChoiceFilter(
        field_name="rules__fiscal_year", queryset=FiscalYear.objects.all(), label=_("Fiscal year")
    )
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))
    modality = filters.ModelChoiceFilter(queryset=Modality.objects.all(), label=_("Modality"))
    outcome = filters.ChoiceFilter(choices=Verdict.Outcome, label=_("Verdict"), empty_label=_("Any"))

    class Meta:
        model = PortfolioVerdict
        fields: tuple[str, ...] = ()
