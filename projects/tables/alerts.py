"""The list of alerts, on the page and as a file."""

import datetime as dt
from functools import reduce
from operator import or_

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from habitat.accounts.models import Role
from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from projects.alerts import BY_CODE, KINDS
from projects.filters.projects import municipalities, states
from projects.models import Alert
from projects.querysets.works import AlertQuerySet

RELATED = ("project__municipality__state", "closed_by")


class AlertFilter(filters.FilterSet):
    """What is open, where nothing else is asked for."""

    NOW = (("open", gettext_lazy("Open")), ("closed", gettext_lazy("Closed by a person")),
           ("ended", gettext_lazy("Over by itself")), ("all", gettext_lazy("All")))  # fmt: skip

    q = filters.CharFilter(method="search", label=gettext_lazy("Folio, name or municipality"))
    now = filters.ChoiceFilter(
        method="at", choices=NOW, label=gettext_lazy("Now"), empty_label=gettext_lazy("Open, if not said")
    )
    kind = filters.ChoiceFilter(
        choices=[(kind.code, kind.title) for kind in KINDS],
        label=gettext_lazy("Alert"),
    )
    owner = filters.ChoiceFilter(choices=Role, label=gettext_lazy("Owner"))
    older = filters.NumberFilter(method="older_than", label=gettext_lazy("Open for at least … days"), min_value=0)
    state = filters.ModelChoiceFilter(
        field_name="project__municipality__state",
        queryset=states,
        label=gettext_lazy("State"),
    )
    municipality = filters.ModelChoiceFilter(
        field_name="project__municipality",
        queryset=municipalities,
        label=gettext_lazy("Municipality"),
    )

    class Meta:
        model = Alert
        fields: tuple[str, ...] = ()

    @property
    def qs(self) -> AlertQuerySet:
        found = super().qs
        return found if self.form.cleaned_data.get("now") else found.open()

    def search(self, rows: AlertQuerySet, name: str, value: str) -> AlertQuerySet:
        found = ("project__folio", "project__name", "project__municipality__name")
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in found)))

    def at(self, rows: AlertQuerySet, name: str, value: str) -> AlertQuerySet:
        if value == "open":
            return rows.open()
        if value == "closed":
            return rows.filter(closed_by__isnull=False)
        return rows.filter(closed_at__isnull=False, closed_by=None) if value == "ended" else rows

    def older_than(self, rows: AlertQuerySet, name: str, value) -> AlertQuerySet:
        return rows.filter(opened_at__lte=timezone.now() - dt.timedelta(days=min(int(value), 3_650)))


class AlertTable(tables.Table):
    folio = detail(gettext_lazy("Folio"), "project__folio")
    project = tables.Column(
        verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, order_by="project__folio"
    )
    state = detail(gettext_lazy("State"), "project__municipality__state__name")
    municipality_key = detail(gettext_lazy("Municipality key"), "project__municipality_id")
    place = tables.Column(
        verbose_name=gettext_lazy("Municipality"),
        accessor="project__municipality__name",
        order_by="project__municipality__name",
    )
    kind = tables.Column(verbose_name=gettext_lazy("Alert"))
    sentence = detail(gettext_lazy("What it says"))
    owner = tables.Column(verbose_name=gettext_lazy("Owner"))
    opened_at = detail(gettext_lazy("Opened"), "opened_at", "date")
    age = Value("count", attrs={}, verbose_name=pgettext_lazy("alert", "Age"), order_by="-opened_at", empty_values=())
    times = detail(gettext_lazy("Times"), "times", "count")
    now = tables.Column(verbose_name=gettext_lazy("Now"), empty_values=(), orderable=False)
    closed_at = detail(gettext_lazy("Closed"), "closed_at", "date")
    closed_by = detail(gettext_lazy("By"), "closed_by")
    reason = detail(gettext_lazy("Reason"), "reason")

    begins = gettext_lazy("No alert is open. The clock looks every hour; those closed are found by their status.")

    class Meta:
        model = Alert
        fields: tuple[str, ...] = ()
        order_by = ("age",)
        empty_text = gettext_lazy("No alert fits these filters.")
        attrs = {"caption": gettext_lazy("Alerts")}

    def render_project(self, record: Alert) -> str:
        return format_html(
            '<a class="main" href="{}">{}</a><span class="sub">{}</span>',
            reverse("projects:alert", args=[record.pk]),
            record.project.name,
            record.project.folio,
        )

    def value_project(self, record: Alert) -> str:
        return record.project.name

    def render_kind(self, record: Alert) -> str:
        return format_html('{}<span class="sub">{}</span>', title_of(record), sentence_of(record))

    def value_kind(self, record: Alert) -> str:
        return title_of(record)

    def value_sentence(self, record: Alert) -> str:
        return sentence_of(record)

    def render_owner(self, record: Alert) -> str:
        return record.get_owner_display()

    def render_age(self, record: Alert) -> str:
        days = age_of(record)
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}

    def value_age(self, record: Alert) -> int:
        return age_of(record)

    def render_now(self, record: Alert) -> str:
        return badge(*standing_of(record))


def age_of(alert: Alert) -> int:
    """Whole days it has been open, or was."""
    return ((alert.closed_at or timezone.now()) - alert.opened_at).days


def title_of(alert: Alert) -> str:
    """A kind that the portal has dropped since keeps its code."""
    kind = BY_CODE.get(alert.kind)
    return str(kind.title) if kind else alert.kind


def sentence_of(alert: Alert) -> str:
    kind = BY_CODE.get(alert.kind)
    return kind.sentence(alert.facts) if kind else ""


def standing_of(alert: Alert) -> tuple[str, str]:
    """Family of the badge, and words."""
    if alert.closed_at is None:
        return "attention", _("Open")
    return ("done", _("Closed")) if alert.closed_by_id else ("good", _("Over by itself"))
