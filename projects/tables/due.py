"""Lists of the money of works across projects: contracts, late releases, arrears, refunds due; as tables and files."""

import datetime as dt
from functools import partial

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Value, detail
from projects.models import Contract, Estimate, PlannedRelease, Project
from projects.services import refund_due

Pesos, Day = partial(Value, "money"), partial(Value, "date")


def of_project(**kwargs) -> tables.Column:
    return tables.Column(verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, **kwargs)


def to_money(project: Project) -> str:
    words = f"{project.folio} {project.name}"
    return format_html('<a href="{}">{}</a>', reverse("projects:ledger", args=[project.pk]), words)


class OfProjectTable(tables.Table):
    folio = detail(gettext_lazy("Folio"), "project__folio")
    project = of_project(accessor="project__folio")
    municipality_key = detail(gettext_lazy("Municipality key"), "project__municipality_id")
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), accessor="project__municipality__name")

    def render_project(self, record) -> str:
        return to_money(record.project)

    def value_project(self, record) -> str:
        return record.project.name


class ContractTable(OfProjectTable):
    number = tables.Column(verbose_name=gettext_lazy("Contract"))
    kind = tables.Column(verbose_name=gettext_lazy("How it was awarded"))
    law = detail(gettext_lazy("Law"), "law")
    contractor = tables.Column(verbose_name=gettext_lazy("Contractor"))
    on = Day(verbose_name=gettext_lazy("Signed on"))
    starts_on = detail(gettext_lazy("Start"), "starts_on", "date")
    ends_on = Day(verbose_name=gettext_lazy("End"))
    before_tax = detail(gettext_lazy("Amount before tax"), "before_tax", "money")
    amount = Pesos(verbose_name=gettext_lazy("Amount with tax"))
    advance = detail(gettext_lazy("Advance, per cent"), "advance_percent", "number")
    status = tables.Column(verbose_name=gettext_lazy("Status"))

    begins = gettext_lazy("A contract is registered from the money of an approved work.")

    class Meta:
        model = Contract
        fields: tuple[str, ...] = ()
        order_by = ("-on", "-pk")
        empty_text = gettext_lazy("No contract fits these filters.")
        attrs = {"caption": gettext_lazy("Contracts")}

    def render_number(self, value: str, record: Contract) -> str:
        url = reverse("projects:money-act", args=[record.project_id, "contract", record.pk])
        return format_html('<a href="{}">{}</a>', url, value)


class LateReleaseTable(OfProjectTable):
    source = tables.Column(verbose_name=gettext_lazy("Source"))
    on = Day(verbose_name=gettext_lazy("Planned"))
    amount = Pesos(verbose_name=gettext_lazy("Amount planned"))
    missing = Pesos(verbose_name=gettext_lazy("Not released"))

    class Meta:
        model = PlannedRelease
        fields: tuple[str, ...] = ()
        order_by = ("on", "pk")
        empty_text = gettext_lazy("No release is late.")
        attrs = {"caption": gettext_lazy("Late releases")}


class ArrearsTable(OfProjectTable):
    status = tables.Column(verbose_name=gettext_lazy("Status"), accessor="project__get_status_display", orderable=False)
    contractor = tables.Column(verbose_name=gettext_lazy("Contractor"), accessor="contract__contractor")
    estimate = tables.Column(verbose_name=gettext_lazy("Estimate"), accessor="number")
    on = Day(verbose_name=gettext_lazy("Date"))
    gross = detail(gettext_lazy("Gross amount"), "amount", "money")
    amortised = detail(gettext_lazy("Amortisation of the advance"), "amortised", "money")
    paid = Pesos(verbose_name=gettext_lazy("Paid"))
    owed = Pesos(verbose_name=gettext_lazy("Owed"))

    class Meta:
        model = Estimate
        fields: tuple[str, ...] = ()
        order_by = ("on", "pk")
        empty_text = gettext_lazy("Nothing is owed.")
        attrs = {"caption": gettext_lazy("Arrears")}

    def render_estimate(self, record: Estimate) -> str:
        url = reverse("projects:money-act", args=[record.project_id, "estimate", record.pk])
        return format_html('<a href="{}">{}</a>', url, str(record))


class RefundTable(tables.Table):
    key = detail(gettext_lazy("Folio"), "folio")
    folio = of_project()
    municipality_key = detail(gettext_lazy("Municipality key"), "municipality_id")
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), accessor="municipality__name")
    fiscal_year = detail(gettext_lazy("Fiscal year"), "fiscal_year_id", "year")
    released = Pesos(verbose_name=gettext_lazy("Released"))
    accrued = Pesos(verbose_name=gettext_lazy("Accrued"))
    refunded = Pesos(verbose_name=gettext_lazy("Refunded"))
    left = Pesos(verbose_name=gettext_lazy("To refund"))
    due = Day(verbose_name=gettext_lazy("Due"), empty_values=(), orderable=False)

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()
        order_by = ("fiscal_year", "folio")
        empty_text = gettext_lazy("No refund is due.")
        attrs = {"caption": gettext_lazy("Refunds due")}

    def render_folio(self, record: Project) -> str:
        return to_money(record)

    def value_folio(self, record: Project) -> str:
        return record.name

    def __init__(self, *args, **kwargs) -> None:
        # Many rows share their rules and their year.
        self.days: dict[tuple[int, int], dt.date] = {}
        super().__init__(*args, **kwargs)

    def render_due(self, record: Project) -> str:
        return date_format(self.value_due(record), "SHORT_DATE_FORMAT")

    def value_due(self, record: Project) -> dt.date:
        key = (record.rules_id, record.fiscal_year_id)
        if key not in self.days:
            self.days[key] = refund_due(record)
        return self.days[key]
