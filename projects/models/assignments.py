from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from habitat.lib.audit import append_only
from projects.models.projects import Project


class CaseAssignment(models.Model):
    """Who of a role has a case in hand; the newest row of a project and role counts. Append-only: it is the history.

    `Project.assigned_to` says the same of the role whose turn it is, for lists.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="assignments")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["project", "role", "-id"], name="newest_assignment")]
        triggers = append_only()
