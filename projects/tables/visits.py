"""Lists of visits and of action points, on the page and as files."""

from functools import reduce
from operator import or_

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.lists import detail
from habitat.lib.templatetags.portal import badge
from modalities.models import FiscalYear
from projects.filters.projects import Tick, states
from projects.models import ActionPoint, Visit
from projects.querysets.social import ActionPointQuerySet

STANDINGS = (
    ("planned", pgettext_lazy("visit", "Planned")),
    ("late", pgettext_lazy("visit", "Late")),
    ("made", pgettext_lazy("visit", "Made")),
    ("cancelled", pgettext_lazy("visit", "Cancelled")),
)


def standing_of(visit: Visit) -> tuple[str, str]:
    """(family of the badge, words)."""
    if visit.cancelled_at:
        return "stop", str(dict(STANDINGS)["cancelled"])
    if visit.made_on:
        return "good", str(dict(STANDINGS)["made"])
    is_late = visit.planned_on < timezone.localdate()
    return ("attention", str(dict(STANDINGS)["late"])) if is_late else ("transit", str(dict(STANDINGS)["planned"]))


class OfProjectFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Folio, name or municipality"))
    year = filters.ModelChoiceFilter(
        field_name="project__fiscal_year", queryset=FiscalYear.objects.all(), label=_("Fiscal year"),
    )  # fmt: skip
    state = filters.ModelChoiceFilter(field_name="project__municipality__state", queryset=states, label=_("State"))
    searched = ("project__folio", "project__name", "project__municipality__name")

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in self.searched)))


class VisitFilter(OfProjectFilter):
    kind = filters.ChoiceFilter(choices=Visit.Kind, label=_("Visit"))
    now = filters.ChoiceFilter(method="in_standing", choices=STANDINGS, label=_("Now"))
    mine = Tick(method="only_mine", label=_("Mine to make"))

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()

    def in_standing(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        if value == "cancelled":
            return rows.exclude(cancelled_at=None)
        if value == "made":
            return rows.exclude(made_on=None)
        waiting = rows.filter(made_on=None, cancelled_at=None)
        today = timezone.localdate()
        return waiting.filter(planned_on__lt=today) if value == "late" else waiting.filter(planned_on__gte=today)

    def only_mine(self, rows: QuerySet[Visit], name: str, value: bool) -> QuerySet[Visit]:
        return rows.filter(visitor=self.request.user, made_on=None, cancelled_at=None) if value else rows


class ProjectColumn(tables.Column):
    """The work with its folio; leads to what `leads_to` names."""

    def __init__(self, leads_to: str, **kwargs) -> None:
        kwargs |= {"verbose_name": _("Project"), "accessor": "project", "attrs": {"td": {"scope": "row"}}}
        super().__init__(order_by="project__folio", **kwargs)
        self.leads_to = leads_to

    def render(self, record) -> str:
        url = reverse(self.leads_to, args=[record.project_id, record.pk])
        known = record.project
        return format_html('<a class="main" href="{}">{}</a><span class="sub">{}</span>', url, known.name, known.folio)


class VisitTable(tables.Table):
    folio = detail(_("Folio"), "project__folio")
    project = ProjectColumn("projects:visit")
    municipality_key = detail(_("Municipality key"), "project__municipality_id")
    place = tables.Column(verbose_name=_("Municipality"), accessor="project__municipality__name")
    kind = tables.Column(verbose_name=_("Visit"))
    planned_on = tables.DateColumn(verbose_name=_("Planned for"), short=True)
    made_on = tables.DateColumn(verbose_name=_("Made on"), short=True)
    visitor = tables.Column(verbose_name=_("Visitor"))
    now = tables.Column(verbose_name=_("Now"), empty_values=(), orderable=False)
    summary = detail(_("What was seen"), "summary")
    is_there = detail(_("Exists"), "is_there")
    is_working = detail(_("Works"), "is_working")
    is_used = detail(_("Is used"), "is_used")
    is_maintained = detail(_("Is maintained"), "is_maintained")
    next_on = detail(_("Next verification"), "next_on", "date")

    begins = _("A visit is planned from the page of an approved work.")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()
        order_by = ("-planned_on",)
        empty_text = _("No visit fits these filters.")
        attrs = {"caption": _("Visits")}

    def value_project(self, record: Visit) -> str:
        return record.project.name

    def render_now(self, record: Visit) -> str:
        return badge(*standing_of(record))


class PointFilter(OfProjectFilter):
    now = filters.ChoiceFilter(
        method="in_standing",
        choices=(
            ("open", pgettext_lazy("action point", "Open")),
            ("overdue", _("Overdue")),
            ("closed", pgettext_lazy("action point", "Closed")),
        ),
        label=_("Now"),
    )
    mine = Tick(method="only_mine", label=_("Mine to do"))

    class Meta:
        model = ActionPoint
        fields: tuple[str, ...] = ()

    def in_standing(self, rows: ActionPointQuerySet, name: str, value: str) -> ActionPointQuerySet:
        if value == "closed":
            return rows.exclude(closed_at=None)
        return rows.overdue(timezone.localdate()) if value == "overdue" else rows.open()

    def only_mine(self, rows: ActionPointQuerySet, name: str, value: bool) -> ActionPointQuerySet:
        return rows.open().filter(owner=self.request.user) if value else rows


class PointTable(tables.Table):
    folio = detail(_("Folio"), "project__folio")
    project = ProjectColumn("projects:point")
    municipality_key = detail(_("Municipality key"), "project__municipality_id")
    municipality = detail(_("Municipality"), "project__municipality__name")
    text = tables.Column(verbose_name=_("What must be done"))
    owner = tables.Column(verbose_name=_("By whom"))
    asked_by = detail(_("Asked by"), "by")
    asked_at = detail(_("Asked on"), "at", "date")
    due_on = tables.DateColumn(verbose_name=_("Until"), short=True)
    now = tables.Column(verbose_name=_("Now"), empty_values=(), order_by=("is_closed", "due_on"))
    closed_at = detail(pgettext_lazy("action point", "Closed"), "closed_at", "date")
    closed_by = detail(_("Closed by"), "closed_by")
    done = detail(_("What was done"), "done")

    begins = _("What must be done after a visit is written down on the page of that visit.")

    class Meta:
        model = ActionPoint
        fields: tuple[str, ...] = ()
        # What is still to be done comes first.
        order_by = ("now", "due_on")
        empty_text = _("No action point fits these filters.")
        attrs = {"caption": _("Action points")}

    def value_project(self, record: ActionPoint) -> str:
        return record.project.name

    def render_now(self, record: ActionPoint) -> str:
        return badge(*point_standing(record))


def point_standing(point: ActionPoint) -> tuple[str, str]:
    if point.closed_at:
        return "good", str(pgettext_lazy("action point", "Closed"))
    is_late = point.due_on < timezone.localdate()
    return ("attention", str(_("Overdue"))) if is_late else ("transit", str(pgettext_lazy("action point", "Open")))
