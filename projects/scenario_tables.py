"""Scenarios in a list, and their rows as a file."""

from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Scenario, ScenarioRow
from projects.tables import NUMBER


class ScenarioTable(tables.Table):
    pick = tables.Column(verbose_name=gettext_lazy("Compare"), empty_values=(), orderable=False)
    name = tables.Column(verbose_name=gettext_lazy("Scenario"), attrs={"td": {"scope": "row"}})
    fiscal_year = tables.Column(verbose_name=gettext_lazy("Fiscal year"), accessor="fiscal_year_id", attrs=NUMBER)
    state = tables.Column(verbose_name=gettext_lazy("State"), default=gettext_lazy("The whole country"))
    projects = tables.Column(verbose_name=gettext_lazy("Projects"), attrs=NUMBER)
    owner = tables.Column(verbose_name=gettext_lazy("Owner"))
    status = tables.Column(verbose_name=gettext_lazy("Status"))
    updated_at = tables.Column(verbose_name=gettext_lazy("Last changed"))

    class Meta:
        model = Scenario
        fields: tuple[str, ...] = ()
        order_by = ("-updated_at",)
        empty_text = gettext_lazy("No scenario fits these filters.")
        attrs = {"caption": gettext_lazy("Scenarios")}

    def render_pick(self, record: Scenario) -> str:
        label = _("Compare %(name)s") % {"name": record.name}
        box = '<input type="checkbox" class="form-check-input" name="s" value="{}" form="compare" aria-label="{}">'
        return format_html(box, record.pk, label)

    def render_name(self, value: str, record: Scenario) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:scenario", args=[record.pk]), value)

    def render_fiscal_year(self, value: int) -> str:
        return str(value)


SCENARIO_ROW_HEADER = (
    gettext_lazy("Folio"),
    gettext_lazy("Name"),
    gettext_lazy("Municipality key"),
    gettext_lazy("Municipality"),
    gettext_lazy("Modality"),
    gettext_lazy("Federal asked for"),
    gettext_lazy("Decision"),
    gettext_lazy("Federal after the cut"),
    gettext_lazy("Reason"),
    gettext_lazy("Result"),
)


def scenario_rows(rows: QuerySet[ScenarioRow]) -> Iterator[list[object]]:
    for row in rows:
        project = row.project
        yield [
            project.folio,
            project.name,
            project.municipality_id,
            project.municipality.name,
            project.modality_id,
            row.asked,
            row.get_choice_display(),
            row.federal,
            row.remark,
            row.said,
        ]
