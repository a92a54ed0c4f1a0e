from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from habitat.lib.audit import audited


@audited(exclude=("digest", "token_key", "last_used_at"))
class ApiToken(AbstractAuthToken):
    """A hashed, expiring key to the API, of a person or a service account; it can do what its owner can, or less.

    `token_key` is the key's first characters, by which its owner knows it again.
    """

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and take steps")

    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("scope"), max_length=5, choices=Scope, default=Scope.READ)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["-created"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
