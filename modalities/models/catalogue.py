"""What the program may fund: modalities, strands, action lines and the catalogue of action types."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from habitat.lib.models import PublicRecord
from modalities.querysets import PublicQuerySet


class BilingualName(PublicRecord):
    """A catalogue row: a code that stays, an official name in Spanish and our name in English."""

    code = models.CharField(_("code"), max_length=12, primary_key=True)
    name_es = models.CharField(_("name in Spanish"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    objects = PublicQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        abstract = True
        ordering = ["position", "code"]

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_es

    def __str__(self) -> str:
        return self.name


@audited()
class Modality(BilingualName):
    """DS, ME or PD (Rules of Operation 2010-2014; domain report, section 1.3)."""

    class Meta(BilingualName.Meta):
        verbose_name = _("modality")
        verbose_name_plural = _("modalities")


@audited()
class Strand(BilingualName):
    """Vertiente: General, Historic Centres or Preventive Interventions; the set depends on the year."""

    class Meta(BilingualName.Meta):
        verbose_name = _("strand")
        verbose_name_plural = _("strands")


@audited()
class ActionLine(BilingualName):
    modality = models.ForeignKey(Modality, models.PROTECT, related_name="lines")

    class Meta(BilingualName.Meta):
        verbose_name = _("action line")
        verbose_name_plural = _("action lines")


class GeometryKind(models.TextChoices):
    POINT = "point", _("Point")
    LINE = "line", _("Line")
    AREA = "area", _("Area")
    NONE = "none", _("No place of its own")


class LocationBasis(models.TextChoices):
    IN_POLYGON = "in_polygon", _("Inside a Habitat Polygon")
    SERVING_POLYGON = "serving_polygon", _("Serving a Habitat Polygon")
    HISTORIC_CENTRE = "historic_centre", _("Inside the historic centre's perimeter")
    MUNICIPALITY_WIDE = "municipality_wide", _("The whole municipality")
    NONE = "none", _("No place")


class Unit(models.TextChoices):
    """Units of the physical target; domain report, section 1.6."""

    METRE = "m", _("linear metre")
    SQUARE_METRE = "m2", _("square metre")
    CONNECTION = "toma", _("water connection")
    DISCHARGE = "descarga", _("sewer connection")
    WORK = "obra", _("work")
    PLANT = "planta", _("plant")
    LAMP = "luminaria", _("street light")
    BUILDING = "inmueble", _("building")
    LOT = "lote", _("lot of equipment")
    SYSTEM = "sistema", _("system")
    HECTARE = "ha", _("hectare")
    TREE = "arbol", _("tree")
    PIECE = "pieza", _("piece")
    COURSE = "curso", _("course")
    WORKSHOP = "taller", _("workshop")
    EVENT = "evento", _("event")
    PROVIDER_MONTH = "prestador_mes", _("service provider × month")
    PROMOTER_MONTH = "promotor_mes", _("promoter × month")
    ADVISER_MONTH = "asesor_mes", _("adviser × month")
    PLAN = "plan", _("plan")
    STUDY = "estudio", _("study")
    MODULE = "modulo", _("service module")
    COMMITTEE = "comite", _("committee")
    ACTION = "accion", _("action")
    INSTITUTE = "instituto", _("institute")
    OBSERVATORY = "observatorio", _("observatory")
    AGENCY = "agencia", _("agency")
    ATLAS = "atlas", _("atlas")
    DESIGN = "proyecto", _("executive project")


@audited()
class ActionType(BilingualName):
    """A tipo de obra o acción: what can be funded, in which unit, and what binds it to a place."""

    modality = models.ForeignKey(Modality, models.PROTECT, related_name="action_types")
    line = models.ForeignKey(ActionLine, models.PROTECT, related_name="action_types")
    unit = models.CharField(_("unit"), max_length=16, choices=Unit)
    # 1 = water, drainage, electricity (public account 2010); lower levels are from memory, so no rule hangs on them.
    priority = models.PositiveSmallIntegerField(_("priority"), null=True)
    geometry_kind = models.CharField(_("geometry"), max_length=8, choices=GeometryKind)
    location_basis = models.CharField(_("location basis"), max_length=20, choices=LocationBasis)
    # Whether a committee's word is asked for before a project with it is closed; planning studies have none.
    needs_committee = models.BooleanField(_("committee's word before closure"), default=True, db_default=True)
    oc4ids_sector = models.CharField(max_length=60, blank=True)
    oc4ids_type = models.CharField(max_length=30, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta(BilingualName.Meta):
        verbose_name = _("action type")
        verbose_name_plural = _("action types")
