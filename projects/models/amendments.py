"""What changes of a project after its approval, and every version it ever had."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from habitat.lib.audit import append_only, audited
from projects.models.acts import Act, act_constraints, act_triggers
from projects.models.contracts import Contract
from projects.models.projects import Project
from projects.querysets.works import OfProject


@audited()
class Amendment(Act):
    """Modificación (operating guidelines 2012, 5.9): asked by the executor, decided by whom `decider` says.

    `changes` as JSON, amounts as text: time {"starts_on", "ends_on"}; quantity {"quantities": {action pk: quantity}};
    amount {"contributions": {action pk: {source: pesos in all}}}; site {"sites": {action pk: GeoJSON geometry}};
    executor {"execution_form"}; a cancellation has none.
    """

    class Kind(models.TextChoices):
        TIME = "time", _("Time")
        QUANTITY = "quantity", _("Quantity")
        AMOUNT = "amount", _("Amount")
        SAVINGS = "savings", _("Savings returned to the ceiling")
        SITE = "site", _("Site")
        EXECUTOR = "executor", _("Form of execution")
        CANCELLATION = "cancellation", _("Cancellation")

    # Within the project.
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    asked = models.TextField(_("why it is asked for"))
    changes = models.JSONField(default=dict)
    decider = models.CharField(_("decided by"), max_length=12, choices=Role)
    # The modificatory agreement: pesos with tax that the contract gains or loses; NULL: it stays.
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="amendments")
    contract_change = models.DecimalField(max_digits=16, decimal_places=2, null=True)

    class Meta(Act.Meta):
        ordering = ["project", "number"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            *act_constraints("amendment", has_amount=False),
            models.UniqueConstraint(fields=["project", "number"], name="amendment_number_once"),
        ]
        triggers = act_triggers("number", "kind", "asked", "changes", "decider", "contract_id", "contract_change")

    def __str__(self) -> str:
        return f"{self.project.folio} / {self.number}"


class ProjectVersion(models.Model):
    """The whole proposal as it stood when it was approved (number 0, no amendment) and after each amendment.

    `facts`: nested JSON of labels' codes and values; append-only.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    amendment = models.OneToOneField(Amendment, models.PROTECT, null=True, related_name="version")
    facts = models.JSONField()
    at = models.DateTimeField(_("moment"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfProject.as_manager()

    class Meta:
        ordering = ["project", "number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="version_once")]
        triggers = append_only()
