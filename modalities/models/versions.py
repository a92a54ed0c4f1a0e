"""Versions of the Rules of Operation: one in force a year, who wrote each, and what is frozen with it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import AbstractTombstone, PublicRecord
from modalities.models.catalogue import ActionType
from modalities.models.fiscal_years import FiscalYear
from modalities.querysets import RulesVersionQuerySet


class Tombstone(AbstractTombstone):
    pass


@audited()
class RulesVersion(PublicRecord):
    """The Rules of Operation of one fiscal year as the portal applies them; immutable once in force."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        DISCARDED = "discarded", _("Discarded")

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="rules")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    # A name of `projects/workflow.py`; its database trigger follows the same name.
    workflow = models.CharField(_("workflow"), max_length=40)
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    action_types = models.ManyToManyField(ActionType, related_name="rules_versions")

    objects = RulesVersionQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-fiscal_year_id", "-version"]
        verbose_name = _("rules version")
        verbose_name_plural = _("rules versions")
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "version"], name="one_rules_version"),
            models.UniqueConstraint(
                fields=["fiscal_year"], condition=models.Q(status="in_force"), name="one_rules_version_in_force"
            ),
        ]
        triggers = [
            touch(),
            pgtrigger.Trigger(
                name="immutable_in_force",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=~pgtrigger.Q(old__status="draft"),
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.status = 'in_force' AND NEW.status = 'superseded'
                       AND (to_jsonb(NEW) - 'status' - 'updated_at') = (to_jsonb(OLD) - 'status' - 'updated_at') THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'rules in force are immutable' USING ERRCODE = 'check_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year_id} v{self.version}"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class RulesEdit(models.Model):
    """What somebody did to a version, from its start to its publication; append-only.

    Two persons make rules: who wrote in a draft does not publish it, as the trigger makes sure. `by` is NULL where
    set-up did it.
    """

    class What(models.TextChoices):
        STARTED = "started", _("Draft started")
        ADDED = "added", _("Rule added")
        CHANGED = "changed", _("Rule changed")
        REMOVED = "removed", _("Rule removed")
        TYPES = "types", _("Action types chosen")
        HEAD = "head", _("Source or date changed")
        PUBLISHED = "published", pgettext_lazy("what was done", "Put in force")
        DISCARDED = "discarded", _("Draft discarded")

    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="edits")
    what = models.CharField(_("what was done"), max_length=10, choices=What)
    # Of a rule: model name and code, as in `Verdict`.
    kind = models.CharField(max_length=30, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("moment"))

    class Meta:
        ordering = ["-at", "-pk"]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="two_people_publish",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__what="published", new__by__isnull=False),
                func="""
                    IF EXISTS (SELECT 1 FROM modalities_rulesedit
                               WHERE rules_id = NEW.rules_id AND by_id = NEW.by_id) THEN
                        RAISE EXCEPTION 'who wrote in a draft does not publish it'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_people_publish';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]


def frozen_with_rules() -> pgtrigger.Trigger:
    """Rows of a version are written only while it is a draft."""
    return pgtrigger.Trigger(
        name="frozen_with_rules",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func="""
            IF TG_OP <> 'INSERT' AND EXISTS (
                SELECT 1 FROM modalities_rulesversion WHERE id = OLD.rules_id AND status <> 'draft') THEN
                RAISE EXCEPTION 'rules in force are immutable' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP <> 'DELETE' AND EXISTS (
                SELECT 1 FROM modalities_rulesversion WHERE id = NEW.rules_id AND status <> 'draft') THEN
                RAISE EXCEPTION 'rules in force are immutable' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )
