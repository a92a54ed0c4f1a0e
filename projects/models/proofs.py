"""Proof of what was spent, and what goes back to the Treasury."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from projects.models.acts import MONEY, MoneyAct, act_constraints, act_triggers, reference
from projects.models.money import Source, pesos


@audited()
class Proof(MoneyAct):
    """Comprobación: a paper (`reference`: its fiscal folio) that shows on what one source's money was spent."""

    source = models.CharField(_("source"), max_length=14, choices=Source)
    reference = reference()

    class Meta(MoneyAct.Meta):
        ordering = ["-on", "-pk"]
        verbose_name = _("proof of spending")
        verbose_name_plural = _("proofs of spending")
        constraints = act_constraints("proof")
        triggers = act_triggers(*MONEY, "reference", "source")

    def __str__(self) -> str:
        return self.reference


@audited()
class Refund(MoneyAct):
    """Reintegro: federal money to TESOFE, other money to who gave it. `reference`: the line of capture.

    `due_on` and `interest` follow from the year's rules; interest is paid on top and is no part of the ledger.
    """

    class Motive(models.TextChoices):
        UNSPENT = "unspent", _("Not accrued by 31 December")
        SAVINGS = "savings", _("Left over from the work")
        SHARE = "share", _("The federal part passed its maximum")
        CANCELLED = "cancelled", _("The work was cancelled")

    source = models.CharField(_("source"), max_length=14, choices=Source)
    reference = reference()
    motive = models.CharField(_("why"), max_length=10, choices=Motive)
    due_on = models.DateField(_("due"))
    interest = pesos(_("interest"))

    class Meta(MoneyAct.Meta):
        ordering = ["-on", "-pk"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            *act_constraints("refund"),
            models.CheckConstraint(name="refund_interest", condition=models.Q(interest__gte=0)),
        ]
        triggers = act_triggers(*MONEY, "reference", "source", "motive", "due_on", "interest")

    def __str__(self) -> str:
        return self.reference

    @property
    def days_late(self) -> int:
        return max((self.on - self.due_on).days, 0)
