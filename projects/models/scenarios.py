"""A working list of submitted projects, accepted, cut or refused on paper before anybody decides."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited, touch
from habitat.lib.jobs import Job
from habitat.lib.models import PublicRecord
from modalities.models import FiscalYear
from polygons.models import State
from projects.models.projects import Project
from projects.querysets.works import ScenarioQuerySet, ScenarioRowQuerySet


@audited(exclude=("lease_until",))
class Scenario(PublicRecord, Job):
    """Its owner writes it, whoever decides or reviews in its territory reads it. Committed once, as a job."""

    class Status(models.TextChoices):
        OPEN = "open", _("On paper")
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Being committed")
        # Its own words: money that is committed is another thing.
        DONE = "done", pgettext_lazy("scenario", "Committed")
        FAILED = "failed", _("Failed")

    name = models.CharField(_("name"), max_length=120)
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    # NULL: of the whole country.
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("state"))
    notes = models.TextField(_("notes"), blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    committed_at = models.DateTimeField(_("committed"), null=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-updated_at", "-pk"]
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        triggers = [touch()]

    def __str__(self) -> str:
        return self.name


@audited()
class ScenarioRow(models.Model):
    """One project and what is thought of it. `seen_at`: when the project was last changed, as its owner saw it.

    `federal` is the lower amount of a cut, in pesos. `is_done` and `said`: what came of it when it was committed.
    """

    class Choice(models.TextChoices):
        ACCEPT = "accept", _("Accept")
        CUT = "cut", pgettext_lazy("decision on paper", "Cut")
        REFUSE = "refuse", _("Refuse")

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="rows")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("project"))
    choice = models.CharField(_("decision"), max_length=6, choices=Choice, blank=True)
    federal = models.DecimalField(_("federal"), max_digits=16, decimal_places=2, null=True, blank=True)
    remark = models.TextField(_("reason"), blank=True)
    seen_at = models.DateTimeField()
    is_done = models.BooleanField(null=True)
    said = models.TextField(blank=True)

    # Set by `annotate_federal()`.
    asked: Decimal

    objects = ScenarioRowQuerySet.as_manager()

    class Meta:
        ordering = ["scenario", "project"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "project"], name="once_a_scenario"),
            models.CheckConstraint(
                condition=models.Q(choice="cut", federal__gte=0) | (~models.Q(choice="cut") & models.Q(federal=None)),
                name="a_cut_has_its_amount",
            ),
        ]
