"""The catalogue's types as a file: the page draws them under their lines."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value
from modalities.models import ActionType


class TypeTable(tables.Table):
    code = tables.Column(verbose_name=_("Code"))
    modality = tables.Column(verbose_name=_("Modality"), accessor="modality__name")
    line = tables.Column(verbose_name=_("Line"), accessor="line__name")
    name_es = tables.Column(verbose_name=_("Name in Spanish"))
    name_en = tables.Column(verbose_name=_("Name in English"))
    unit = tables.Column(verbose_name=_("Unit"))
    priority = Value("count", verbose_name=_("Priority"))
    geometry_kind = tables.Column(verbose_name=_("Geometry"))
    location_basis = tables.Column(verbose_name=_("Place"))
    oc4ids_sector = tables.Column(verbose_name=_("OC4IDS sector"))
    oc4ids_type = tables.Column(verbose_name=_("OC4IDS type"))
    note = tables.Column(verbose_name=_("Note"))

    class Meta:
        model = ActionType
        fields: tuple[str, ...] = ()
        attrs = {"caption": _("Action types")}
