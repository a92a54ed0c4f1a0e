from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only
from polygons.models import Municipality


class Succession(models.Model):
    """A municipal administration that ended: whose accounts were closed and who goes on with their cases."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    leavers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    heirs = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    last_day = models.DateField(_("last day"))
    cases = models.PositiveIntegerField(_("cases"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))

    class Meta:
        ordering = ["-at"]
        triggers = append_only()
