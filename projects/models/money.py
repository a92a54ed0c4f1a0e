"""Ceilings as a tree and the ledger: amounts in pesos, NUMERIC(16,2), never float."""

from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import PublicRecord
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.models.totals import LEDGER_TOTALS
from projects.querysets.money import CeilingQuerySet, LedgerQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Source(models.TextChoices):
    FEDERAL = "federal", pgettext_lazy("source", "Federal")
    # A place is an Estado, its money is Estatal.
    STATE = "state", pgettext_lazy("source", "State")
    MUNICIPAL = "municipal", pgettext_lazy("source", "Municipal")
    BENEFICIARIES = "beneficiaries", pgettext_lazy("source", "Beneficiaries")


class Moment(models.TextChoices):
    """Accounting moments of federal and local money (LGCG and domain report 3.5)."""

    ALLOCATED = "allocated", _("Allocated")
    AUTHORISED = "authorised", _("Authorised")
    APPROVED = "approved", _("Approved")
    COMMITTED = "committed", _("Committed")
    RELEASED = "released", _("Released")
    ACCRUED = "accrued", _("Accrued")
    PAID = "paid", _("Paid")
    PROVEN = "proven", _("Proven")
    REFUNDED = "refunded", _("Refunded")


def pesos(label: "str | StrPromise") -> models.DecimalField:
    return models.DecimalField(label, max_digits=16, decimal_places=2)


ACTS = ("contract", "release", "estimate", "payment", "proof", "refund", "amendment")


def act_key(model: str) -> models.ForeignKey:
    """The act an entry comes from. Nearly every entry has one at most, so the index holds only those it is set in."""
    return models.ForeignKey(model, models.PROTECT, null=True, db_index=False, related_name="entries")


@audited()
class Ceiling(PublicRecord):
    """Techo presupuestal: federal pesos for a node of nation → state → municipality → modality, per year and strand.

    Which of `state`, `municipality`, `modality` are set says the node. The children of a node never add up to more than
    it; the trigger locks the parent row, so that two inserts cannot race past each other. Nor may a ceiling fall below
    its children.
    """

    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="+", verbose_name=_("strand"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    modality = models.ForeignKey(Modality, models.PROTECT, null=True, blank=True, related_name="+")
    amount = pesos(_("amount"))
    # The coordination agreement (Acuerdo de Coordinación) or amendment it rests on; of the nation, the budget decree.
    agreement = models.ForeignKey("projects.Agreement", models.PROTECT, related_name="+", verbose_name=_("agreement"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    # Set by `with_taken()`.
    taken: Decimal
    # Set by `with_given()`.
    given: Decimal

    objects = CeilingQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["fiscal_year", "strand", "state", "municipality", "modality"]
        verbose_name = _("ceiling")
        verbose_name_plural = _("ceilings")
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "strand", "state", "municipality", "modality"],
                name="ceiling_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="ceiling_not_negative"),
            models.CheckConstraint(
                name="ceiling_node",
                condition=(
                    models.Q(parent=None, state=None, municipality=None, modality=None)
                    | models.Q(parent__isnull=False, state__isnull=False, municipality=None, modality=None)
                    | models.Q(parent__isnull=False, state__isnull=False, municipality__isnull=False)
                ),
            ),
        ]
        triggers = [
            touch(),
            pgtrigger.Trigger(
                name="cites_its_own",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM projects_agreement WHERE id = NEW.agreement_id
                            AND fiscal_year_id = NEW.fiscal_year_id AND state_id IS NOT DISTINCT FROM NEW.state_id
                    ) THEN
                        RAISE EXCEPTION 'a ceiling cites an agreement of its own state and year'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'ceiling_cites_its_own';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="within_parent",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("room", "numeric"), ("taken", "numeric")],
                func="""
                    IF NEW.parent_id IS NOT NULL THEN
                        SELECT amount INTO room FROM projects_ceiling WHERE id = NEW.parent_id FOR UPDATE;
                        SELECT coalesce(sum(amount), 0) INTO taken FROM projects_ceiling
                            WHERE parent_id = NEW.parent_id AND id <> NEW.id;
                        IF taken + NEW.amount > room THEN
                            RAISE EXCEPTION 'ceilings below add up to % of %', taken + NEW.amount, room
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'ceiling_within_parent';
                        END IF;
                    END IF;
                    SELECT coalesce(sum(amount), 0) INTO taken FROM projects_ceiling WHERE parent_id = NEW.id;
                    IF taken > NEW.amount THEN
                        RAISE EXCEPTION 'ceilings below already add up to %', taken
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'ceiling_above_children';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    @property
    def balance(self) -> Decimal:
        """Federal pesos of this node that no approval has taken; of rows of `with_taken()`."""
        return self.amount - self.taken

    def __str__(self) -> str:
        """From its state down: "Campeche › Campeche › Mejoramiento del Entorno Urbano"."""
        parts = [self.state, self.municipality, self.modality]
        return " › ".join(str(part) for part in parts if part) or str(_("The whole country"))


class LedgerEntry(PublicRecord):
    """Asiento: append-only. A mistake is mended by an entry of the opposite sign that names the one it reverses.

    The columns of the ceiling's branch are repeated here, so that the balance of any node is one sum.
    """

    moment = models.CharField(_("moment"), max_length=16, choices=Moment)
    source = models.CharField(_("source"), max_length=14, choices=Source)
    amount = pesos(_("amount"))
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+")
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="+")
    state = models.ForeignKey(State, models.PROTECT, null=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    modality = models.ForeignKey(Modality, models.PROTECT, null=True, related_name="+")
    project = models.ForeignKey("projects.Project", models.PROTECT, null=True, related_name="entries")
    # The accepted report that says this was paid.
    progress = models.ForeignKey("projects.ProgressReport", models.PROTECT, null=True, related_name="entries")
    # What it comes from, where a person registered it: one of these, or none.
    contract = act_key("projects.Contract")
    release = act_key("projects.Release")
    estimate = act_key("projects.Estimate")
    payment = act_key("projects.Payment")
    proof = act_key("projects.Proof")
    refund = act_key("projects.Refund")
    amendment = act_key("projects.Amendment")
    reversal_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    # The local day it belongs to; `recorded_at` is when we learnt of it.
    on = models.DateField(_("date"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [
            models.Index(fields=["fiscal_year", "strand", "moment", "state", "municipality"]),
            # What a ceiling has given, without reading the rows themselves.
            models.Index(
                fields=["fiscal_year", "strand", "state", "municipality", "modality"],
                include=["amount"],
                condition=models.Q(moment="approved", source="federal"),
                name="approved_federal",
            ),
            *(
                models.Index(fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"ledger_of_{name}")
                for name in ACTS
            ),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="totals_insert",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=f"{LEDGER_TOTALS.format(rows='new_rows')}; RETURN NULL;",
            ),
        ]
