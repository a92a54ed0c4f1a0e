"""Decisions on many projects: the list of them, and the rows of one."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.templatetags.portal import badge, number
from projects.models import BulkDecision, BulkRow
from projects.tables.projects import NUMBER
from projects.workflow import WORKFLOWS

LABELS = {step.name: step.label for steps in WORKFLOWS.values() for step in steps}
FAMILIES = {
    BulkDecision.Status.CHECKING: "transit",
    BulkDecision.Status.READY: "attention",
    BulkDecision.Status.RUNNING: "transit",
    BulkDecision.Status.DONE: "done",
    BulkDecision.Status.STOPPED: "stop",
    BulkDecision.Status.FAILED: "stop",
}


class DecisionTable(tables.Table):
    step = tables.Column(attrs={"td": {"scope": "row"}})
    status = tables.Column()
    total = tables.Column(attrs=NUMBER)
    asked_by = tables.Column(verbose_name=gettext_lazy("Asked by"), order_by="asked_by__name")
    asked_at = tables.DateTimeColumn(short=True)

    class Meta:
        model = BulkDecision
        fields = ("step", "status", "total", "asked_by", "asked_at")
        order_by = ("-asked_at", "-pk")
        empty_text = gettext_lazy("No decision on many projects has been asked for.")
        attrs = {"caption": gettext_lazy("Decisions on many projects")}

    def render_step(self, record: BulkDecision) -> str:
        url = reverse("projects:decision", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, LABELS[record.step])

    def render_status(self, record: BulkDecision) -> str:
        return badge(FAMILIES[BulkDecision.Status(record.status)], record.get_status_display())

    def render_total(self, value: int) -> str:
        return number(value)


def said(row: BulkRow) -> tuple[str, str]:
    """Family of the mark and words of where a row stands."""
    if row.outcome == BulkRow.Outcome.TAKEN:
        return "good", row.get_outcome_display()
    if row.outcome == BulkRow.Outcome.REFUSED:
        return "stop", row.get_outcome_display()
    if row.is_free is None:
        return "draft", _("Not looked at yet")
    return ("transit", _("Can be taken")) if row.is_free else ("attention", _("Cannot be taken"))


class DecidedTable(tables.Table):
    folio = tables.Column(
        accessor="project__folio", verbose_name=gettext_lazy("Folio"), attrs={"cell": {"class": "key"}}
    )
    name = tables.Column(accessor="project__name", verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}})
    place = tables.Column(accessor="project__municipality__name", verbose_name=gettext_lazy("Municipality"))
    verdict = tables.Column(
        verbose_name=gettext_lazy("Verdict"), empty_values=(), order_by=("outcome", "is_free", "pk")
    )
    words = tables.Column(orderable=False, verbose_name=gettext_lazy("Why not"))

    begins = gettext_lazy("The worker has not looked at any project yet.")

    class Meta:
        model = BulkRow
        fields = ("folio", "name", "place", "verdict", "words")
        order_by = ("pk",)
        empty_text = gettext_lazy("No project fits these filters.")
        attrs = {"caption": gettext_lazy("Projects of the decision")}

    def render_name(self, value: str, record: BulkRow) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:detail", args=[record.project_id]), value)

    def render_verdict(self, record: BulkRow) -> str:
        return badge(*said(record))

    def render_words(self, value: str) -> str:
        return format_html_join("", "<p class='mb-1'>{}</p>", ((line,) for line in value.splitlines()))
