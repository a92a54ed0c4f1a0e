"""City blocks with their census counts, and the census file's own total rows."""

from typing import Any

from django.contrib.gis.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from polygons import deficits
from polygons.deficits import generated, high_of, low_of
from polygons.models.territory import City, Locality, Municipality
from polygons.models.tiles import changes_map
from polygons.querysets import BlockQuerySet, CensusTotalQuerySet


def count(label: Any) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, null=True)


class CensusCounts(models.Model):
    """Counts as INEGI prints them. NULL is never 0: `missing` says why, count by count.

    `missing` maps a count's name to "*" (confidential) or "N/D" (not available).
    """

    population = count(_("population"))  # POBTOT
    women = count(_("women"))  # POBFEM
    men = count(_("men"))  # POBMAS
    households = count(_("households"))  # TOTHOG
    dwellings = count(_("dwellings"))  # VIVTOT
    inhabited_dwellings = count(_("inhabited dwellings"))  # TVIVHAB
    known_dwellings = count(_("inhabited private dwellings with known characteristics"))  # VIVPARH_CV
    earth_floor = count(_("dwellings with an earth floor"))  # VPH_PISOTI
    firm_floor = count(_("dwellings with a firm floor"))  # VPH_PISODT
    with_electricity = count(_("dwellings with electricity"))  # VPH_C_ELEC
    without_electricity = count(_("dwellings without electricity"))  # VPH_S_ELEC
    with_water = count(_("dwellings with piped water in the house or on the plot"))  # VPH_AGUADV
    without_water = count(_("dwellings without piped water in the house or on the plot"))  # VPH_AGUAFV
    with_water_house = count(_("dwellings with piped water inside the house"))  # 2005 only
    without_water_house = count(_("dwellings without piped water inside the house"))  # 2005 only
    with_drainage = count(_("dwellings with drainage"))  # VPH_DRENAJ
    without_drainage = count(_("dwellings without drainage"))  # VPH_NODREN
    all_services = count(_("dwellings with water, drainage and electricity"))  # VPH_C_SERV
    missing = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class Block(CensusCounts):
    """Manzana urbana: `code` is 16 characters, unique within a census vintage.

    Geometry may be of another vintage than the census; both are shown. `geometry` is EPSG:4326, `mercator` the same
    in EPSG:3857 for tiles only, never for measuring.
    """

    code = models.CharField(_("key"), max_length=16)
    vintage = models.PositiveSmallIntegerField(_("census"))
    geometry_vintage = models.PositiveSmallIntegerField(_("geometry of"), null=True)
    ageb_code = models.CharField(_("AGEB"), max_length=13)
    # Django would index each key twice, the second time for LIKE, which nothing asks of these.
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="blocks", db_index=False)
    locality = models.ForeignKey(Locality, models.PROTECT, null=True, related_name="blocks", db_index=False)
    city = models.ForeignKey(City, models.PROTECT, null=True, related_name="blocks", db_index=False)
    geometry = models.MultiPolygonField(srid=4326, null=True, spatial_index=True)
    mercator = models.MultiPolygonField(srid=3857, null=True, spatial_index=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False, db_index=True)

    base = generated(deficits.BASE)
    water_low = generated(low_of(deficits.WATER))
    water_high = generated(high_of(deficits.WATER))
    water_house_low = generated(low_of(deficits.WATER_HOUSE))
    water_house_high = generated(high_of(deficits.WATER_HOUSE))
    drainage_low = generated(low_of(deficits.DRAINAGE))
    drainage_high = generated(high_of(deficits.DRAINAGE))
    electricity_low = generated(low_of(deficits.ELECTRICITY))
    electricity_high = generated(high_of(deficits.ELECTRICITY))
    floor_low = generated(low_of(deficits.FLOOR))
    floor_high = generated(high_of(deficits.FLOOR))

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ["code", "vintage"]
        verbose_name = _("city block")
        verbose_name_plural = _("city blocks")
        indexes = [
            models.Index(fields=["city", "vintage"]),
            # In the order in which lists are read page by page: without it, each page sorts the whole municipality.
            models.Index(fields=["municipality", "vintage", "code"]),
            models.Index(fields=["locality"]),
            models.Index(fields=["ageb_code"]),
        ]
        triggers = [changes_map("blocks")]
        constraints = [
            models.UniqueConstraint(fields=["code", "vintage"], name="block_once_a_vintage"),
            models.CheckConstraint(
                condition=models.Q(geometry__isnull=True) | models.Q(geometry__isvalid=True),
                name="block_geometry_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class UnmatchedShape(models.Model):
    """A block polygon whose census row is not known, or not yet: a later census file takes it from here."""

    code = models.CharField(_("key"), max_length=16)
    vintage = models.PositiveSmallIntegerField(_("census"))
    geometry_vintage = models.PositiveSmallIntegerField(_("geometry of"))
    geometry = models.MultiPolygonField(srid=4326, spatial_index=False)

    class Meta:
        ordering = ["code", "vintage"]
        constraints = [models.UniqueConstraint(fields=["code", "vintage"], name="unmatched_shape_once")]

    def __str__(self) -> str:
        return self.code


class CensusTotal(CensusCounts):
    """A total row of the census file. State rows include rural people: never shown as sums of blocks."""

    class Level(models.TextChoices):
        STATE = "state", _("State")
        MUNICIPALITY = "municipality", _("Municipality")
        LOCALITY = "locality", _("Locality")
        AGEB = "ageb", _("AGEB")

    level = models.CharField(_("level"), max_length=12, choices=Level)
    code = models.CharField(_("key"), max_length=13)
    vintage = models.PositiveSmallIntegerField(_("census"))
    name = models.CharField(_("name"), max_length=120)

    objects = CensusTotalQuerySet.as_manager()

    class Meta:
        ordering = ["level", "code", "vintage"]
        constraints = [models.UniqueConstraint(fields=["level", "code", "vintage"], name="census_total_once")]
