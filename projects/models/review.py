"""What review leaves behind: history, verdicts, remarks, opinions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited
from modalities.models import Modality, RulesVersion
from projects.models.exceptions import RuleException
from projects.models.projects import Action, Project
from projects.workflow import Status


class StatusChange(models.Model):
    """One step taken; append-only."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="history")
    step = models.CharField(_("step"), max_length=20)
    from_status = models.CharField(max_length=14, choices=Status, blank=True)
    to_status = models.CharField(max_length=14, choices=Status)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("moment"))
    reason = models.TextField(_("reason"), blank=True)
    # Sections of the form that an observation opens again.
    sections = models.JSONField(default=list)
    # Of a return: model → the last of its audit rows by then; what came after is what the municipality changed.
    marks = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["project", "at"]),
            # The newest of a territory, on everybody's first page.
            models.Index(fields=["-at", "-id"], name="newest_changes"),
        ]
        triggers = append_only()


class Verdict(models.Model):
    """What one rule said of one project at one moment, with the inputs it used: replayable, append-only."""

    class Outcome(models.TextChoices):
        PASS = "pass", _("Passes")
        FAIL = "fail", _("Fails")
        UNKNOWN = "unknown", _("Not yet known")

    project = models.ForeignKey(Project, models.PROTECT, related_name="verdicts")
    # The step whose taking evaluated it.
    change = models.ForeignKey(StatusChange, models.PROTECT, null=True, related_name="verdicts")
    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="+")
    # Model name and code of the rule row: "sharerule", "share-general".
    rule_kind = models.CharField(max_length=30)
    rule_code = models.CharField(max_length=60)
    # The row's own `public_id`; NULL for the ceiling, which is no row of the rules.
    rule_uuid = models.UUIDField(null=True)
    clause = models.CharField(max_length=200)
    outcome = models.CharField(_("verdict"), max_length=8, choices=Outcome)
    inputs = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField()
    engine = models.CharField(max_length=20)
    # The exception by which it did not stop the step; the outcome is what the rule said all the same.
    exception = models.ForeignKey(RuleException, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["project", "-evaluated_at", "rule_code"]
        triggers = append_only()


@audited()
class Observation(models.Model):
    """A review remark on one section of the form, and its answer."""

    class Section(models.TextChoices):
        WORK = "work", _("Work or action")
        PLACE = "place", _("Place")
        TARGETS = "targets", _("Targets and people")
        FUNDING = "funding", _("Funding")
        DOCUMENTS = "documents", _("Documents")

    project = models.ForeignKey(Project, models.PROTECT, related_name="observations")
    change = models.ForeignKey(StatusChange, models.PROTECT, related_name="observations")
    section = models.CharField(_("section"), max_length=10, choices=Section)
    text = models.TextField(_("observation"))
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        ordering = ["pk"]


@audited()
class OverlapAnswer(models.Model):
    """Why an earlier action on the same blocks stands in no way; the newest counts while the overlap has not grown.

    `size` is what was judged: metres where this project's site is a line, else per cent of it.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="overlap_answers")
    action = models.ForeignKey(Action, models.CASCADE, related_name="+")
    size = models.DecimalField(max_digits=12, decimal_places=2)
    text = models.TextField(_("answer"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))

    class Meta:
        ordering = ["pk"]


@audited()
class Opinion(models.Model):
    """A federal technician's opinion on a project, by modality, asked by the reviewer until a day."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="opinions")
    # Nullable for the audit rows of opinions asked before this was kept.
    modality = models.ForeignKey(Modality, models.PROTECT, null=True, related_name="+", verbose_name=_("modality"))
    question = models.TextField(_("what is asked"), blank=True)
    due_on = models.DateField(_("due"), null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(null=True)
    is_favourable = models.BooleanField(_("favourable"), null=True)
    text = models.TextField(_("opinion"), blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["due_on"], condition=models.Q(given_at=None), name="opinions_awaited")]


@audited()
class CancellationProposal(models.Model):
    """The delegate proposes, the program unit confirms; never the same person."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="cancellation_proposals")
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(confirmed_at=None), name="one_open_cancellation"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("by")), name="two_people_cancel"
            ),
        ]
