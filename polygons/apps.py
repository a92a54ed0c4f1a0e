from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolygonsConfig(AppConfig):
    name = "polygons"
    verbose_name = _("Territory")
