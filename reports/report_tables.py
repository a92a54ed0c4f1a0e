"""The list of reports: what was asked for or made by the clock, how far it is, and its files."""

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Value, detail
from reports import services
from reports.catalog import CATALOGUE
from reports.models import Report
from reports.periods import period_of


class ReportTable(tables.Table):
    """Wants the places, `asked_by` and `files` fetched."""

    kind = tables.Column(verbose_name=gettext_lazy("Report"), attrs={"td": {"scope": "row"}}, orderable=False)
    period = tables.Column(verbose_name=gettext_lazy("Period"), orderable=False)
    place = tables.Column(verbose_name=gettext_lazy("Place"), accessor="place_name", orderable=False)
    asked_at = Value("moment", verbose_name=gettext_lazy("Asked on"))
    status = tables.Column(verbose_name=gettext_lazy("Status"))
    files = Value(verbose_name=gettext_lazy("Files"), empty_values=(), orderable=False)
    kind_key = detail(gettext_lazy("Key"), "kind")
    period_key = detail(gettext_lazy("Period key"))
    state_key = detail(gettext_lazy("State key"), "state_id")
    municipality_key = detail(gettext_lazy("Municipality key"), "municipality_id")
    asked_by = detail(gettext_lazy("Asked by"), "asked_by")
    as_at = detail(gettext_lazy("As at"), "as_at", "moment")
    finished_at = detail(gettext_lazy("Finished"), "finished_at", "moment")
    is_final = detail(gettext_lazy("Final"), "is_final")
    code = detail(gettext_lazy("Verification"), "code")

    class Meta:
        model = Report
        fields: tuple[str, ...] = ()
        order_by = ("-asked_at", "-pk")
        empty_text = gettext_lazy("No report yet. Ask for one, or wait for the clock.")
        attrs = {"caption": gettext_lazy("Reports")}

    @property
    def is_at_work(self) -> bool:
        """Whether a report of this page is still being made."""
        return any(row.record.is_at_work for row in self.paginated_rows)

    def render_kind(self, record: Report) -> str:
        words = '<a class="main" href="{}">{}</a><span class="sub">{}</span>'
        by = _("asked by %s") % record.asked_by.name if record.asked_by else _("by the clock")
        return format_html(words, reverse("reports:report", args=[record.pk]), CATALOGUE[record.kind].title, by)

    def value_kind(self, record: Report) -> str:
        return str(CATALOGUE[record.kind].title)

    def render_period(self, value: str) -> str:
        return str(period_of(value).label)

    def value_period_key(self, record: Report) -> str:
        return record.period

    def render_place(self, value: str, record: Report) -> str:
        if record.as_at is None:
            return value
        day = date_format(localtime(record.as_at), "SHORT_DATETIME_FORMAT")
        return format_html('{}<span class="sub">{}</span>', value, _("as known at %(day)s") % {"day": day})

    def value_place(self, record: Report) -> str:
        return record.place_name

    def render_status(self, record: Report) -> str:
        return self._drawn("_status", record)

    def value_status(self, record: Report) -> str:
        return record.get_status_display()

    def render_files(self, record: Report) -> str:
        return self._drawn("_files", record)

    def value_files(self, record: Report) -> str:
        return ", ".join(
            f"{file.get_format_display()}: {file.part_title}" if file.part else file.get_format_display()
            for file in record.files.all()
        )

    def _drawn(self, name: str, record: Report) -> str:
        record.is_mine_to_steer = services.may_steer(record, self.request.user)  # type: ignore[attr-defined]
        context: dict[str, Any] = {"report": record}
        return render_to_string(f"reports/{name}.html", context, self.request)
