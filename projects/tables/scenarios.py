"""Scenarios in a list, and their rows as a file."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Value
from projects.models import Scenario, ScenarioRow
from projects.tables.projects import NUMBER


class ScenarioTable(tables.Table):
    pick = tables.Column(
        verbose_name=gettext_lazy("Compare"), empty_values=(), orderable=False, exclude_from_export=True
    )
    name = tables.Column(verbose_name=gettext_lazy("Scenario"), attrs={"td": {"scope": "row"}})
    fiscal_year = tables.Column(verbose_name=gettext_lazy("Fiscal year"), accessor="fiscal_year_id", attrs=NUMBER)
    state = tables.Column(verbose_name=gettext_lazy("State"), default=gettext_lazy("The whole country"))
    projects = tables.Column(verbose_name=gettext_lazy("Projects"), attrs=NUMBER)
    owner = tables.Column(verbose_name=gettext_lazy("Owner"))
    status = tables.Column(verbose_name=gettext_lazy("Status"))
    updated_at = tables.Column(verbose_name=gettext_lazy("Last changed"))

    begins = gettext_lazy("A scenario begins with what is submitted: name one on this page.")

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


class ScenarioRowTable(tables.Table):
    """For the files: the page draws its rows as forms."""

    folio = tables.Column(verbose_name=gettext_lazy("Folio"), accessor="project__folio")
    name = tables.Column(verbose_name=gettext_lazy("Name"), accessor="project__name")
    municipality_key = tables.Column(verbose_name=gettext_lazy("Municipality key"), accessor="project__municipality_id")
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), accessor="project__municipality__name")
    modality = tables.Column(verbose_name=gettext_lazy("Modality"), accessor="project__modality_id")
    asked = Value("money", verbose_name=gettext_lazy("Federal asked for"))
    choice = tables.Column(verbose_name=gettext_lazy("Decision"))
    federal = Value("money", verbose_name=gettext_lazy("Federal after the cut"))
    remark = tables.Column(verbose_name=gettext_lazy("Reason"))
    said = tables.Column(verbose_name=gettext_lazy("Result"))

    class Meta:
        model = ScenarioRow
        fields: tuple[str, ...] = ()
        order_by = ("-asked", "pk")
        attrs = {"caption": gettext_lazy("Projects of the scenario")}
