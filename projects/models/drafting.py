"""What is on its way into a proposal: typed answers that do not hold yet."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.projects import Project


class Typing(models.Model):
    """What one person has typed on one page of the form and the proposal does not hold yet, as the browser sent it.

    A rough copy and no part of the file: nobody else reads it, and it goes once the page is saved. Without a project it
    is the first page of a proposal still to be begun. `answers`: name of a control → the values it sends. `seen`: name
    → `projects.services.merging.mark` of what it showed when the typing began.
    """

    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")
    page = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    at = models.DateTimeField(_("typed"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "page", "by"], name="one_typing_a_page_and_person", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.page}"
