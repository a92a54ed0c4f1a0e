"""Workbooks of proposals as a list. Neither page nor file has the workbook itself."""

import django_filters as filters
import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from modalities.models import FiscalYear
from projects.models import Batch

FAMILIES = {
    Batch.Status.REFUSED: "stop",
    Batch.Status.TRIED: "attention",
    Batch.Status.CREATED: "good",
    Batch.Status.UNDONE: "done",
}


class BatchFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="original_name", lookup_expr="icontains", label=_("File"))
    year = filters.ModelChoiceFilter(
        field_name="fiscal_year",
        queryset=lambda request: FiscalYear.objects.visible_to(request.user),
        label=_("Fiscal year"),
    )
    status = filters.ChoiceFilter(choices=Batch.Status.choices, label=_("Result"))

    class Meta:
        model = Batch
        fields: tuple[str, ...] = ()


class BatchTable(tables.Table):
    original_name = tables.Column(
        verbose_name=_("File"),
        attrs={"td": {"scope": "row"}},
        linkify=("projects:batch", {"pk": tables.A("pk")}),
    )
    municipality_key = detail(_("Municipality key"), "municipality_id")
    municipality = tables.Column(verbose_name=_("Municipality"), order_by="municipality__name")
    year = Value("year", verbose_name=_("Fiscal year"), accessor="fiscal_year_id")
    uploaded_at = Value("moment", verbose_name=_("Sent"))
    by = tables.Column(verbose_name=_("Sent by"), order_by="by__name")
    projects_count = Value("count", verbose_name=_("Projects"))
    actions_count = detail(_("Actions"), "actions_count", "count")
    errors = detail(_("Cells with errors"), kind="count")
    status = tables.Column(verbose_name=_("Result"))
    drafts_at = detail(_("Drafts created"), "drafts_at", "moment")

    begins = _("Download the workbook above, fill it in and send it back.")

    class Meta:
        model = Batch
        fields: tuple[str, ...] = ()
        order_by = ("-uploaded_at", "-pk")
        empty_text = _("No workbook fits these filters.")
        attrs = {"caption": _("Workbooks sent")}

    def value_errors(self, record: Batch) -> int:
        return len(record.errors)

    def render_status(self, record: Batch) -> str:
        return badge(FAMILIES[Batch.Status(record.status)], record.get_status_display())
