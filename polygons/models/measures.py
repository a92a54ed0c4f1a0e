"""What is known of a place beside the census's own counts: poverty by block, marginalisation, context."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited
from polygons.models.territory import Municipality, State
from polygons.querysets import ByMunicipality, ContextIndicatorQuerySet, ScoreQuerySet


class Level(models.TextChoices):
    """Of what a key is the key; AGEBs of the country and localities can have keys of the same length."""

    STATE = "state", _("State")
    MUNICIPALITY = "municipality", _("Municipality")
    LOCALITY = "locality", _("Locality")
    AGEB = "ageb", _("AGEB")
    BLOCK = "block", _("Block")
    POLYGON = "polygon", _("Polygon")


class HouseholdPoverty(models.Model):
    """Households of one block and, among them, those in asset poverty, by whoever estimated it and how.

    Census files hold no income: this is the basis of the criterion of 50 % and of delineation by poverty.
    """

    code = models.CharField(_("key"), max_length=16)
    vintage = models.PositiveSmallIntegerField(_("census"))
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    households = models.PositiveIntegerField(_("households"))
    poor_households = models.PositiveIntegerField(_("households in poverty"))
    method = models.CharField(_("method"), max_length=120)
    source = models.CharField(_("source"), max_length=300)
    updated_at = models.DateTimeField(db_default=Now(), editable=False, db_index=True)

    objects = ByMunicipality.as_manager()

    class Meta:
        ordering = ["code", "vintage"]
        verbose_name = _("household poverty")
        verbose_name_plural = _("household poverty")
        constraints = [
            models.UniqueConstraint(fields=["code", "vintage"], name="poverty_once_a_block"),
            models.CheckConstraint(
                condition=models.Q(poor_households__lte=models.F("households")), name="poor_among_households"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.vintage}"


@audited()
class MarginalisationIndex(models.Model):
    """One index over all units of one level and year: computed here by DP2, or published by CONAPO and imported.

    `weights`, `reference` and `deviations` follow `indicators`, one number each. `cuts` are the upper limits of the
    strata from the most to the least marginal, the last one left out; `classes` the number of classes of equal width
    the cuts were found with. Higher values mean *less* marginal (DP2; domain report, 7.5).
    """

    class Origin(models.TextChoices):
        COMPUTED = "computed", _("Computed here")
        PUBLISHED = "published", pgettext_lazy("index", "Published")

    level = models.CharField(_("level"), max_length=12, choices=Level)
    year = models.PositiveSmallIntegerField(_("year"))
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    source = models.CharField(_("source"), max_length=300)
    # The one that pages, maps and delineation use for its level.
    is_reference = models.BooleanField(_("in use"), default=False)
    units = models.PositiveIntegerField(_("units"))
    indicators = models.JSONField(default=list)
    weights = models.JSONField(default=list)
    reference = models.JSONField(default=list)
    deviations = models.JSONField(default=list)
    # Indicators in the order in which they entered.
    entered = models.JSONField(default=list)
    iterations = models.PositiveSmallIntegerField(null=True)
    # DP2 of a unit without any deprivation: what the normalised index divides by.
    zero_deprivation = models.FloatField(null=True)
    classes = models.PositiveSmallIntegerField(_("classes"), null=True)
    cuts = ArrayField(models.FloatField(), default=list)
    # Units in each class of equal width between `lowest` and `highest`, closed at the right.
    frequencies = ArrayField(models.PositiveIntegerField(), default=list)
    lowest = models.FloatField(null=True)
    highest = models.FloatField(null=True)
    # What was read and how gaps were treated: files with sha256, vintages, units left out and why.
    inputs = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["level", "-year", "-made_at"]
        verbose_name = _("marginalisation index")
        verbose_name_plural = _("marginalisation indices")
        constraints = [
            models.UniqueConstraint(
                fields=["level"], condition=models.Q(is_reference=True), name="one_reference_index_a_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.year}"


class MarginalisationScore(models.Model):
    """One unit's index: the lower, the more marginal. `grade` is that of marginalisation: 1 very low, 5 very high."""

    class Grade(models.IntegerChoices):
        VERY_LOW = 1, _("Very low")
        LOW = 2, _("Low")
        MEDIUM = 3, _("Medium")
        HIGH = 4, _("High")
        VERY_HIGH = 5, _("Very high")

    index = models.ForeignKey(MarginalisationIndex, models.CASCADE, related_name="scores")
    code = models.CharField(_("key"), max_length=20)
    value = models.FloatField(_("marginalisation index"))
    normalised = models.FloatField(_("normalised index"), null=True)
    grade = models.PositiveSmallIntegerField(_("marginalisation grade"), choices=Grade, null=True)
    # Among all units of the index; 1 is the most marginal, units alike share the better place.
    rank = models.PositiveIntegerField(_("place"), null=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["index", "code"]
        constraints = [models.UniqueConstraint(fields=["index", "code"], name="score_once_a_unit")]

    def __str__(self) -> str:
        return f"{self.code}: {self.value}"


@audited()
class ContextIndicator(models.Model):
    """A dated figure of a place that no census gives: violence, other public investment, prices of land, outcomes."""

    class Concept(models.TextChoices):
        VIOLENCE = "violence", _("Violence")
        INVESTMENT = "investment", _("Other public investment")
        LAND_PRICE = "land_price", _("Price of land")
        OUTCOME = "outcome", _("Outcome")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        STAFF = "staff", _("Persons with an account")
        FEDERAL = "federal", _("Federal staff and auditors")

    level = models.CharField(_("level"), max_length=12, choices=Level)
    code = models.CharField(_("key"), max_length=20)
    state = models.ForeignKey(State, models.PROTECT, related_name="+")
    # NULL for a figure of a whole state.
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    concept = models.CharField(_("concept"), max_length=12, choices=Concept)
    name = models.CharField(_("what is measured"), max_length=200)
    unit = models.CharField(_("unit"), max_length=60)
    on = models.DateField(_("date"))
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    source = models.CharField(_("source"), max_length=300)
    audience = models.CharField(_("who may see it"), max_length=8, choices=Audience, default=Audience.STAFF)
    updated_at = models.DateTimeField(db_default=Now(), editable=False, db_index=True)

    objects = ContextIndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["level", "code", "concept", "name", "-on"]
        verbose_name = _("context indicator")
        verbose_name_plural = _("context indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["level", "code", "concept", "name", "on"], name="context_indicator_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.code}, {self.on}"
