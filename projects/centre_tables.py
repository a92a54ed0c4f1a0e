"""The register of Community Development Centres, on the page and as files."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from projects.filters import states
from projects.models import Centre, Condition
from projects.tables import NUMBER


class CentreFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Name, municipality, polygon or operator"))
    state = filters.ModelChoiceFilter(
        field_name="municipality__state", queryset=states, label=_("State"), empty_label=_("All")
    )
    standing = filters.ChoiceFilter(choices=Centre.Standing, label=_("Standing"), empty_label=_("All"))
    building = filters.ChoiceFilter(choices=Condition, label=_("Building"), empty_label=_("All"))

    class Meta:
        model = Centre
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Centre], name: str, value: str) -> QuerySet[Centre]:
        paths = ("name", "municipality__name", "polygon__name", "polygon__code", "operator")
        return rows.filter(reduce(or_, (Q(**{f"{path}__icontains": value}) for path in paths)))


def condition_of(value: str | None) -> str:
    return str(Condition(value).label) if value else "—"


class CentreTable(tables.Table):
    name = tables.Column(verbose_name=_("Centre"), attrs={"td": {"scope": "row"}})
    place = tables.Column(verbose_name=_("Municipality"), accessor="municipality__name")
    standing = tables.Column(verbose_name=_("Standing"))
    operator = tables.Column(verbose_name=_("Operator"))
    inspected_on = tables.DateColumn(verbose_name=_("Last inspection"), short=True, default="—")
    building = tables.Column(verbose_name=_("Building"), default="—")
    people = tables.Column(verbose_name=_("People in a year"), attrs=NUMBER)

    class Meta:
        model = Centre
        fields: tuple[str, ...] = ()
        order_by = ("name",)
        empty_text = _("No centre fits these filters.")
        attrs = {"caption": _("Community Development Centres")}

    def render_name(self, record: Centre) -> str:
        words = '<a class="main" href="{}">{}</a><span class="sub">{}</span>'
        return format_html(words, reverse("projects:centre", args=[record.pk]), record.name, record.polygon or "")

    def render_building(self, value: str) -> str:
        return condition_of(value)


CENTRE_HEADER = (
    _("Centre"), _("Municipality key"), _("Municipality"), _("Polygon code"), _("Address"), _("Longitude"),
    _("Latitude"), _("Ownership"), _("Standing"), _("Operator"), _("Opened"), _("Last inspection"), _("Building"),
    _("People in a year"),
)  # fmt: skip


def centre_rows(centres: QuerySet[Centre]) -> Iterator[list[object]]:
    for row in centres.iterator(chunk_size=1_000):
        yield [
            row.name, row.municipality_id, row.municipality.name, row.polygon.code if row.polygon else "", row.address,
            row.point.x if row.point else None, row.point.y if row.point else None, row.get_ownership_display(),
            row.get_standing_display(), row.operator, row.opened_on, row.inspected_on, condition_of(row.building),
            row.people,
        ]  # fmt: skip
