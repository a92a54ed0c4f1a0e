"""Lists of the money of works across projects: contracts, late releases, arrears, refunds due; as tables and files."""

import datetime as dt
from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from habitat.lib.templatetags.portal import money
from projects.models import Contract, Estimate, PlannedRelease, Project
from projects.services import refund_due
from projects.tables import NUMBER


class Pesos(tables.Column):
    def __init__(self, **kwargs) -> None:
        super().__init__(attrs=NUMBER, **kwargs)

    def render(self, value) -> str:
        return money(value)


class Day(tables.Column):
    def render(self, value) -> str:
        return date_format(value, "SHORT_DATE_FORMAT")


def of_project(**kwargs) -> tables.Column:
    return tables.Column(verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, **kwargs)


def to_money(project: Project) -> str:
    words = f"{project.folio} {project.name}"
    return format_html('<a href="{}">{}</a>', reverse("projects:ledger", args=[project.pk]), words)


class OfProjectTable(tables.Table):
    project = of_project(accessor="project__folio")
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), accessor="project__municipality__name")

    def render_project(self, record) -> str:
        return to_money(record.project)


class ContractTable(OfProjectTable):
    number = tables.Column(verbose_name=gettext_lazy("Contract"))
    kind = tables.Column(verbose_name=gettext_lazy("How it was awarded"))
    contractor = tables.Column(verbose_name=gettext_lazy("Contractor"))
    on = Day(verbose_name=gettext_lazy("Signed on"))
    ends_on = Day(verbose_name=gettext_lazy("End"))
    amount = Pesos(verbose_name=gettext_lazy("Amount with tax"))
    status = tables.Column(verbose_name=gettext_lazy("Status"))

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
    folio = of_project()
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), accessor="municipality__name")
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

    def render_due(self, record: Project) -> str:
        return date_format(refund_due(record), "SHORT_DATE_FORMAT")


WHERE = (gettext_lazy("Folio"), gettext_lazy("Project"), gettext_lazy("Municipality key"), gettext_lazy("Municipality"))


def where(project: Project) -> list[object]:
    return [project.folio, project.name, project.municipality_id, project.municipality.name]


CONTRACT_HEADER = (
    *WHERE, gettext_lazy("Contract"), gettext_lazy("How it was awarded"), gettext_lazy("Law"),
    gettext_lazy("Contractor"), gettext_lazy("Signed on"), gettext_lazy("Start"), gettext_lazy("End"),
    gettext_lazy("Amount before tax"), gettext_lazy("Amount with tax"), gettext_lazy("Advance, per cent"),
    gettext_lazy("Status"),
)  # fmt: skip


def contract_rows(rows: QuerySet[Contract]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            *where(row.project), row.number, row.get_kind_display(), row.get_law_display(), row.contractor, row.on,
            row.starts_on, row.ends_on, row.before_tax, row.amount, row.advance_percent, row.get_status_display(),
        ]  # fmt: skip


LATE_HEADER = (
    *WHERE, gettext_lazy("Source"), gettext_lazy("Planned"), gettext_lazy("Amount planned"),
    gettext_lazy("Not released"),
)  # fmt: skip


def late_rows(rows: QuerySet[PlannedRelease]) -> Iterator[list[object]]:
    for row in rows:
        yield [*where(row.project), row.get_source_display(), row.on, row.amount, row.missing]


ARREARS_HEADER = (
    *WHERE, gettext_lazy("Status"), gettext_lazy("Contractor"), gettext_lazy("Estimate"), gettext_lazy("Date"),
    gettext_lazy("Gross amount"), gettext_lazy("Amortisation of the advance"), gettext_lazy("Paid"),
    gettext_lazy("Owed"),
)  # fmt: skip


def arrears_rows(rows: QuerySet[Estimate]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            *where(row.project), row.project.get_status_display(), row.contract.contractor, str(row), row.on,
            row.amount, row.amortised, row.paid, row.owed,
        ]  # fmt: skip


REFUND_HEADER = (
    *WHERE, gettext_lazy("Fiscal year"), gettext_lazy("Released"), gettext_lazy("Accrued"), gettext_lazy("Refunded"),
    gettext_lazy("To refund"), gettext_lazy("Due"),
)  # fmt: skip


def refund_rows(rows: QuerySet[Project]) -> Iterator[list[object]]:
    due: dict[tuple[int, int], dt.date] = {}
    for row in rows:
        key = (row.rules_id, row.fiscal_year_id)
        due[key] = due.get(key) or refund_due(row)
        yield [*where(row), row.fiscal_year_id, row.released, row.accrued, row.refunded, row.left, due[key]]
