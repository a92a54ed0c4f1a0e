"""Community Development Centres (CDC): building, spaces, equipment, services, people who come, cost and condition.

What is kept follows the evaluation by El Colegio de México (domain report, section 6).
"""

import datetime as dt

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited, touch
from habitat.lib.models import PublicRecord
from polygons.models import Municipality, Polygon
from projects.models.money import Source, pesos
from projects.models.projects import Project
from projects.models.targets import AgeGroup
from projects.querysets.social import CentreQuerySet, OfCentre


class Condition(models.TextChoices):
    GOOD = "good", _("Good")
    FAIR = "fair", _("Fair")
    POOR = "poor", _("Poor")
    UNUSABLE = "unusable", _("Unusable")


@audited()
class Centre(PublicRecord):
    """A building, wherever its money came from; `works` are the program's own in it. Point in EPSG:4326."""

    class Ownership(models.TextChoices):
        MUNICIPAL = "municipal", _("Municipal")
        STATE = "state", _("Of the state")
        FEDERAL = "federal", _("Federal")
        COMMUNAL = "communal", _("Communal (ejido)")
        LOAN = "loan", _("On loan")
        UNKNOWN = "unknown", _("Not known")

    class Standing(models.TextChoices):
        BUILDING = "building", _("Being built")
        OPERATING = "operating", _("Operating")
        CLOSED = "closed", pgettext_lazy("centre", "Closed")

    name = models.CharField(_("name"), max_length=200)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    polygon = models.ForeignKey(
        Polygon, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Habitat Polygon")
    )
    address = models.CharField(_("address"), max_length=300)
    point = models.PointField(_("place"), srid=4326, null=True, blank=True)
    ownership = models.CharField(_("ownership"), max_length=9, choices=Ownership, default=Ownership.UNKNOWN)
    standing = models.CharField(_("standing"), max_length=9, choices=Standing, default=Standing.OPERATING)
    opened_on = models.DateField(_("opened"), null=True, blank=True)
    operator = models.CharField(_("operator"), max_length=200, blank=True)
    projects = models.ManyToManyField(Project, through="CentreProject", related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    # Set by `with_latest()`.
    inspected_on: dt.date | None
    building: str | None
    people: int

    objects = CentreQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["municipality", "name"]
        verbose_name = _("community development centre")
        verbose_name_plural = _("community development centres")
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="centre_once_a_municipality")]
        triggers = [touch()]

    def __str__(self) -> str:
        return self.name


@audited()
class CentreProject(models.Model):
    """A work of the program in a centre."""

    centre = models.ForeignKey(Centre, models.CASCADE, related_name="works")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "project"], name="work_once_a_centre")]


@audited()
class CentreSpace(models.Model):
    centre = models.ForeignKey(Centre, models.CASCADE, related_name="spaces")
    name = models.CharField(_("space"), max_length=120)
    area = models.DecimalField(_("square metres"), max_digits=8, decimal_places=2, null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("people it holds"), null=True, blank=True)
    condition = models.CharField(_("condition"), max_length=8, choices=Condition)

    objects = OfCentre.as_manager()

    class Meta:
        ordering = ["centre", "pk"]


@audited()
class CentreEquipment(models.Model):
    centre = models.ForeignKey(Centre, models.CASCADE, related_name="equipment")
    name = models.CharField(_("equipment"), max_length=120)
    quantity = models.PositiveIntegerField(_("pieces"), default=1)
    inventory = models.CharField(_("inventory number"), max_length=60, blank=True)
    condition = models.CharField(_("condition"), max_length=8, choices=Condition)

    objects = OfCentre.as_manager()

    class Meta:
        ordering = ["centre", "pk"]


@audited()
class CentreService(models.Model):
    centre = models.ForeignKey(Centre, models.CASCADE, related_name="services")
    name = models.CharField(_("service"), max_length=120)
    hours = models.CharField(_("days and hours"), max_length=120, blank=True)
    is_offered = models.BooleanField(_("offered now"), default=True)

    objects = OfCentre.as_manager()

    class Meta:
        ordering = ["centre", "pk"]


@audited()
class CentreAttendance(models.Model):
    """People who came in a month, by age group; `month` is its first day."""

    centre = models.ForeignKey(Centre, models.CASCADE, related_name="attendance")
    month = models.DateField(_("month"))
    group = models.CharField(_("age group"), max_length=5, choices=AgeGroup)
    women = models.PositiveIntegerField(_("women"), default=0)
    men = models.PositiveIntegerField(_("men"), default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfCentre.as_manager()

    class Meta:
        ordering = ["-month", "group"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "month", "group"], name="attendance_once_a_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="attendance_by_month"),
        ]


@audited()
class CentreCost(models.Model):
    """What running a centre cost in a month, and who paid."""

    centre = models.ForeignKey(Centre, models.CASCADE, related_name="costs")
    month = models.DateField(_("month"))
    payer = models.CharField(_("who paid"), max_length=14, choices=Source)
    concept = models.CharField(_("of what"), max_length=120, blank=True)
    amount = pesos(_("amount"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfCentre.as_manager()

    class Meta:
        ordering = ["-month", "payer"]
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="cost_by_month"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="cost_positive"),
        ]


@audited()
class CentreInspection(models.Model):
    """The yearly look at the building and what is in it."""

    centre = models.ForeignKey(Centre, models.CASCADE, related_name="inspections")
    on = models.DateField(_("date"))
    building = models.CharField(_("building"), max_length=8, choices=Condition)
    equipment = models.CharField(_("equipment"), max_length=8, choices=Condition)
    is_operating = models.BooleanField(_("was operating"))
    text = models.TextField(_("what was found"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfCentre.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
