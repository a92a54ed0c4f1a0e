"""The list of exceptions that auditors read, on the page and as a file."""

from functools import reduce
from operator import or_

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from modalities.models import FiscalYear
from projects.filters.projects import states
from projects.models import RuleException
from projects.models.exceptions import ExceptionState
from projects.querysets.works import ExceptionQuerySet

FAMILIES = {"asked": "attention", "holds": "good", "expired": "draft", "refused": "stop"}


class ExceptionFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Folio, name, rule or municipality"))
    now = filters.ChoiceFilter(method="in_state", choices=ExceptionState, label=_("Now"))
    year = filters.ModelChoiceFilter(
        field_name="project__fiscal_year",
        queryset=FiscalYear.objects.all(),
        label=_("Fiscal year"),
    )
    state = filters.ModelChoiceFilter(field_name="project__municipality__state", queryset=states, label=_("State"))

    class Meta:
        model = RuleException
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[RuleException], name: str, value: str) -> QuerySet[RuleException]:
        found = ("project__folio", "project__name", "project__municipality__name", "rule_code", "title")
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in found)))

    def in_state(self, rows: ExceptionQuerySet, name: str, value: str) -> ExceptionQuerySet:
        today = timezone.localdate()
        if value == ExceptionState.HOLDS:
            return rows.holding(today)
        if value == ExceptionState.EXPIRED:
            return rows.filter(is_granted=True, expires_on__lt=today)
        return rows.filter(is_granted=None if value == ExceptionState.ASKED else False)


class ExceptionTable(tables.Table):
    folio = detail(_("Folio"), "project__folio")
    project = tables.Column(verbose_name=_("Project"), attrs={"td": {"scope": "row"}}, order_by="project__folio")
    state = detail(_("State"), "project__municipality__state__name")
    municipality_key = detail(_("Municipality key"), "project__municipality_id")
    place = tables.Column(verbose_name=_("Municipality"), accessor="project__municipality__name")
    rule_code = detail(_("Rule code"), "rule_code")
    title = tables.Column(verbose_name=_("Rule"))
    reason = detail(_("Reason"), "reason")
    asked_at = Value("date", verbose_name=_("Asked on"))
    asked_by = detail(_("Asked by"), "asked_by")
    decided_at = Value("date", verbose_name=_("Decided"), default="—")
    decided_by = detail(_("Decided by"), "decided_by")
    note = detail(_("Note"), "note")
    expires_on = tables.DateColumn(verbose_name=_("Holds until"), short=True)
    now = tables.Column(verbose_name=_("Now"), empty_values=(), orderable=False)
    document = detail(_("Document"), "document__original_name")

    begins = _("An exception to a rule is asked for from the page of the project that it concerns.")

    class Meta:
        model = RuleException
        fields: tuple[str, ...] = ()
        order_by = ("-asked_at",)
        empty_text = _("No exception fits these filters.")
        attrs = {"caption": _("Exceptions to rules")}

    def render_project(self, record: RuleException) -> str:
        url = reverse("projects:exception", args=[record.project_id, record.pk])
        return format_html(
            '<a class="main" href="{}">{}</a><span class="sub">{}</span>',
            url,
            record.project.name,
            record.project.folio,
        )

    def value_project(self, record: RuleException) -> str:
        return record.project.name

    def value_title(self, record: RuleException) -> str:
        return record.title

    def render_title(self, record: RuleException) -> str:
        return format_html('{}<span class="sub key">{}</span>', record.title, record.rule_code)

    def render_asked_at(self, record: RuleException) -> str:
        day = timezone.localtime(record.asked_at).date()
        return format_html('{}<span class="sub">{}</span>', f"{day:%d/%m/%Y}", record.asked_by)

    def render_decided_at(self, record: RuleException) -> str:
        day = timezone.localtime(record.decided_at).date()
        return format_html('{}<span class="sub">{}</span>', f"{day:%d/%m/%Y}", record.decided_by)

    def render_now(self, record: RuleException) -> str:
        state = record.state_on(timezone.localdate())
        return badge(FAMILIES[state], str(state.label))
