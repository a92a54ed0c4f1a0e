"""Where one project may leave one rule: asked for by one person, granted by another, until a day."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from habitat.lib.models import PublicRecord
from projects.models.documents import Document
from projects.models.projects import Project
from projects.querysets.works import ExceptionQuerySet


@audited()
class RuleException(PublicRecord):
    """A failing rule, by kind and code, that does not stop this project up to `expires_on`, a local day, inclusive."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="exceptions", verbose_name=_("project"))
    # As in `Verdict`: model name and code of the rule row, and its sentence when it was asked for.
    rule_kind = models.CharField(max_length=30)
    rule_code = models.CharField(_("rule"), max_length=60)
    title = models.CharField(_("rule"), max_length=300)
    reason = models.TextField(_("reason"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name=_("document"))
    expires_on = models.DateField(_("holds until"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    is_granted = models.BooleanField(_("granted"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.TextField(_("note of who decided"), blank=True)

    objects = ExceptionQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "rule_kind", "rule_code"],
                condition=models.Q(is_granted=None),
                name="one_open_exception",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="two_people_except",
            ),
            models.CheckConstraint(
                condition=models.Q(is_granted=None, decided_by=None, decided_at=None)
                | models.Q(is_granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="exception_decided_whole",
            ),
            # Money that is not there is granted by nobody.
            models.CheckConstraint(condition=~models.Q(rule_kind="ceiling"), name="no_exception_from_ceilings"),
        ]
        triggers = [
            *PublicRecord.Meta.triggers,
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="decided_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__is_granted__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_code} · {self.project_id}"

    def state_on(self, day: dt.date) -> "ExceptionState":
        if self.is_granted is None:
            return ExceptionState.ASKED
        if not self.is_granted:
            return ExceptionState.REFUSED
        return ExceptionState.HOLDS if day <= self.expires_on else ExceptionState.EXPIRED


class ExceptionState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    HOLDS = "holds", _("Holds")
    EXPIRED = "expired", _("Expired")
    REFUSED = "refused", _("Refused")
