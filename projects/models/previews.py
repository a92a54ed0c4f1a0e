"""What a draft of the rules would do to the open proposals: asked for, worked out apart, read by those who decide."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from modalities.models import RulesVersion
from projects.models.projects import Project
from projects.models.review import Verdict


class RulesPreview(models.Model):
    """The row is the job: whoever holds its lease goes on after the project `last_pk`, chunk by chunk.

    `edit` is the draft's latest edit when it was asked for: another one since means that the draft says something else.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="+")
    edit = models.BigIntegerField(null=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    last_pk = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]

    @property
    def is_at_work(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)


class PreviewedChange(models.Model):
    """One verdict of one proposal that would come out otherwise. Blank outcome: that version has no such rule.

    Words are in the language of who asked. `stops_*` is the step a verdict keeps from being taken; blank: none.
    """

    preview = models.ForeignKey(RulesPreview, models.CASCADE, related_name="changes")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    rule_kind = models.CharField(max_length=30)
    rule_code = models.CharField(_("rule"), max_length=60)
    title = models.CharField(max_length=300)
    before = models.CharField(_("before"), max_length=8, choices=Verdict.Outcome, blank=True)
    after = models.CharField(_("after"), max_length=8, choices=Verdict.Outcome, blank=True)
    stops_before = models.CharField(max_length=20, blank=True)
    stops_after = models.CharField(max_length=20, blank=True)
    words_before = models.TextField(blank=True)
    words_after = models.TextField(blank=True)
    inputs_before = models.JSONField(default=dict)
    inputs_after = models.JSONField(default=dict)
    # Which part of the rule is another, in words.
    why = models.TextField(_("why"), blank=True)

    class Meta:
        ordering = ["preview", "project", "rule_kind", "rule_code"]
        indexes = [models.Index(fields=["preview", "rule_code"])]

    @staticmethod
    def said(before: str, after: str) -> str:
        """ "Passes → Fails"; a dash where a version has no such rule."""
        labels = dict(Verdict.Outcome.choices)
        return f"{labels.get(before, '—')} → {labels.get(after, '—')}"
