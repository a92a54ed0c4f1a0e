"""Estimates of what was built, and the payments that follow them."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from projects.models.acts import MONEY, MoneyAct, act_constraints, act_triggers, reference
from projects.models.contracts import Contract
from projects.models.money import Source, pesos
from projects.models.projects import Action


@audited()
class Estimate(MoneyAct):
    """Estimación: quantities of a period at contract prices. `amount` is gross, with tax: what is accrued.

    `net` is what the contractor receives: gross less what repays the advance and less what is withheld.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="estimates", verbose_name=_("contract"))
    number = models.PositiveSmallIntegerField(_("number"))
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    amortised = pesos(_("amortisation of the advance"))
    withheld = pesos(_("withheld"))
    net = pesos(_("net"))

    # Set by `due.arrears()`.
    paid: Decimal
    owed: Decimal

    class Meta(MoneyAct.Meta):
        ordering = ["contract", "number", "pk"]
        verbose_name = _("estimate")
        verbose_name_plural = _("estimates")
        constraints = [
            *act_constraints("estimate"),
            models.UniqueConstraint(
                fields=["contract", "number"],
                condition=models.Q(status__in=["registered", "validated"]),
                name="estimate_number_once",
            ),
            models.CheckConstraint(
                name="estimate_adds_up",
                condition=models.Q(net=models.F("amount") - models.F("amortised") - models.F("withheld"))
                & models.Q(net__gte=0, amortised__gte=0, withheld__gte=0),
            ),
            models.CheckConstraint(name="estimate_period", condition=models.Q(period_to__gte=models.F("period_from"))),
        ]
        triggers = act_triggers(
            *MONEY, "contract_id", "number", "period_from", "period_to", "amortised", "withheld", "net"
        )

    def __str__(self) -> str:
        return f"{self.contract.number} / {self.number}"

    @property
    def payable(self) -> Decimal:
        """Pesos that leave the account for it: to the contractor and, withheld, to the authorities."""
        return self.amount - self.amortised


@audited()
class EstimateLine(models.Model):
    """Quantity of one action in the period of an estimate, in the type's unit."""

    estimate = models.ForeignKey(Estimate, models.PROTECT, related_name="lines")
    action = models.ForeignKey(Action, models.PROTECT, related_name="estimate_lines")
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["estimate", "action"]
        constraints = [
            models.UniqueConstraint(fields=["estimate", "action"], name="estimate_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="estimate_line_not_negative"),
        ]


@audited()
class Withholding(models.Model):
    """What the law keeps back of an estimate; `percent` is the parameter of the year's rules when it was made."""

    estimate = models.ForeignKey(Estimate, models.PROTECT, related_name="withholdings")
    code = models.CharField(_("code"), max_length=40)
    label = models.CharField(_("withheld"), max_length=120)
    percent = models.DecimalField(_("per cent"), max_digits=7, decimal_places=4)
    amount = pesos(_("amount"))

    class Meta:
        ordering = ["estimate", "code"]
        constraints = [models.UniqueConstraint(fields=["estimate", "code"], name="withholding_once")]


@audited()
class Payment(MoneyAct):
    """Money of one source paid for a contract: its advance (no estimate) or an estimate, withheld parts included."""

    class Method(models.TextChoices):
        CLC = "clc", _("Payment order of the Treasury (CLC)")
        SPEI = "spei", _("Bank transfer (SPEI)")
        CHEQUE = "cheque", _("Cheque")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="payments", verbose_name=_("contract"))
    estimate = models.ForeignKey(
        Estimate, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("estimate")
    )
    source = models.CharField(_("source"), max_length=14, choices=Source)
    reference = reference()
    method = models.CharField(_("paid by"), max_length=6, choices=Method)

    class Meta(MoneyAct.Meta):
        ordering = ["-on", "-pk"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = act_constraints("payment")
        triggers = act_triggers(*MONEY, "reference", "contract_id", "estimate_id", "source", "method")

    def __str__(self) -> str:
        return self.reference
