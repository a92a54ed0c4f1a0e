"""Tables about keys: the places below one, what does not resolve, and how keys drifted."""

from typing import Any

import django_tables2 as tables
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import range_bar
from polygons.concepts import INDICATOR_BY_NAME, Vintage
from polygons.deficits import DRAINAGE, WATER, WATER_HOUSE, Deficit
from polygons.models import KeyChange, Locality, Municipality
from polygons.orphans import Orphans
from polygons.places import Place

WITHOUT = {
    WATER: _("Without water"),
    WATER_HOUSE: _("Without water inside the house"),
    DRAINAGE: _("Without drainage"),
}
NAMED = {"municipality": Municipality, "locality": Locality}
CHILDREN = {
    "municipality": _("Its municipalities"),
    "locality": _("Its localities"),
    "ageb": _("Its AGEBs"),
    "block": _("Its blocks"),
}


class RangeBar(tables.Column):
    """A deficit as text and bar; its two ends are columns of their own in files."""

    def __init__(self, deficit: Deficit) -> None:
        self.deficit = deficit
        super().__init__(verbose_name=WITHOUT[deficit], empty_values=(), order_by=deficit.low)

    def render(self, record: Any) -> str:
        ends = getattr(record, self.deficit.low), getattr(record, self.deficit.high)
        return render_to_string("components/range.html", range_bar(*ends, record.base))


def _end(deficit: Deficit, end: str, words: Promise) -> Value:
    return detail(format_lazy("{}, {}", WITHOUT[deficit], words), end, "count")


class ChildTable(tables.Table):
    """The places right below one with the sums of one census; blocks with their outlines."""

    code = tables.Column(verbose_name=_("Key"), attrs={"td": {"scope": "row", "class": "key"}})
    called = Value(verbose_name=_("Name"))
    population = Value("count", verbose_name=_("Population"))
    dwellings = Value("count", verbose_name=_("Dwellings"))
    base = detail(_("Dwellings with known characteristics"), "base", "count")
    water, water_house, drainage = (RangeBar(deficit) for deficit in WITHOUT)
    water_low, water_house_low, drainage_low = (_end(one, one.low, _("at least")) for one in WITHOUT)
    water_high, water_house_high, drainage_high = (_end(one, one.high, _("at most")) for one in WITHOUT)

    class Meta:
        order_by = "code"
        empty_text = _("None of them has come in.")

    def __init__(self, children: QuerySet, *, place: Place, vintage: Vintage, **kwargs: Any) -> None:
        self.level, self.vintage = place.below, vintage
        self.geometry = F("geometry") if self.level == "block" else None
        # Each census asked for water in one way.
        other = WATER if vintage.year in INDICATOR_BY_NAME["water_house"].asked else WATER_HOUSE
        left_out = [other.name, other.low, other.high]
        if named := NAMED.get(self.level):
            name = named.objects.filter(pk=OuterRef("code")).values("name")
            children = children.annotate(called=Subquery(name))
        else:
            left_out.append("called")
        super().__init__(children, exclude=left_out, attrs={"caption": CHILDREN[self.level]}, **kwargs)

    def render_code(self, value: str) -> SafeString:
        address = reverse("polygons:place", args=[self.level, value])
        return format_html('<a href="{}?vintage={}">{}</a>', address, self.vintage.year, value)


class OrphanTable(tables.Table):
    code = tables.Column(verbose_name=_("Key"), attrs={"td": {"scope": "row", "class": "key"}})
    about = tables.Column(verbose_name=_("Name"), empty_values=("",))
    place = detail(_("Municipality key"), "place")
    place_name = tables.Column(verbose_name=_("Municipality"), order_by=("place", "code"), empty_values=())
    vintage = Value("year", attrs={}, verbose_name=_("Census"))

    class Meta:
        attrs = {"caption": _("What does not resolve")}
        empty_text = _("Nothing of this kind: everything resolves.")
        order_by = "code"

    def __init__(self, *args: Any, gap: Orphans, request: Any, **kwargs: Any) -> None:
        self.gap = gap
        super().__init__(*args, request=request, **kwargs)

    def render_code(self, value: str) -> SafeString | str:
        if self.gap.level == "polygon":
            return format_html('<a href="{}">{}</a>', reverse("polygons:detail", args=[value]), value)
        if not self.gap.level:
            return value
        return format_html('<a href="{}">{}</a>', reverse("polygons:place", args=[self.gap.level, value]), value)

    def render_place_name(self, record: dict[str, Any]) -> SafeString:
        return format_html('{} <span class="sub key">{}</span>', record["place_name"] or "", record["place"] or "")

    def value_place_name(self, record: dict[str, Any]) -> str:
        return record["place_name"]


class EquivalenceTable(tables.Table):
    old_code = tables.Column(verbose_name=_("Old key"), attrs={"td": {"scope": "row", "class": "key"}})
    new_code = tables.Column(verbose_name=_("New key"), attrs={"td": {"class": "key"}})

    class Meta:
        model = KeyChange
        fields = ("old_code", "new_code", "level", "kind", "valid_from", "source")
        attrs = {"caption": _("Equivalences of keys")}
        empty_text = _("No equivalence fits.")
        order_by = "-valid_from"
