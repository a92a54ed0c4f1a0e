from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only


class SecurityEvent(models.Model):
    """Something that whoever looks after the portal should know of; append-only. `details` names no file's content."""

    class Kind(models.TextChoices):
        MALWARE = "malware", _("Harmful file refused")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("moment"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        triggers = append_only()

    def __str__(self) -> str:
        return self.get_kind_display()
