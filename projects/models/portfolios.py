"""What the rules of mix said of a municipality's portfolio at a cut-off of the year's calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only
from modalities.models import Modality, RulesVersion
from polygons.models import Municipality
from projects.models.review import Verdict
from projects.querysets.works import PortfolioQuerySet


class PortfolioVerdict(models.Model):
    """One rule of mix, one municipality, one cut-off: kept as a `Verdict` is, replayable and append-only."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    modality = models.ForeignKey(Modality, models.PROTECT, related_name="+", verbose_name=_("modality"))
    # The last local day of the cut-off.
    cut_off = models.DateField(_("cut-off"))
    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="+")
    rule_kind = models.CharField(max_length=30, default="mixrule")
    rule_code = models.CharField(_("rule"), max_length=60)
    rule_uuid = models.UUIDField()
    clause = models.CharField(_("clause"), max_length=200)
    outcome = models.CharField(_("verdict"), max_length=8, choices=Verdict.Outcome)
    inputs = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField()
    engine = models.CharField(max_length=20)

    objects = PortfolioQuerySet.as_manager()

    class Meta:
        ordering = ["-cut_off", "municipality", "rule_code"]
        constraints = [
            models.UniqueConstraint(fields=["cut_off", "municipality", "rules", "rule_code"], name="portfolio_once")
        ]
        triggers = append_only()
