"""Lists of the money's papers and moves: agreements."""

from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.templatetags.portal import badge, money
from projects.models import Agreement
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
