"""The register of Community Development Centres, on the page and as files."""

from functools import reduce
from operator import or_

import django_filters as filters
import django_tables2 as tables
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from projects.filters.projects import states
from projects.models import Centre, Condition


class CentreFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Name, municipality, polygon or operator"))
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))
    standing = filters.ChoiceFilter(choices=Centre.Standing, label=_("Standing"))
    building = filters.ChoiceFilter(choices=Condition, label=_("Building"))

    class Meta:
        model = Centre
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Centre], name: str, value: str) -> QuerySet[Centre]:
        paths = ("name", "municipality__name", "polygon__name", "polygon__code", "operator")
        return rows.filter(reduce(or_, (Q(**{f"{path}__icontains": value}) for path in paths)))


def condition_of(value: str | None) -> str:
    return str(Condition(value).label) if value else "—"


class CentreTable(tables.Table):
    geometry = F("point")

    name = tables.Column(verbose_name=_("Centre"), attrs={"td": {"scope": "row"}})
    municipality_key = detail(_("Municipality key"), "municipality_id")
    place = tables.Column(verbose_name=_("Municipality"), accessor="municipality__name")
    polygon = detail(_("Polygon code"), "polygon__code")
    address = detail(_("Street address"), "address")
    longitude = detail(_("Longitude"), "point__x", "degrees")
    latitude = detail(_("Latitude"), "point__y", "degrees")
    ownership = detail(_("Ownership"), "ownership")
    standing = tables.Column(verbose_name=_("Standing"))
    operator = tables.Column(verbose_name=_("Operator"))
    opened_on = detail(_("Opened"), "opened_on", "date")
    inspected_on = tables.DateColumn(verbose_name=_("Last inspection"), short=True, default="—")
    building = tables.Column(verbose_name=_("Building"), default="—")
    people = Value("count", verbose_name=_("People in a year"))

    begins = _("A centre is registered by its municipality or by the delegation, on this page.")

    class Meta:
        model = Centre
        fields: tuple[str, ...] = ()
        order_by = ("name",)
        empty_text = _("No centre fits these filters.")
        attrs = {"caption": _("Community Development Centres")}

    def render_name(self, record: Centre) -> str:
        words = '<a class="main" href="{}">{}</a><span class="sub">{}</span>'
        return format_html(words, reverse("projects:centre", args=[record.pk]), record.name, record.polygon or "")

    def value_name(self, record: Centre) -> str:
        return record.name

    def render_building(self, value: str) -> str:
        return condition_of(value)
