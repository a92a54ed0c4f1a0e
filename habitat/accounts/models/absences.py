from datetime import date

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited


class AbsenceQuerySet(models.QuerySet):
    def running(self, today: date) -> "AbsenceQuerySet":
        return self.filter(starts_on__lte=today, ends_on__gte=today)


@audited()
class Absence(models.Model):
    """Somebody is away, both days included; meanwhile their cases lie on the deputy's desk, who may take them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name=_("person")
    )
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("deputy"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_in_order"),
            models.CheckConstraint(condition=~models.Q(deputy=models.F("user")), name="nobody_deputises_oneself"),
        ]
        indexes = [models.Index(fields=["deputy", "ends_on"], name="absences_of_a_deputy")]
