"""The list of letters, on the page and as files."""

from collections.abc import Iterator

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from habitat.lib.templatetags.portal import badge, money
from projects.models import Letter
from projects.tables import NUMBER


def standing_of(letter: Letter) -> tuple[str, str]:
    """(family of the badge, words). Wants `replacement` fetched."""
    if letter.cancelled_at:
        return "stop", pgettext("letter", "Cancelled")
    if letter.replaced_by:
        return "attention", _("Reissued")
    if letter.status == Letter.Status.FAILED:
        return "stop", _("Could not be made")
    return ("good", _("In force")) if letter.status == Letter.Status.ISSUED else ("transit", _("Being made"))


class LetterTable(tables.Table):
    number = tables.Column(
        verbose_name=gettext_lazy("Number"), attrs={"td": {"scope": "row"}, "cell": {"class": "key"}}
    )
    kind = tables.Column(verbose_name=gettext_lazy("Letter"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    addressee = tables.Column(verbose_name=gettext_lazy("To whom"))
    on = tables.Column(verbose_name=gettext_lazy("Date"))
    standing = tables.Column(verbose_name=gettext_lazy("Standing"), empty_values=(), orderable=False)
    copies = tables.Column(verbose_name=gettext_lazy("Signed copies"), attrs=NUMBER, order_by="copies")
    amount = tables.Column(verbose_name=gettext_lazy("Federal amount"), attrs=NUMBER)

    class Meta:
        model = Letter
        fields: tuple[str, ...] = ()
        order_by = ("-on", "-number")
        empty_text = gettext_lazy("No letter fits these filters.")
        attrs = {"caption": gettext_lazy("Letters")}

    def render_number(self, record: Letter) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:letter", args=[record.pk]), record.number)

    def render_standing(self, record: Letter) -> str:
        return badge(*standing_of(record))

    def render_amount(self, value) -> str:
        return money(value)


LETTER_HEADER = (
    gettext_lazy("Number"),
    gettext_lazy("Letter"),
    gettext_lazy("Fiscal year"),
    gettext_lazy("State"),
    gettext_lazy("To whom"),
    gettext_lazy("Date"),
    gettext_lazy("Standing"),
    gettext_lazy("Federal amount"),
    gettext_lazy("Replaces"),
    gettext_lazy("Signed copies"),
    gettext_lazy("Verification"),
)


def letter_rows(letters: QuerySet[Letter]) -> Iterator[list[object]]:
    for letter in letters.iterator(chunk_size=1_000):
        yield [
            letter.number,
            letter.get_kind_display(),
            letter.fiscal_year_id,
            letter.state.name,
            letter.addressee,
            letter.on,
            standing_of(letter)[1],
            letter.amount,
            letter.replaces.number if letter.replaces else "",
            letter.copies,
            letter.code,
        ]
