"""The lists of letters and of their words, on the page and as files."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from projects.models import Letter, LetterText


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
    fiscal_year = detail(gettext_lazy("Fiscal year"), "fiscal_year_id", "year")
    state = tables.Column(verbose_name=gettext_lazy("State"))
    addressee = tables.Column(verbose_name=gettext_lazy("To whom"))
    on = tables.Column(verbose_name=gettext_lazy("Date"))
    standing = tables.Column(verbose_name=gettext_lazy("Standing"), empty_values=(), orderable=False)
    copies = Value("count", verbose_name=gettext_lazy("Signed copies"), order_by="copies")
    amount = Value("money", verbose_name=gettext_lazy("Federal amount"))
    replaces = detail(gettext_lazy("Replaces"), "replaces__number")
    code = detail(gettext_lazy("Verification"), "code")

    begins = gettext_lazy("A letter is signed on this page or with an approval, by whom its kind names.")

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


class LetterTextTable(tables.Table):
    """Every version of the words; the text itself is a column of the files, and of the page once it is chosen."""

    published_at = Value("moment", verbose_name=gettext_lazy("In force from"))
    body = detail(gettext_lazy("Text"), "body")

    class Meta:
        model = LetterText
        fields = ("kind", "version", "status", "subject", "by", "changed_at", "published_by", "published_at")
        order_by = ("kind", "-version")
        empty_text = gettext_lazy("Nobody has written other words: those the portal came with are in force.")
        attrs = {"caption": gettext_lazy("Versions of the words")}
