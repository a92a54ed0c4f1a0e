"""What ceilings rest on: the budget decree for the nation, a coordination agreement and its amendments for a state."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import PublicRecord, StoredFile
from modalities.models import FiscalYear
from polygons.models import State
from projects.models.money import pesos
from projects.querysets.works import OfState

FROZEN = (
    "fiscal_year_id", "state_id", "kind", "amends_id", "name", "signed_on", "federal", "state_part", "municipal_part",
)  # fmt: skip
CHANGED = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FROZEN)


@audited()
class Agreement(PublicRecord):
    """Acuerdo de Coordinación of a state and year, or what changes it. Amounts are the new totals, in pesos.

    Once signed its text is fixed, by trigger: what changes afterwards is an amendment. Source: operating guidelines
    2010 and 2012, chapter 2 (domain report, 3.3).
    """

    class Kind(models.TextChoices):
        BUDGET = "budget", _("Federal budget")
        AGREEMENT = "agreement", _("Coordination agreement")
        AMENDMENT = "amendment", _("Amendment of the agreement")

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    # The federal budget has no state.
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("state"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amends = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="amendments")
    name = models.CharField(_("name"), max_length=200)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    federal = pesos(_("federal part"))
    # NULL: nobody wrote it down.
    state_part = models.DecimalField(_("state part"), max_digits=16, decimal_places=2, null=True, blank=True)
    municipal_part = models.DecimalField(_("municipal part"), max_digits=16, decimal_places=2, null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    objects = OfState.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-fiscal_year", "state", "pk"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "state", "name"], name="agreement_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="agreement_of_a_state",
                condition=models.Q(kind="budget", state=None)
                | (~models.Q(kind="budget") & models.Q(state__isnull=False)),
            ),
            models.CheckConstraint(
                name="amendment_amends",
                condition=models.Q(kind="amendment", amends__isnull=False)
                | (~models.Q(kind="amendment") & models.Q(amends=None)),
            ),
            models.CheckConstraint(
                name="published_after_signing",
                condition=models.Q(published_on=None) | models.Q(published_on__gte=models.F("signed_on")),
            ),
            models.CheckConstraint(
                name="agreed_not_negative",
                condition=models.Q(federal__gte=0, state_part__gte=0, municipal_part__gte=0),
            ),
        ]
        triggers = [
            touch(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="signed_is_fixed",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__signed_on__isnull=False),
                func=f"""
                    IF {CHANGED} THEN
                        RAISE EXCEPTION 'agreement % is signed: it is changed by an amendment', OLD.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_signed(self, today: dt.date) -> bool:
        return self.signed_on is not None and self.signed_on <= today


@audited()
class MoneyPaper(PublicRecord, StoredFile):
    """A private paper that ceilings rest on: the signed agreement, or what a change was decided by.

    `state` says who may open it; NULL: whoever sees the nation's ceilings.
    """

    state = models.ForeignKey(State, models.PROTECT, null=True, related_name="+")
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="papers")

    objects = OfState.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-uploaded_at", "-pk"]
        triggers = [touch(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]


class CeilingChange(models.Model):
    """One version of a ceiling: pesos before and after, what it rests on, why, who, when. Append-only.

    The ledger of the ceilings: a node's amount is always its last `after`. NULL `before`: the ceiling was set.
    """

    class Kind(models.TextChoices):
        SET = "set", _("Set by the program unit")
        REALLOCATED = "reallocated", _("Reallocated")
        WITHDRAWN = "withdrawn", _("Withdrawn at a cut-off")

    ceiling = models.ForeignKey("projects.Ceiling", models.PROTECT, related_name="changes")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    before = models.DecimalField(_("before"), max_digits=16, decimal_places=2, null=True)
    after = pesos(_("after"))
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+")
    paper = models.ForeignKey(MoneyPaper, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    withdrawal = models.ForeignKey("projects.Withdrawal", models.PROTECT, null=True, related_name="changes")
    reallocation = models.ForeignKey("projects.Reallocation", models.PROTECT, null=True, related_name="changes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("moment"))

    class Meta:
        ordering = ["-at", "-pk"]
        triggers = append_only()
