"""Places with how fairly money reaches need in them."""

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from habitat.lib.templatetags.portal import money, number, percent
from reports.equity import Fairness

NUMBER = {"cell": {"class": "num"}}


def between(low: Any, high: Any, write: Callable[[Any], str]) -> str:
    """`low to high`, once where both read the same."""
    ends = list(dict.fromkeys(write(end) for end in (low, high) if end is not None))
    return format_html(" – ".join(["{}"] * len(ends)), *ends) if ends else write(None)


class EquityTable(tables.Table):
    """Takes `address`: the page of a place below, by its key; None where it has none."""

    name = tables.Column(verbose_name=_("Place"), attrs={"td": {"scope": "row"}})
    spent = tables.Column(verbose_name=_("Spent"), attrs=NUMBER)
    deprived_low = tables.Column(verbose_name=_("Deprived dwellings"), attrs=NUMBER)
    least_each = tables.Column(verbose_name=_("Pesos per deprived dwelling"), attrs=NUMBER, empty_values=())
    reached = tables.Column(verbose_name=_("Worst part reached"), attrs=NUMBER)
    concentration = tables.Column(verbose_name=_("Concentration index"), attrs=NUMBER)

    class Meta:
        empty_text = _("No place below has an inhabited block.")
        attrs = {"caption": _("Places below")}

    def __init__(self, rows: list[Fairness], *, address: Callable[[str], str | None], **kwargs: Any) -> None:
        self.address = address
        super().__init__(rows, **kwargs)

    def render_name(self, record: Fairness) -> SafeString:
        link = self.address(record.code)
        if not link:
            return format_html("{}", record.name)
        return format_html('<a href="{}">{}</a><span class="sub key">{}</span>', link, record.name, record.code)

    def render_spent(self, value: Any) -> str:
        return money(value)

    def render_deprived_low(self, record: Fairness) -> str:
        return between(record.deprived_low, record.deprived_high, number)

    def render_least_each(self, record: Fairness) -> str:
        return between(record.least_each, record.most_each, money)

    def render_reached(self, value: float) -> str:
        return percent(value * 100, 1)

    def render_concentration(self, value: float) -> str:
        return number(value, 3)
