"""By whom and for how much a work is built: contracts and agreements of own administration, with their guarantees."""

from decimal import ROUND_HALF_UP, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from projects.models.acts import MONEY, MoneyAct, act_constraints, act_triggers
from projects.models.money import pesos
from projects.models.projects import Action


@audited()
class Contract(MoneyAct):
    """Signed `on` a day for `amount` pesos with tax; what amendments add or take is in its committed entries.

    Law: LOPSRM for public works, LAASSP for purchases and services (domain report, 4.6); none of own administration.
    """

    class Kind(models.TextChoices):
        DIRECT_AWARD = "direct_award", _("Direct award")
        INVITATION = "invitation", _("Invitation to at least three")
        PUBLIC_TENDER = "public_tender", _("Public tender")
        OWN_ADMINISTRATION = "own_administration", _("Agreement of own administration")

    class Law(models.TextChoices):
        LOPSRM = "lopsrm", _("Public works (LOPSRM)")
        LAASSP = "laassp", _("Purchases and services (LAASSP)")

    kind = models.CharField(_("how it was awarded"), max_length=20, choices=Kind)
    law = models.CharField(_("law"), max_length=6, choices=Law, blank=True)
    number = models.CharField(_("number"), max_length=60)
    # Of own administration, the municipality's own office.
    contractor = models.CharField(_("contractor"), max_length=200)
    contractor_rfc = models.CharField(_("RFC"), max_length=13, blank=True)
    before_tax = pesos(_("amount before tax"))
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"))
    advance_percent = models.DecimalField(_("advance, per cent"), max_digits=5, decimal_places=2, default=Decimal(0))

    class Meta(MoneyAct.Meta):
        ordering = ["-on", "-pk"]
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            *act_constraints("contract"),
            models.UniqueConstraint(
                fields=["project", "number"],
                condition=models.Q(status__in=["registered", "validated"]),
                name="contract_number_once",
            ),
            models.CheckConstraint(
                name="contract_amounts", condition=models.Q(before_tax__gt=0, before_tax__lte=models.F("amount"))
            ),
            models.CheckConstraint(
                name="contract_dates",
                condition=models.Q(starts_on__gte=models.F("on"), ends_on__gte=models.F("starts_on")),
            ),
            models.CheckConstraint(
                name="contract_advance", condition=models.Q(advance_percent__gte=0, advance_percent__lte=100)
            ),
            models.CheckConstraint(
                name="contract_has_contractor",
                condition=models.Q(kind="own_administration", law="") | ~models.Q(law="", contractor_rfc=""),
            ),
        ]
        triggers = act_triggers(
            *MONEY,
            "kind",
            "law",
            "number",
            "contractor",
            "contractor_rfc",
            "before_tax",
            "starts_on",
            "advance_percent",
        )

    def __str__(self) -> str:
        return self.number

    @property
    def advance(self) -> Decimal:
        """Pesos of the advance agreed."""
        return (self.amount * self.advance_percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


@audited()
class ContractLine(models.Model):
    """Quantity of one action that is contracted; only an amendment changes it once the contract is validated."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="lines")
    action = models.ForeignKey(Action, models.PROTECT, related_name="contract_lines")
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["contract", "action"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "action"], name="contract_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="contract_line_not_negative"),
        ]


@audited()
class Guarantee(models.Model):
    """Fianza: what answers for the advance, for the works, and afterwards for hidden defects."""

    class Kind(models.TextChoices):
        ADVANCE = "advance", _("Of the advance")
        PERFORMANCE = "performance", _("Of performance")
        HIDDEN_DEFECTS = "hidden_defects", _("Of hidden defects")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="guarantees")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issued by"), max_length=200)
    amount = pesos(_("amount"))
    valid_until = models.DateField(_("valid until"))

    class Meta:
        ordering = ["contract", "kind", "pk"]
        verbose_name = _("guarantee")
        verbose_name_plural = _("guarantees")
        constraints = [
            models.UniqueConstraint(fields=["contract", "kind", "number"], name="guarantee_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="guarantee_amount_positive"),
        ]
