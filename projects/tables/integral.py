"""Integral projects, on the page and as files."""

import django_tables2 as tables
from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from projects.models import IntegralProject


class IntegralTable(tables.Table):
    # Its polygon's.
    geometry = F("polygon_version__geometry")

    name = tables.Column(verbose_name=_("Name"), attrs={"td": {"scope": "row"}})
    polygon_code = detail(_("Polygon code"), "polygon_version__polygon__code")
    polygon = tables.Column(verbose_name=_("Habitat Polygon"), accessor="polygon_version__polygon", orderable=False)
    municipality_key = detail(_("Municipality key"), "polygon_version__polygon__municipality_id")
    municipality = tables.Column(
        verbose_name=_("Municipality"), accessor="polygon_version__polygon__municipality__name"
    )
    fiscal_year = Value("year", verbose_name=_("Year"), accessor="fiscal_year_id")
    members = Value("count", verbose_name=_("Projects"))
    cost = Value("money", verbose_name=_("Cost"))

    class Meta:
        model = IntegralProject
        fields: tuple[str, ...] = ()
        order_by = ("-pk",)
        empty_text = _("There is no integral project in your territory yet.")
        attrs = {"caption": _("Integral projects")}

    def render_name(self, record: IntegralProject) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:integral", args=[record.pk]), record.name)
