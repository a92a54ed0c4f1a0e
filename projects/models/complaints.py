"""Complaints (quejas y denuncias) that anybody may send: a folio, a secret to look, a route with its day."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import PublicRecord
from polygons.models import State
from projects.models.projects import Project
from projects.querysets.social import ComplaintQuerySet


class Route(models.TextChoices):
    """Domain report, section 6; the delegation only where the complaint is not of it."""

    OIC = "oic", _("Internal control body (OIC)")
    SFP = "sfp", _("Ministry of Public Administration (SFP)")
    DELEGATION = "delegation", _("Delegation")


def secret_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@audited(exclude=("secret", "contact"))
class Complaint(PublicRecord):
    """`secret` is the SHA-256 of what only the sender has. `contact`, if they gave one, is personal data."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        ROUTED = "routed", _("Sent to who resolves it")
        ANSWERED = "answered", _("Answered")

    folio = models.CharField(_("folio"), max_length=20, unique=True)
    secret = models.CharField(max_length=64, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.ForeignKey(State, models.PROTECT, null=True, related_name="+", verbose_name=_("state"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    text = models.TextField(_("what happened"))
    contact = models.CharField(_("how to reach the sender"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.RECEIVED)
    route = models.CharField(_("route"), max_length=10, choices=Route, blank=True)
    due_on = models.DateField(_("due"))
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ComplaintQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="received") | ~models.Q(route=""), name="complaint_sent_on_has_route"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="answered") | ~models.Q(answer=""), name="complaint_answered_with_words"
            ),
        ]
        triggers = [touch()]

    def __str__(self) -> str:
        return self.folio


class ComplaintMove(models.Model):
    """What was done with a complaint, and who looked at its contact; append-only."""

    class What(models.TextChoices):
        ROUTED = "routed", _("Sent on")
        NOTED = "noted", _("Note")
        ANSWERED = "answered", _("Answered")
        CONTACT = "contact", _("Looked at the contact")

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="moves")
    what = models.CharField(_("what"), max_length=8, choices=What)
    route = models.CharField(_("route"), max_length=10, choices=Route, blank=True)
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))

    class Meta:
        ordering = ["pk"]
        triggers = append_only()
