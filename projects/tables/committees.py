"""Lists of committees and of what must be entered in SICS, on the page and as files. No member is named in either."""

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
from projects.models import Committee, SicsCapture
from projects.querysets.social import CaptureQuerySet


class CommitteeFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Name, municipality, polygon or folio of a work"))
    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), label=_("Fiscal year"))
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))
    lacks = filters.ChoiceFilter(
        method="lacking",
        label=_("Without"),
        empty_label=_("Whatever"),
        choices=(
            ("minutes", _("Minutes")),
            ("registration", _("Registration")),
            ("people", _("Members")),
            ("training", _("Training")),
        ),
    )

    class Meta:
        model = Committee
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Committee], name: str, value: str) -> QuerySet[Committee]:
        paths = ("name", "municipality__name", "polygon__name", "polygon__code", "works__project__folio")
        found = Committee.objects.filter(reduce(or_, (Q(**{f"{path}__icontains": value}) for path in paths)))
        return rows.filter(pk__in=found.values("pk"))

    def lacking(self, rows: QuerySet[Committee], name: str, value: str) -> QuerySet[Committee]:
        if value == "registration":
            return rows.filter(registration="")
        if value == "training":
            return rows.exclude(activities__kind="training")
        return rows.filter(**{value: 0})


class CommitteeTable(tables.Table):
    name = tables.Column(verbose_name=_("Committee"), attrs={"td": {"scope": "row"}})
    fiscal_year = detail(_("Fiscal year"), "fiscal_year_id", "year")
    municipality_key = detail(_("Municipality key"), "municipality_id")
    place = tables.Column(verbose_name=_("Municipality"), accessor="municipality__name")
    polygon = detail(_("Polygon code"), "polygon__code")
    constituted_on = tables.DateColumn(verbose_name=_("Constituted on"), short=True)
    registration = tables.Column(verbose_name=_("Registration number"), attrs={"cell": {"class": "key"}})
    registered_on = detail(_("Registered on"), "registered_on", "date")
    watched = Value("count", verbose_name=_("Works"))
    women = Value("count", verbose_name=_("Women"))
    men = Value("count", verbose_name=_("Men"))
    minutes = tables.Column(verbose_name=_("Minutes"))

    begins = _("A committee is constituted before its works start, by the municipality, on this page.")

    class Meta:
        model = Committee
        fields: tuple[str, ...] = ()
        order_by = ("-constituted_on",)
        empty_text = _("No committee fits these filters.")
        attrs = {"caption": _("Committees")}

    def render_name(self, record: Committee) -> str:
        url = reverse("projects:committee", args=[record.pk])
        words = '<a class="main" href="{}">{}</a><span class="sub">{}</span>'
        return format_html(words, url, record.name, record.polygon or "")

    def value_name(self, record: Committee) -> str:
        return record.name

    def render_minutes(self, value: int) -> str:
        return badge("good", str(_("Yes"))) if value else badge("attention", str(_("No")))


class CaptureFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Committee or municipality"))
    what = filters.ChoiceFilter(choices=SicsCapture.What, label=_("What"))
    state = filters.ModelChoiceFilter(field_name="committee__municipality__state", queryset=states, label=_("State"))
    now = filters.ChoiceFilter(
        method="in_standing",
        choices=(("open", _("To enter")), ("overdue", _("Overdue")), ("done", _("Entered"))),
        label=_("Now"),
    )

    class Meta:
        model = SicsCapture
        fields: tuple[str, ...] = ()

    def search(self, rows: CaptureQuerySet, name: str, value: str) -> CaptureQuerySet:
        return rows.filter(Q(committee__name__icontains=value) | Q(committee__municipality__name__icontains=value))

    def in_standing(self, rows: CaptureQuerySet, name: str, value: str) -> CaptureQuerySet:
        if value == "done":
            return rows.exclude(captured_on=None)
        return rows.overdue(timezone.localdate()) if value == "overdue" else rows.open()


def capture_standing(capture: SicsCapture) -> tuple[str, str]:
    if capture.captured_on:
        is_late = capture.captured_on > capture.due_on
        return ("attention", str(_("Entered late"))) if is_late else ("good", str(_("Entered")))
    is_late = capture.due_on < timezone.localdate()
    return ("attention", str(_("Overdue"))) if is_late else ("transit", str(_("To enter")))


class CaptureTable(tables.Table):
    committee = tables.Column(verbose_name=_("Committee"), attrs={"td": {"scope": "row"}}, order_by="committee__name")
    municipality_key = detail(_("Municipality key"), "committee__municipality_id")
    place = tables.Column(verbose_name=_("Municipality"), accessor="committee__municipality__name")
    what = tables.Column(verbose_name=_("What"))
    happened_on = tables.DateColumn(verbose_name=_("Happened on"), short=True)
    due_on = tables.DateColumn(verbose_name=_("Due"), short=True)
    captured_on = detail(_("Entered on"), "captured_on", "date")
    now = tables.Column(verbose_name=_("Now"), empty_values=(), orderable=False)

    begins = _("What must be entered in SICS follows from each committee: register one first.")

    class Meta:
        model = SicsCapture
        fields: tuple[str, ...] = ()
        order_by = ("due_on",)
        empty_text = _("Nothing to enter fits these filters.")
        attrs = {"caption": _("Captures in SICS")}

    def render_committee(self, record: SicsCapture) -> str:
        url = reverse("projects:committee", args=[record.committee_id])
        return format_html('<a class="main" href="{}">{}</a>', url, record.committee.name)

    def render_now(self, record: SicsCapture) -> str:
        return badge(*capture_standing(record))
