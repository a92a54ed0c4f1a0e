"""Open drafts as a list: the page and its files. Only those who draw read it."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from habitat.lib.lists import Listing, Value, detail, listed
from polygons.models import PolygonVersion
from polygons.workbench.access import CITY_DIGITS, for_drawers

SQUARE_METRES = 10_000


def open_drafts(user: Any) -> Any:
    drafts = PolygonVersion.objects.visible_to(user).filter(status=PolygonVersion.Status.DRAFT)
    drafts = drafts.select_related("polygon__municipality", "by").defer("geometry", "mercator")
    return drafts.order_by("-dwellings", "polygon__code")


class DraftFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Name or key"))
    place = filters.CharFilter(method="within", label=_("Key of the city or municipality"))

    class Meta:
        model = PolygonVersion
        fields: tuple[str, ...] = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(Q(polygon__name__plain__contains=value) | Q(polygon__code__startswith=value.upper()))

    def within(self, queryset: Any, name: str, value: str) -> Any:
        level = "city" if len(value) == CITY_DIGITS else "municipality"
        return queryset.filter(**{f"polygon__{level}": value})


class DraftTable(tables.Table):
    geometry = F("geometry")
    begins = _("On the workbench choose a place and a threshold, look at the preview and save it as drafts.")

    code = detail(_("Key"), "polygon__code")
    name = tables.Column(
        verbose_name=_("Polygon"), accessor="polygon__name", order_by="polygon__name", attrs={"td": {"scope": "row"}}
    )
    number = Value("count", verbose_name=_("Version"))
    municipality_key = detail(_("Municipality key"), "polygon__municipality_id")
    municipality = tables.Column(
        verbose_name=_("Municipality"), accessor="polygon__municipality", order_by="polygon__municipality__name"
    )
    vintage = Value("year", verbose_name=_("Census"))
    block_count = Value("count", verbose_name=_("Blocks"))
    dwellings = Value("count", verbose_name=_("Dwellings"))
    households = detail(_("Households"), "households", "count")
    hectares = detail(_("Area in hectares"), kind="number")
    by = tables.Column(verbose_name=_("Drawn by"), order_by="by__name", default="—")
    revision = detail(_("Revision"), "revision", "count")

    class Meta:
        model = PolygonVersion
        fields: tuple[str, ...] = ()
        empty_text = _("No draft fits these filters.")
        attrs = {"caption": _("Open drafts")}

    def render_name(self, value: str, record: PolygonVersion) -> str:
        words = '<a href="{}">{}</a> <span class="muted">{}</span>'
        return format_html(words, reverse("polygons:draft", args=[record.polygon.code]), value, record.polygon.code)

    def value_name(self, record: PolygonVersion) -> str:
        return record.polygon.name

    def value_hectares(self, record: PolygonVersion) -> float:
        return record.area / SQUARE_METRES


@require_safe
@for_drawers
@listed
def draft_list(request: HttpRequest) -> Listing:
    found = DraftFilter(request.GET, queryset=open_drafts(request.user))
    return Listing(DraftTable(found.qs), "borradores-de-poligonos", "polygons/draft_list.html", filter=found)
