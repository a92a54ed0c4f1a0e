"""What an action promises in detail: whom it serves by sex and age, and when it is built and paid."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited
from projects.models.money import pesos
from projects.models.projects import Action
from projects.querysets.works import OfAction


class AgeGroup(models.TextChoices):
    """Of the population census; no source at hand prints the groups of the program's own formats."""

    CHILDREN = "0-14", _("0 to 14 years")
    YOUNG = "15-29", _("15 to 29 years")
    ADULTS = "30-59", _("30 to 59 years")
    OLDER = "60+", _("60 years and over")


@audited()
class AgeCount(models.Model):
    """Women and men of one age group; the groups of an action add up to its women and men, or there are none."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="ages")
    group = models.CharField(_("age group"), max_length=5, choices=AgeGroup)
    women = models.PositiveIntegerField(_("women"), default=0)
    men = models.PositiveIntegerField(_("men"), default=0)

    objects = OfAction.as_manager()

    class Meta:
        ordering = ["action", "group"]
        constraints = [models.UniqueConstraint(fields=["action", "group"], name="age_group_once")]


@audited()
class SchedulePart(models.Model):
    """What one month builds and pays of an action; the parts add up to its quantity and its cost, or there are none.

    `month` is the first day of it; quantity in the unit of the type, amount in pesos of all sources.
    """

    action = models.ForeignKey(Action, models.CASCADE, related_name="schedule")
    month = models.DateField(_("month"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=2)
    amount = pesos(_("amount"))

    objects = OfAction.as_manager()

    class Meta:
        ordering = ["action", "month"]
        constraints = [
            models.UniqueConstraint(fields=["action", "month"], name="scheduled_month_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="scheduled_by_month"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0, amount__gte=0), name="schedule_not_negative"),
        ]
