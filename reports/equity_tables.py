"""Places with how fairly money reaches need in them."""

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.contrib.gis.db.models.functions import AsWKB
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import money, number, percent
from polygons.models import PolygonVersion
from reports.equity import Fairness


def between(low: Any, high: Any, write: Callable[[Any], str]) -> str:
    """`low to high`, once where both read the same."""
    ends = list(dict.fromkeys(write(end) for end in (low, high) if end is not None))
    return format_html(" – ".join(["{}"] * len(ends)), *ends) if ends else write(None)


def _polygons(rows: list[Fairness]) -> list[Any]:
    """The outlines in force, for a GeoPackage; the row of what lies in no polygon has none."""
    versions = PolygonVersion.objects.published().filter(polygon__code__in=[row.code for row in rows])
    known = dict(versions.values_list("polygon__code", AsWKB("geometry")))
    return [known.get(row.code) for row in rows]


class EquityTable(tables.Table):
    """Takes `address`: the page of a place below, by its key; None where it has none. `has_shapes`: the places are
    polygons; of states and municipalities no outline is kept."""

    code = detail(_("Key"), "code")
    name = tables.Column(verbose_name=_("Place"), attrs={"td": {"scope": "row"}})
    blocks = detail(_("Blocks"), "blocks", "count")
    dwellings = detail(_("Dwellings"), "dwellings", "count")
    spent = Value("money", verbose_name=_("Spent"))
    deprived_low = Value("count", verbose_name=_("Deprived dwellings"))
    deprived_high = detail(_("Deprived dwellings, at most"), "deprived_high", "count")
    least_each = Value("money", verbose_name=_("Pesos per deprived dwelling"), empty_values=())
    most_each = detail(_("Pesos per deprived dwelling: at most"), "most_each", "money")
    worst = detail(_("Dwellings in the worst blocks"), "worst", "count")
    worst_reached = detail(_("Of them in a block with some action"), "worst_reached", "count")
    reached = Value("number", verbose_name=_("Worst part reached"))
    concentration = Value("number", verbose_name=_("Concentration index"))

    class Meta:
        empty_text = _("No place below has an inhabited block.")
        attrs = {"caption": _("Places below")}

    def __init__(
        self, rows: list[Fairness], *, address: Callable[[str], str | None], has_shapes: bool, **kwargs: Any
    ) -> None:
        self.address = address
        self.shapes = _polygons if has_shapes else None
        super().__init__(rows, **kwargs)

    def render_name(self, record: Fairness) -> SafeString:
        link = self.address(record.code)
        if not link:
            return format_html("{}", record.name)
        return format_html('<a href="{}">{}</a><span class="sub key">{}</span>', link, record.name, record.code)

    def value_name(self, record: Fairness) -> str:
        return record.name

    def value_least_each(self, record: Fairness) -> Any:
        return None if record.least_each is None else round(record.least_each, 2)

    def value_most_each(self, record: Fairness) -> Any:
        return None if record.most_each is None else round(record.most_each, 2)

    def render_deprived_low(self, record: Fairness) -> str:
        return between(record.deprived_low, record.deprived_high, number)

    def render_least_each(self, record: Fairness) -> str:
        return between(record.least_each, record.most_each, money)

    def render_reached(self, value: float) -> str:
        return percent(value * 100, 1)

    def render_concentration(self, value: float) -> str:
        return number(value, 3)
