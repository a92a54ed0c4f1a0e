"""Progress of many works: what is due, overdue, sent and returned, on the page and as a file."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, F, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import due
from modalities.models import business_days
from polygons.models import Municipality
from projects.filters.projects import municipalities, states
from projects.models import ProgressReport
from projects.models import Status as WorkStatus
from projects.querysets.works import TO_CAPTURE, ProgressQuerySet
from projects.templatetags.projects import progress_badge

Status = ProgressReport.Status
RELATED = ("project__municipality__state", "period")
# Places of the second table; the others are found by the filters.
PLACES = 20
LATE = Q(submitted_at__date__gt=F("period__due_on"))


class ProgressListFilter(filters.FilterSet):
    NOW = (
        ("waiting", _("Not accepted yet")),
        ("open", _("To be captured or mended")),
        ("overdue", _("Overdue")),
        ("sent", _("Sent, waits for the delegation")),
        ("returned", _("Returned")),
        ("accepted", _("Accepted")),
        ("late", _("Sent after the due day")),
    )

    q = filters.CharFilter(method="search", label=_("Folio, name or municipality"))
    now = filters.ChoiceFilter(method="at", choices=NOW, label=_("Now"))
    period = filters.CharFilter(method="of_period", label=_("Period, by its last month: 2026-10"))
    state = filters.ModelChoiceFilter(field_name="project__municipality__state", queryset=states, label=_("State"))
    municipality = filters.ModelChoiceFilter(
        field_name="project__municipality", queryset=municipalities, label=_("Municipality")
    )

    class Meta:
        model = ProgressReport
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *args, **kwargs) -> None:
        """Who chooses nothing sees what waits for somebody: years of accepted months would have to be sorted first."""
        data = data.copy()
        data.setdefault("now", "waiting")
        super().__init__(data, *args, **kwargs)

    @property
    def natural_order(self) -> tuple[str, ...]:
        """What waits, by its day; years of accepted months from the newest on, in which an index leads."""
        return ("-period", "project") if self.data["now"] in ("", "accepted") else ("due", "project")

    @property
    def at_any_time(self) -> ProgressQuerySet:
        """What the other filters leave, whatever has become of it."""
        data = self.data.copy()
        data["now"] = ""
        return ProgressListFilter(data, queryset=self.queryset, request=self.request).qs

    def search(self, rows: ProgressQuerySet, name: str, value: str) -> ProgressQuerySet:
        found = ("project__folio", "project__name", "project__municipality__name")
        return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in found)))

    def at(self, rows: ProgressQuerySet, name: str, value: str) -> ProgressQuerySet:
        match value:
            case "waiting":
                return rows.to_capture() | rows.filter(status=Status.SUBMITTED)
            case "open":
                return rows.to_capture()
            case "overdue":
                return rows.overdue(timezone.localdate())
            case "late":
                return rows.filter(LATE)
        return rows.filter(status="submitted" if value == "sent" else value)

    def of_period(self, rows: ProgressQuerySet, name: str, value: str) -> ProgressQuerySet:
        found = period_from(value)
        return rows.filter(year=found[0], month=found[1]) if found else rows.none()


def period_from(text: str) -> tuple[int, int] | None:
    """From "2026-10"; None for what is no month."""
    try:
        day = dt.datetime.strptime(text, "%Y-%m")
    except ValueError:
        return None
    return day.year, day.month


class ProgressTable(tables.Table):
    folio = detail(_("Folio"), "project__folio")
    project = tables.Column(
        verbose_name=_("Project"), attrs={"td": {"scope": "row"}}, order_by="project__folio", accessor="project"
    )
    state = detail(_("State"), "project__municipality__state__name")
    municipality_key = detail(_("Municipality key"), "project__municipality_id")
    place = tables.Column(
        verbose_name=_("Municipality"),
        accessor="project__municipality__name",
        order_by="project__municipality__name",
    )
    period = tables.Column(verbose_name=_("Period"), order_by=("year", "month"), empty_values=())
    due = Value("date", verbose_name=_("Due"), order_by="period__due_on", empty_values=())
    status = tables.Column(verbose_name=_("Now"))
    late = detail(_("Days late"), kind="count")
    submitted_at = Value("date", verbose_name=_("Sent"), default="—")
    decided_at = detail(_("Decided"), "decided_at", "date")
    version = detail(_("Version"), "version", "count")
    reason = detail(_("Reason"), "reason")

    begins = _("The clock opens a period for each work once it is in execution; nothing waits before that.")

    class Meta:
        model = ProgressReport
        fields: tuple[str, ...] = ()
        empty_text = _("No progress fits these filters.")
        attrs = {"caption": _("Progress of the works")}

    def __init__(self, *args, today: dt.date, **kwargs) -> None:
        self.today, self.calendar = today, business_days()
        super().__init__(*args, **kwargs)

    def render_project(self, record: ProgressReport) -> str:
        url = reverse("projects:progress", args=[record.project_id, record.year, record.month])
        return format_html(
            '<a class="main" href="{}">{}</a><span class="sub">{}</span>',
            url,
            record.project.name,
            record.project.folio,
        )

    def value_project(self, record: ProgressReport) -> str:
        return record.project.name

    def render_period(self, record: ProgressReport) -> str:
        return period_words(record)

    def value_period(self, record: ProgressReport) -> str:
        return f"{record.year}-{record.month:02}"

    def value_due(self, record: ProgressReport) -> dt.date | None:
        return record.period.due_on if record.period else None

    def value_late(self, record: ProgressReport) -> int | None:
        """Calendar days from the due day to when it was sent, or to today while it is owed; None where not late."""
        due_on = self.value_due(record)
        sent = timezone.localdate(record.submitted_at) if record.submitted_at else None
        until = self.today if is_owed(record) else sent
        late = (until - due_on).days if until and due_on else 0
        return late if late > 0 else None

    def render_due(self, record: ProgressReport) -> str:
        if record.period is None:
            return "—"
        day = date_format(record.period.due_on, "SHORT_DATE_FORMAT")
        if not is_owed(record):
            return day
        left = self.calendar.until(record.period.due_on, self.today, record.project.municipality.state_id)
        return format_html('{}<span class="sub num">{}</span>', due(left), day)

    def render_status(self, record: ProgressReport) -> str:
        return progress_badge(record.status)


def is_owed(report: ProgressReport) -> bool:
    """As `ProgressQuerySet.to_capture()`: works that have ended owe no more than what was returned to them."""
    if report.status in (Status.EXPECTED, Status.DRAFT):
        return report.project.status == WorkStatus.IN_EXECUTION
    at_hand = (WorkStatus.IN_EXECUTION, WorkStatus.FINISHED)
    return report.status == Status.RETURNED and report.project.status in at_hand


def period_words(report: ProgressReport) -> str:
    """The month, or the stretch of months that it closes."""
    last = date_format(dt.date(report.year, report.month, 1), "YEAR_MONTH_FORMAT")
    if report.period is None or report.period.first_month == report.month:
        return last
    return f"{date_format(dt.date(report.year, report.period.first_month, 1), 'F')} – {last}"


def by_municipality(found: ProgressListFilter, today: dt.date) -> Sequence[Mapping[str, Any]]:
    """What each municipality of the list owes, has sent, was returned and has had accepted; most overdue first.

    Three queries: which places, in what order; then all that is of theirs.
    """
    counts = {
        "open": Count("pk", filter=TO_CAPTURE),
        "overdue": Count("pk", filter=TO_CAPTURE & Q(period__due_on__lt=today)),
        "sent": Count("pk", filter=Q(status=Status.SUBMITTED)),
        "returned": Count("pk", filter=Q(status=Status.RETURNED)),
        "accepted": Count("pk", filter=Q(status=Status.ACCEPTED)),
    }
    order = ("-overdue", "-open", "project__municipality")
    shown = found.qs.order_by().values("project__municipality").annotate(**counts).order_by(*order)[:PLACES]
    keys = [row["project__municipality"] for row in shown]
    theirs = found.at_any_time.filter(project__municipality__in=keys).order_by().values("project__municipality")
    by_key = {row["project__municipality"]: row for row in theirs.annotate(**counts)}
    places = Municipality.objects.in_bulk(keys)
    return [by_key[key] | {"project__municipality__name": places[key].name} for key in keys]
