"""The list of eligible polygons as it was published for a year: frozen, because it can never be made again later."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited
from habitat.lib.models import StoredFile
from modalities.models import FiscalYear, RulesVersion
from polygons.models.polygons import Assessment, PolygonVersion
from polygons.models.territory import Municipality
from polygons.querysets import AssessmentDocumentQuerySet, ByMunicipality


@audited()
class EligibleList(models.Model):
    """One publication of a year's eligible polygons; a later one of the same year stands beside it, not in its place.

    `sha256` is over the entries as their CSV file writes them.
    """

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+")
    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("number"))
    published_at = models.DateTimeField(_("published"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), max_length=1_000, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-fiscal_year", "-number"]
        verbose_name = _("list of eligible polygons")
        verbose_name_plural = _("lists of eligible polygons")
        constraints = [models.UniqueConstraint(fields=["fiscal_year", "number"], name="eligible_list_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.fiscal_year}-{self.number}"


class EligiblePolygon(models.Model):
    """One polygon of the list with its figures and verdicts of that day, written out in full."""

    list = models.ForeignKey(EligibleList, models.PROTECT, related_name="entries")
    version = models.ForeignKey(PolygonVersion, models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    # Column of the version -> its sum.
    indicators = models.JSONField()
    # [{code, name_es, name_en, clause, value, threshold, comparator, verdict, evidence}]
    verdicts = models.JSONField()

    objects = ByMunicipality.as_manager()

    class Meta:
        ordering = ["list", "code"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="eligible_polygon_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.list} {self.code}"


class EligibleFile(models.Model):
    """The list as a file, kept byte by byte: what a later release would write could differ."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    list = models.ForeignKey(EligibleList, models.PROTECT, related_name="files")
    format = models.CharField(max_length=4, choices=Format)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "format"], name="eligible_file_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.list}.{self.format}"


class AssessmentDocument(StoredFile):
    """The paper a person judged a criterion by."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="documents")
    title = models.CharField(_("title"), max_length=200)
    issued_on = models.DateField(_("issued on"), null=True)

    objects = AssessmentDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "uploaded_at"]
