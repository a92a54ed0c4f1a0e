from django.db import models


class RulesVersionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RulesVersionQuerySet":
        """Drafts are for those who write or audit rules; what is or was in force is public."""
        if user.is_authenticated and user.reads_drafts_of_rules:
            return self
        return self.exclude(status="draft")

    def in_force(self) -> "RulesVersionQuerySet":
        return self.filter(status="in_force")
