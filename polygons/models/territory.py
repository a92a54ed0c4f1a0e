"""States, municipalities, localities and cities. INEGI's keys are the primary keys: text, with their zeros."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.contrib.gis.db import models
from django.core.validators import RegexValidator
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from polygons.models.tiles import changes_map
from polygons.querysets import ByMunicipality, CityQuerySet, MunicipalityQuerySet, StateQuerySet


def inegi_key(digits: int) -> models.CharField:
    return models.CharField(
        _("key"), max_length=digits, primary_key=True, validators=[RegexValidator(rf"^\d{{{digits}}}$")]
    )


class Place(models.Model):
    name = models.CharField(_("name"), max_length=120)
    updated_at = models.DateTimeField(db_default=Now(), editable=False, db_index=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class State(Place):
    """Entidad federativa; `code` is CVE_ENT, 2 digits."""

    code = inegi_key(2)
    abbreviation = models.CharField(_("abbreviation"), max_length=10, blank=True, db_default="")

    objects = StateQuerySet.as_manager()

    class Meta(Place.Meta):
        verbose_name = _("state")
        verbose_name_plural = _("states")


class Municipality(Place):
    """Municipio; `code` is CVE_ENT + CVE_MUN, 5 digits. `time_zone` decides when its capture windows close."""

    code = inegi_key(5)
    state = models.ForeignKey(State, models.PROTECT, related_name="municipalities")
    time_zone = models.CharField(_("time zone"), max_length=40, default="America/Mexico_City")
    population = models.PositiveIntegerField(_("population"), null=True)
    population_year = models.PositiveSmallIntegerField(null=True)

    objects = MunicipalityQuerySet.as_manager()

    class Meta(Place.Meta):
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def local_day(self, at: dt.datetime | None = None) -> dt.date:
        """The day on its own clocks, at a moment or now: what is written down there is dated by it."""
        return timezone.localdate(at, ZoneInfo(self.time_zone))


class Locality(Place):
    """Localidad; `code` is CVE_ENT + CVE_MUN + CVE_LOC, 9 digits."""

    code = inegi_key(9)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="localities")

    objects = ByMunicipality.as_manager()

    class Meta(Place.Meta):
        verbose_name = _("locality")
        verbose_name_plural = _("localities")


class City(Place):
    """A city of the National Urban System (SUN 2012); `code` is CVE_SUN, 3 digits.

    Metropolitan zones are made of municipalities, conurbations and urban centres of localities.
    """

    class Kind(models.TextChoices):
        METROPOLITAN_ZONE = "metropolitan_zone", _("Metropolitan zone")
        CONURBATION = "conurbation", _("Conurbation")
        URBAN_CENTRE = "urban_centre", _("Urban centre")

    code = inegi_key(3)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # Sum of the census's municipality or locality rows of its members; NULL until they are imported.
    population = models.PositiveIntegerField(_("population"), null=True)
    point = models.PointField(srid=4326, null=True)
    municipalities = models.ManyToManyField(Municipality, related_name="metropolitan_zones", blank=True)
    localities = models.ManyToManyField(Locality, related_name="cities", blank=True)

    objects = CityQuerySet.as_manager()

    class Meta(Place.Meta):
        triggers = [changes_map("cities")]
        verbose_name = _("city")
        verbose_name_plural = _("cities")


class KeyChange(models.Model):
    """Keys drift: from `valid_from` on, `old_code` is known as `new_code`, which is empty where it is dropped.

    A split is a row for each part, a merger a row for each of those that were merged.
    """

    class Kind(models.TextChoices):
        RENAMED = "renamed", _("Renamed")
        MOVED = "moved", _("Moved to another municipality")
        SPLIT = "split", _("Split")
        MERGED = "merged", _("Merged")
        DROPPED = "dropped", _("Dropped")

    class Level(models.TextChoices):
        STATE = "state", _("State")
        MUNICIPALITY = "municipality", _("Municipality")
        LOCALITY = "locality", _("Locality")
        AGEB = "ageb", _("AGEB")
        BLOCK = "block", _("Block")

    level = models.CharField(_("level"), max_length=12, choices=Level)
    old_code = models.CharField(_("old key"), max_length=16, db_index=True)
    new_code = models.CharField(_("new key"), max_length=16, blank=True)
    kind = models.CharField(_("kind of change"), max_length=8, choices=Kind)
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        ordering = ["level", "old_code", "valid_from"]
        verbose_name = _("equivalence of keys")
        verbose_name_plural = _("equivalences of keys")
        constraints = [
            models.UniqueConstraint(
                fields=["level", "old_code", "new_code", "valid_from"], name="key_change_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.old_code} → {self.new_code or '—'}"
