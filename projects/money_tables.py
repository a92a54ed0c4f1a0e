"""Lists of the money's papers and moves: agreements, reallocations, withdrawals."""

from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.templatetags.portal import badge, money
from projects.models import Agreement, Ceiling, Reallocation, WithdrawalLine
from projects.tables import NUMBER


class AgreementTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("Agreement"), attrs={"td": {"scope": "row"}})
    fiscal_year = tables.Column(verbose_name=gettext_lazy("Fiscal year"), attrs=NUMBER)
    state = tables.Column(verbose_name=gettext_lazy("State"), default=gettext_lazy("The whole country"))
    kind = tables.Column(verbose_name=gettext_lazy("Kind"))
    signed_on = tables.Column(verbose_name=gettext_lazy("Signed on"), empty_values=())
    published_on = tables.Column(verbose_name=gettext_lazy("Published on"))
    federal = tables.Column(verbose_name=gettext_lazy("Federal pesos"), attrs=NUMBER)

    class Meta:
        model = Agreement
        fields: tuple[str, ...] = ()
        order_by = ("-fiscal_year", "state", "pk")
        empty_text = gettext_lazy("No agreement fits these filters.")
        attrs = {"caption": gettext_lazy("Coordination agreements")}

    def render_name(self, value: str, record: Agreement) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:agreement", args=[record.pk]), value)

    def render_fiscal_year(self, record: Agreement) -> str:
        return str(record.fiscal_year_id)

    def render_signed_on(self, record: Agreement) -> str:
        return (
            date_format(record.signed_on, "SHORT_DATE_FORMAT")
            if record.signed_on
            else badge("attention", _("Not signed"))
        )

    def render_federal(self, value) -> str:
        return money(value)


AGREEMENT_HEADER = (
    gettext_lazy("Fiscal year"),
    gettext_lazy("State key"),
    gettext_lazy("Kind"),
    gettext_lazy("Agreement"),
    gettext_lazy("Signed on"),
    gettext_lazy("Published on"),
    gettext_lazy("Federal pesos"),
    gettext_lazy("State part"),
    gettext_lazy("Municipal part"),
)


def agreement_rows(agreements: QuerySet[Agreement]) -> Iterator[list[object]]:
    for row in agreements:
        yield [
            row.fiscal_year_id,
            row.state_id,
            row.get_kind_display(),
            row.name,
            row.signed_on,
            row.published_on,
            row.federal,
            row.state_part,
            row.municipal_part,
        ]


def state_of(moved: Reallocation) -> tuple[str, str]:
    """Family of the badge and its words."""
    if moved.discarded_at:
        return "stop", _("Discarded")
    return ("done", _("Confirmed")) if moved.confirmed_at else ("attention", _("Waiting for the second person"))


class ReallocationTable(tables.Table):
    proposed_at = tables.Column(verbose_name=gettext_lazy("Proposed"), attrs={"td": {"scope": "row"}})
    source = tables.Column(verbose_name=gettext_lazy("From"), orderable=False)
    target = tables.Column(verbose_name=gettext_lazy("To"), orderable=False)
    amount = tables.Column(verbose_name=gettext_lazy("Federal pesos"), attrs=NUMBER)
    proposed_by = tables.Column(verbose_name=gettext_lazy("Proposed by"))
    confirmed_by = tables.Column(verbose_name=gettext_lazy("Confirmed by"), default="—")
    status = tables.Column(verbose_name=gettext_lazy("Status"), empty_values=(), orderable=False)

    class Meta:
        model = Reallocation
        fields: tuple[str, ...] = ()
        order_by = ("-proposed_at",)
        empty_text = gettext_lazy("No reallocation fits these filters.")
        attrs = {"caption": gettext_lazy("Reallocations")}

    def render_proposed_at(self, value, record: Reallocation) -> str:
        url = reverse("projects:reallocation", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, date_format(localtime(value), "SHORT_DATETIME_FORMAT"))

    def render_source(self, value: Ceiling) -> str:
        return str(value)

    render_target = render_source

    def render_amount(self, value) -> str:
        return money(value)

    def render_status(self, record: Reallocation) -> str:
        return badge(*state_of(record))


REALLOCATION_HEADER = (
    gettext_lazy("Proposed"),
    gettext_lazy("Fiscal year"),
    gettext_lazy("Strand"),
    gettext_lazy("From"),
    gettext_lazy("To"),
    gettext_lazy("Federal pesos"),
    gettext_lazy("Reason"),
    gettext_lazy("Proposed by"),
    gettext_lazy("Confirmed by"),
    gettext_lazy("Confirmed"),
    gettext_lazy("Status"),
)


def reallocation_rows(moves: QuerySet[Reallocation]) -> Iterator[list[object]]:
    for row in moves:
        yield [
            localtime(row.proposed_at).date(),
            row.source.fiscal_year_id,
            row.source.strand.name,
            str(row.source),
            str(row.target),
            row.amount,
            row.reason,
            str(row.proposed_by),
            str(row.confirmed_by or ""),
            localtime(row.confirmed_at).date() if row.confirmed_at else None,
            str(state_of(row)[1]),
        ]


class WithdrawalLineTable(tables.Table):
    ceiling = tables.Column(
        verbose_name=gettext_lazy("Ceiling"), attrs={"td": {"scope": "row"}}, order_by="ceiling__municipality"
    )
    strand = tables.Column(verbose_name=gettext_lazy("Strand"), accessor="ceiling__strand", orderable=False)
    before = tables.Column(verbose_name=gettext_lazy("Ceiling at the preview"), attrs=NUMBER)
    kept = tables.Column(verbose_name=gettext_lazy("Covered"), attrs=NUMBER)
    amount = tables.Column(verbose_name=gettext_lazy("To withdraw"), attrs=NUMBER)
    withdrawn = tables.Column(verbose_name=gettext_lazy("Withdrawn"), attrs=NUMBER, default="—")
    note = tables.Column(verbose_name=gettext_lazy("Note"), orderable=False, default="")

    class Meta:
        model = WithdrawalLine
        fields: tuple[str, ...] = ()
        order_by = ("-amount",)
        empty_text = gettext_lazy("Nothing is to be withdrawn here.")
        attrs = {"caption": gettext_lazy("What each ceiling gives back")}

    def render_ceiling(self, value: Ceiling) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:ceiling", args=[value.pk]), value)

    def render_before(self, value) -> str:
        return money(value)

    render_kept = render_amount = render_withdrawn = render_before


WITHDRAWAL_HEADER = (
    gettext_lazy("State key"),
    gettext_lazy("Municipality key"),
    gettext_lazy("Ceiling"),
    gettext_lazy("Strand"),
    gettext_lazy("Ceiling at the preview"),
    gettext_lazy("Covered"),
    gettext_lazy("To withdraw"),
    gettext_lazy("Withdrawn"),
    gettext_lazy("Note"),
)


def withdrawal_rows(lines: QuerySet[WithdrawalLine]) -> Iterator[list[object]]:
    for row in lines:
        yield [
            row.ceiling.state_id,
            row.ceiling.municipality_id,
            str(row.ceiling),
            row.ceiling.strand.name,
            row.before,
            row.kept,
            row.amount,
            row.withdrawn,
            row.note,
        ]
