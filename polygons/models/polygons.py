"""Habitat Polygons: a code that stays, versions that are never re-written, assessments by year."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited, tombstone, touch
from habitat.lib.models import AbstractTombstone, PublicRecord
from modalities.models import EligibilityCriterion, FiscalYear
from polygons.models.blocks import Block
from polygons.models.territory import City, Municipality
from polygons.models.tiles import changes_map, changes_map_of_drafts
from polygons.querysets import AssessmentQuerySet, PolygonQuerySet, PolygonVersionQuerySet


class Tombstone(AbstractTombstone):
    pass


@audited()
class Polygon(PublicRecord):
    """Polígono Hábitat, of one municipality. The code is opaque: its layout is not known (domain report, 2.4)."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="polygons")
    city = models.ForeignKey(City, models.PROTECT, null=True, related_name="polygons")
    # Why it was retired where no other polygon took it over.
    ended_because = models.TextField(_("reason of its end"), max_length=1_000, blank=True, db_default="")

    objects = PolygonQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["code"]
        verbose_name = _("Habitat Polygon")
        verbose_name_plural = _("Habitat Polygons")
        triggers = [
            touch(),
            tombstone("polygons", "polygons_tombstone", "OLD.municipality_id"),
            # A new polygon shows nothing before its first version.
            changes_map("polygons", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


def total(label: Any) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, default=0)


@audited(exclude=("geometry", "mercator"))
class PolygonVersion(PublicRecord):
    """One drawing of a polygon, with its member blocks and the sums over them.

    Stored sums equal the recomputed ones. `geometry` is EPSG:4326, valid, and covers every member block that has a
    geometry; `mercator` is the same in EPSG:3857 for tiles. `area` is in square metres (EPSG:6372).
    Geometry and members are frozen once published.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("polygon version", "Draft")
        PUBLISHED = "published", pgettext_lazy("polygon version", "Published")
        SUPERSEDED = "superseded", pgettext_lazy("polygon version", "Superseded")

    class Source(models.TextChoices):
        IMPORTED = "imported", _("Imported")
        DELINEATED = "delineated", _("Delineated")
        DRAWN = "drawn", _("Drawn")

    polygon = models.ForeignKey(Polygon, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    valid_from = models.DateField(_("valid from"), null=True)
    valid_to = models.DateField(_("valid to"), null=True)
    vintage = models.PositiveSmallIntegerField(_("census"))
    # Counted up by each change of a draft: who changes it says which revision was seen.
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    # How it was made: indicator, threshold, gap in metres, minimum dwellings.
    method = models.JSONField(default=dict)
    reason = models.TextField(_("reason"), max_length=1_000, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    geometry = models.MultiPolygonField(srid=4326)
    mercator = models.MultiPolygonField(srid=3857, editable=False)
    area = models.FloatField(_("area in m²"))
    blocks = models.ManyToManyField(Block, related_name="polygon_versions")

    block_count = total(_("blocks"))
    population = total(_("population"))
    households = total(_("households"))
    dwellings = total(_("dwellings"))
    base = total(_("dwellings with known characteristics"))
    # NULL where the vintage did not ask for it: since 2010 in the house or on the plot, in 2005 inside the house.
    water_low = models.PositiveIntegerField(null=True)
    water_high = models.PositiveIntegerField(null=True)
    water_house_low = models.PositiveIntegerField(null=True)
    water_house_high = models.PositiveIntegerField(null=True)
    drainage_low = total("")
    drainage_high = total("")
    electricity_low = total("")
    electricity_high = total("")
    floor_low = total("")
    floor_high = total("")
    # Over the members whose poverty is known; NULL where it is known of none.
    poverty_households = models.PositiveIntegerField(_("households whose poverty is known"), null=True)
    poor_households = models.PositiveIntegerField(_("households in poverty"), null=True)

    objects = PolygonVersionQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["polygon", "number"]
        verbose_name = _("polygon version")
        verbose_name_plural = _("polygon versions")
        constraints = [
            models.UniqueConstraint(fields=["polygon", "number"], name="polygon_version_once"),
            models.UniqueConstraint(
                fields=["polygon"], condition=models.Q(status="published"), name="one_published_version"
            ),
            models.CheckConstraint(condition=models.Q(geometry__isvalid=True), name="polygon_geometry_valid"),
        ]
        triggers = [
            touch(),
            changes_map_of_drafts(),
            pgtrigger.Trigger(
                name="frozen_when_published",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status__in=["published", "superseded"]),
                func="""
                    IF TG_OP = 'UPDATE' AND ST_Equals(NEW.geometry, OLD.geometry)
                       AND (to_jsonb(NEW) - '{status,valid_to,updated_at,geometry,mercator}'::text[])
                         = (to_jsonb(OLD) - '{status,valid_to,updated_at,geometry,mercator}'::text[]) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a published polygon version is never changed' USING ERRCODE = 'check_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.polygon} v{self.number}"


@audited()
class Lineage(models.Model):
    """What became of a version: `child` took over blocks of `parent`. Written when the child is published."""

    class Kind(models.TextChoices):
        REDRAWN = "redrawn", pgettext_lazy("polygon version", "Redrawn")
        SPLIT = "split", pgettext_lazy("polygon version", "Split")
        MERGED = "merged", pgettext_lazy("polygon version", "Merged")

    parent = models.ForeignKey(PolygonVersion, models.PROTECT, related_name="children_links")
    child = models.ForeignKey(PolygonVersion, models.PROTECT, related_name="parent_links")
    kind = models.CharField(_("kind of change"), max_length=8, choices=Kind)

    class Meta:
        ordering = ["child", "parent"]
        constraints = [models.UniqueConstraint(fields=["parent", "child"], name="lineage_once")]

    def __str__(self) -> str:
        return f"{self.parent} → {self.child}"


@audited()
class Assessment(models.Model):
    """One eligibility criterion of one year, judged for one polygon version, with its evidence; never re-written."""

    class Verdict(models.TextChoices):
        PASS = "pass", _("Passes")
        FAIL = "fail", _("Fails")
        UNKNOWN = "unknown", _("Not yet known")

    version = models.ForeignKey(PolygonVersion, models.PROTECT, related_name="assessments")
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(EligibilityCriterion, models.PROTECT, related_name="+")
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4, null=True)
    threshold = models.DecimalField(_("threshold"), max_digits=12, decimal_places=4, null=True)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    evidence = models.JSONField(default=dict)
    # What a person wrote who judged it; machine-made rows have none.
    note = models.TextField(_("note"), max_length=1_000, blank=True, db_default="")
    at = models.DateTimeField(_("judged"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # When a later judgement took its place; NULL for the one that counts.
    replaced_at = models.DateTimeField(_("replaced"), null=True, db_default=None)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["version", "criterion__code", "-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "fiscal_year", "criterion"],
                condition=models.Q(replaced_at=None),
                name="one_assessment_that_counts",
            ),
        ]
        triggers = [
            # What was judged stays on record: a later judgement stands beside it.
            pgtrigger.Trigger(
                name="only_replaced",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.replaced_at IS NULL
                       AND (to_jsonb(NEW) - 'replaced_at') = (to_jsonb(OLD) - 'replaced_at') THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'an assessment is replaced by another, never changed'
                        USING ERRCODE = 'check_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.criterion.code}: {self.verdict}"

    @property
    def is_by_person(self) -> bool:
        return bool(self.note)
