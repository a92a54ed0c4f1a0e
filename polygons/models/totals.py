"""Sums of blocks by place, kept so that no page adds up the country."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from polygons.querysets import AreaTotalQuerySet


class AreaTotal(models.Model):
    """What the blocks of a place and census add up to, as `services.sums` adds them; written by `refresh_totals` alone.

    `code` is empty for the nation. Unlike a census row (`CensusTotal`) it holds no rural people. NULL where no block
    has the figure.
    """

    class Level(models.TextChoices):
        NATION = "nation", _("Nation")
        STATE = "state", _("State")
        MUNICIPALITY = "municipality", _("Municipality")
        LOCALITY = "locality", _("Locality")
        CITY = "city", _("City")
        AGEB = "ageb", _("AGEB")

    level = models.CharField(_("level"), max_length=12, choices=Level)
    vintage = models.PositiveSmallIntegerField(_("census"))
    code = models.CharField(_("key"), max_length=13, blank=True)
    block_count = models.PositiveIntegerField(_("blocks"))
    # Blocks of which INEGI keeps some figure confidential.
    masked_blocks = models.PositiveIntegerField(_("blocks with confidential figures"))
    population = models.PositiveBigIntegerField(_("population"))
    households = models.PositiveBigIntegerField(_("households"))
    dwellings = models.PositiveBigIntegerField(_("dwellings"))
    base = models.PositiveBigIntegerField(_("dwellings with known characteristics"))
    water_low = models.PositiveBigIntegerField(null=True)
    water_high = models.PositiveBigIntegerField(null=True)
    water_house_low = models.PositiveBigIntegerField(null=True)
    water_house_high = models.PositiveBigIntegerField(null=True)
    drainage_low = models.PositiveBigIntegerField()
    drainage_high = models.PositiveBigIntegerField()
    electricity_low = models.PositiveBigIntegerField()
    electricity_high = models.PositiveBigIntegerField()
    floor_low = models.PositiveBigIntegerField()
    floor_high = models.PositiveBigIntegerField()
    poverty_households = models.PositiveBigIntegerField(null=True)
    poor_households = models.PositiveBigIntegerField(null=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AreaTotalQuerySet.as_manager()

    class Meta:
        ordering = ["vintage", "level", "code"]
        constraints = [models.UniqueConstraint(fields=["level", "vintage", "code"], name="area_total_once")]

    def __str__(self) -> str:
        return f"{self.level} {self.code} {self.vintage}"
