"""The restricted list of complaints. Neither it nor its file has how to reach a sender."""

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import detail
from habitat.lib.templatetags.portal import badge
from projects.filters.projects import Tick, states
from projects.models import Complaint, Route
from projects.querysets.social import ComplaintQuerySet


class ComplaintFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Folio, words or work"))
    status = filters.ChoiceFilter(choices=Complaint.Status, label=_("Status"))
    route = filters.ChoiceFilter(choices=Route, label=_("Who resolves it"))
    state = filters.ModelChoiceFilter(queryset=states, label=_("State"))
    late = Tick(method="only_late", label=_("Overdue"))

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return rows.filter(Q(folio__icontains=value) | Q(text__icontains=value) | Q(project__folio__icontains=value))

    def only_late(self, rows: ComplaintQuerySet, name: str, value: bool) -> ComplaintQuerySet:
        return rows.overdue(timezone.localdate()) if value else rows


def complaint_standing(complaint: Complaint) -> tuple[str, str]:
    if complaint.status == Complaint.Status.ANSWERED:
        return "good", complaint.get_status_display()
    is_late = complaint.due_on < timezone.localdate()
    return ("attention", str(_("Overdue"))) if is_late else ("transit", complaint.get_status_display())


class ComplaintTable(tables.Table):
    folio = tables.Column(verbose_name=_("Folio"), attrs={"td": {"scope": "row"}})
    sent_at = detail(_("Sent"), "sent_at", "moment")
    place = detail(_("Place"), "place")
    project = detail(_("Project"), "project__folio")
    text = tables.Column(verbose_name=_("What happened"))
    state = tables.Column(verbose_name=_("State"), default="—")
    route = tables.Column(verbose_name=_("Who resolves it"), default="—")
    due_on = tables.DateColumn(verbose_name=_("Due"), short=True)
    now = tables.Column(verbose_name=_("Now"), empty_values=(), orderable=False)
    answered_at = detail(_("Answered"), "answered_at", "moment")
    answer = detail(_("Answer"), "answer")

    begins = _("Anybody may send one without an account, from the foot of every page.")

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = ()
        order_by = ("due_on",)
        empty_text = _("No complaint fits these filters.")
        attrs = {"caption": _("Complaints")}

    def render_folio(self, record: Complaint) -> str:
        url = reverse("projects:complaint", args=[record.pk])
        words = '<a class="main" href="{}">{}</a><span class="sub">{}</span>'
        return format_html(words, url, record.folio, record.project or "")

    def value_folio(self, record: Complaint) -> str:
        return record.folio

    def value_text(self, record: Complaint) -> str:
        return record.text

    def render_text(self, value: str) -> str:
        return value if len(value) <= 120 else f"{value[:119]}…"

    def render_now(self, record: Complaint) -> str:
        return badge(*complaint_standing(record))
