"""Lists of the money's papers and moves: agreements, reallocations, withdrawals."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from projects.models import Agreement, Ceiling, Reallocation, Withdrawal, WithdrawalLine


class AgreementTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("Agreement"), attrs={"td": {"scope": "row"}})
    fiscal_year = Value("year", verbose_name=gettext_lazy("Fiscal year"), accessor="fiscal_year_id")
    state_key = detail(gettext_lazy("State key"), "state_id")
    state = tables.Column(verbose_name=gettext_lazy("State"), default=gettext_lazy("The whole country"))
    kind = tables.Column(verbose_name=gettext_lazy("Kind"))
    signed_on = tables.Column(verbose_name=gettext_lazy("Signed on"), empty_values=())
    published_on = tables.Column(verbose_name=gettext_lazy("Published on"))
    federal = Value("money", verbose_name=gettext_lazy("Federal pesos"))
    state_part = detail(gettext_lazy("State part"), "state_part", "money")
    municipal_part = detail(gettext_lazy("Municipal part"), "municipal_part", "money")

    begins = gettext_lazy("The program unit writes the agreements down, on this page; ceilings rest on them.")

    class Meta:
        model = Agreement
        fields: tuple[str, ...] = ()
        order_by = ("-fiscal_year", "state", "pk")
        empty_text = gettext_lazy("No agreement fits these filters.")
        attrs = {"caption": gettext_lazy("Coordination agreements")}

    def render_name(self, value: str, record: Agreement) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:agreement", args=[record.pk]), value)

    def render_signed_on(self, record: Agreement) -> str:
        return (
            date_format(record.signed_on, "SHORT_DATE_FORMAT")
            if record.signed_on
            else badge("attention", _("Not signed"))
        )


def state_of(moved: Reallocation) -> tuple[str, str]:
    """Family of the badge and its words."""
    if moved.discarded_at:
        return "stop", _("Discarded")
    return ("done", _("Confirmed")) if moved.confirmed_at else ("attention", _("Waiting for the second person"))


class ReallocationTable(tables.Table):
    proposed_at = tables.Column(verbose_name=gettext_lazy("Proposed"), attrs={"td": {"scope": "row"}})
    fiscal_year = detail(gettext_lazy("Fiscal year"), "source__fiscal_year_id", "year")
    strand = detail(gettext_lazy("Strand"), "source__strand__name")
    source = tables.Column(verbose_name=pgettext_lazy("move", "From"), orderable=False)
    target = tables.Column(verbose_name=pgettext_lazy("move", "To"), orderable=False)
    amount = Value("money", verbose_name=gettext_lazy("Federal pesos"))
    reason = detail(gettext_lazy("Reason"), "reason")
    proposed_by = tables.Column(verbose_name=gettext_lazy("Proposed by"))
    confirmed_by = tables.Column(verbose_name=gettext_lazy("Confirmed by"), default="—")
    confirmed_at = detail(gettext_lazy("Confirmed"), "confirmed_at", "date")
    status = tables.Column(verbose_name=gettext_lazy("Status"), empty_values=(), orderable=False)

    begins = gettext_lazy("A reallocation is proposed from the page of the ceiling that gives.")

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

    def render_status(self, record: Reallocation) -> str:
        return badge(*state_of(record))


# Of the badge by status of a withdrawal; the others wait for somebody.
FAMILIES = {"done": "done", "failed": "stop", "discarded": "stop"}


class WithdrawalTable(tables.Table):
    closes_on = Value(
        "date",
        verbose_name=gettext_lazy("Cut-off"),
        accessor="milestone__closes_on",
        attrs={"td": {"scope": "row"}},
        linkify=("projects:withdrawal", {"pk": tables.A("pk")}),
    )
    kind = tables.Column(verbose_name=gettext_lazy("Kind"), accessor="milestone__kind")
    year = detail(gettext_lazy("Fiscal year"), "milestone__fiscal_year_id", "year")
    reason = detail(gettext_lazy("Reason"), "reason")
    proposed_by = tables.Column(verbose_name=gettext_lazy("Proposed by"), order_by="proposed_by__name")
    proposed_at = detail(gettext_lazy("Proposed"), "proposed_at", "moment")
    confirmed_by = tables.Column(verbose_name=gettext_lazy("Confirmed by"), order_by="confirmed_by__name")
    confirmed_at = detail(gettext_lazy("Confirmed"), "confirmed_at", "moment")
    status = tables.Column(verbose_name=gettext_lazy("Status"))

    begins = gettext_lazy("At each cut-off the program unit previews what goes back; a second person confirms it.")

    class Meta:
        model = Withdrawal
        fields: tuple[str, ...] = ()
        order_by = ("-proposed_at", "-pk")
        empty_text = gettext_lazy("No withdrawal fits these filters.")
        attrs = {"caption": gettext_lazy("Withdrawals")}

    def render_status(self, record: Withdrawal) -> str:
        return badge(FAMILIES.get(record.status, "attention"), record.get_status_display())


class WithdrawalLineTable(tables.Table):
    state_key = detail(gettext_lazy("State key"), "ceiling__state_id")
    municipality_key = detail(gettext_lazy("Municipality key"), "ceiling__municipality_id")
    ceiling = tables.Column(
        verbose_name=gettext_lazy("Ceiling"), attrs={"td": {"scope": "row"}}, order_by="ceiling__municipality"
    )
    strand = tables.Column(verbose_name=gettext_lazy("Strand"), accessor="ceiling__strand", orderable=False)
    before = Value("money", verbose_name=gettext_lazy("Ceiling at the preview"))
    kept = Value("money", verbose_name=gettext_lazy("Covered"))
    amount = Value("money", verbose_name=gettext_lazy("To withdraw"))
    withdrawn = Value("money", verbose_name=gettext_lazy("Withdrawn"), default="—")
    note = tables.Column(verbose_name=gettext_lazy("Note"), orderable=False, default="")

    class Meta:
        model = WithdrawalLine
        fields: tuple[str, ...] = ()
        order_by = ("-amount",)
        empty_text = gettext_lazy("Nothing is to be withdrawn here.")
        attrs = {"caption": gettext_lazy("What each ceiling gives back")}

    def render_ceiling(self, value: Ceiling) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:ceiling", args=[value.pk]), value)
