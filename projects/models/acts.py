"""What happens to a work's money is registered by one person and validated by another before the ledger hears of it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import touch
from habitat.lib.models import PublicRecord
from projects.models.documents import Document
from projects.models.money import pesos
from projects.models.projects import Project
from projects.querysets.works import ActQuerySet


class ActStatus(models.TextChoices):
    REGISTERED = "registered", _("To be validated")
    VALIDATED = "validated", _("Validated")
    REJECTED = "rejected", _("Rejected")
    REVERSED = "reversed", _("Reversed")


class Act(PublicRecord):
    """Registered by the municipality's certifier, validated or rejected by another person, reversed with a reason.

    A rejected or reversed act never changes again; of a validated one only the status moves on. Its ledger entries name
    it: `act.entries`.
    """

    Status = ActStatus

    project = models.ForeignKey(Project, models.PROTECT, related_name="%(class)ss", verbose_name=_("project"))
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    status = models.CharField(_("status"), max_length=10, choices=ActStatus, default=ActStatus.REGISTERED)
    note = models.CharField(_("note"), max_length=300, blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(_("registered"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    # Of the rejection, or of the reversal of what had been validated.
    reason = models.TextField(_("reason"), blank=True)

    objects = ActQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        abstract = True


class MoneyAct(Act):
    """`amount`: the pesos the ledger hears of; `on`: the day on which it happened, in the municipality."""

    on = models.DateField(_("date"))
    amount = pesos(_("amount"))

    class Meta(Act.Meta):
        abstract = True


def reference() -> models.CharField:
    """The number of the paper it rests on."""
    return models.CharField(_("document number"), max_length=80)


# The columns of every money act that are fixed once it is decided.
MONEY: tuple[str, ...] = ("on", "amount")


def act_constraints(name: str, *, has_amount: bool = True) -> list[models.BaseConstraint]:
    """Two persons decide; what is decided says by whom and when."""
    undecided = models.Q(status=ActStatus.REGISTERED, decided_by=None, decided_at=None)
    decided = ~models.Q(status=ActStatus.REGISTERED) & models.Q(decided_by__isnull=False, decided_at__isnull=False)
    kept: list[models.BaseConstraint] = [
        models.CheckConstraint(name=f"{name}_two_persons", condition=~models.Q(decided_by=models.F("registered_by"))),
        models.CheckConstraint(name=f"{name}_decided", condition=undecided | decided),
    ]
    if has_amount:
        kept.append(models.CheckConstraint(name=f"{name}_amount_positive", condition=models.Q(amount__gt=0)))
    return kept


def act_triggers(*frozen: str) -> list[pgtrigger.Trigger]:
    """Never deleted; fixed once decided. `frozen`: columns of its own, beside those of every act."""
    columns = ("project_id", "document_id", "registered_by_id", "registered_at", *frozen)
    changed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
    return [
        touch(),
        pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        pgtrigger.Trigger(
            name="fixed_once_decided",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            condition=~pgtrigger.Q(old__status="registered"),
            func=f"""
                IF OLD.status <> 'validated' OR NEW.status NOT IN ('validated', 'reversed') OR {changed} THEN
                    RAISE EXCEPTION 'what was decided is fixed: it is reversed' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            """,
        ),
    ]
