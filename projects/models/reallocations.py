"""Money moved from one ceiling to another: proposed by one person, confirmed by a second."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import audited, touch
from habitat.lib.models import PublicRecord
from projects.models.agreements import MoneyPaper
from projects.models.money import Ceiling, pesos
from projects.querysets.money import ReallocationQuerySet


@audited()
class Reallocation(PublicRecord):
    """Reasignación de subsidios (operating guidelines 2012, 5.10): so many pesos from one node to another.

    Every node between each end and the first they share is lowered or raised by the amount. Never proposed and
    confirmed by one person, by constraint.
    """

    source = models.ForeignKey(Ceiling, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("move", "from"))
    target = models.ForeignKey(Ceiling, models.PROTECT, related_name="+", verbose_name=_("to"))
    amount = pesos(_("amount"))
    reason = models.TextField(_("reason"))
    paper = models.ForeignKey(MoneyPaper, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    # Discarded before it was confirmed, by either.
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    discarded_at = models.DateTimeField(_("discarded"), null=True)

    objects = ReallocationQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-proposed_at", "-pk"]
        verbose_name = _("reallocation")
        verbose_name_plural = _("reallocations")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="reallocation_positive"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="reallocation_moves"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="two_people_reallocate",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False, discarded_at=None),
                name="reallocation_confirmed_or_discarded",
            ),
        ]
        triggers = [touch()]

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None and self.discarded_at is None
