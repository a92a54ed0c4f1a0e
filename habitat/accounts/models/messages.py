"""What is told to people: a line in the portal, and an e-mail that waits in the outbox until it is sent."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited


class Kind(models.TextChoices):
    """What a notice is about; people choose by it what reaches their mailbox."""

    STEP = "step", _("A project moves on")
    ASSIGNMENT = "assignment", _("A case is handed to me or taken from me")
    OPINION = "opinion", _("A technical opinion is asked for or given")
    DEADLINE = "deadline", _("A deadline is near or over")
    PROGRESS = "progress", _("Monthly progress is sent, accepted or returned")
    RULES = "rules", _("New rules are in force")
    JOB = "job", _("Something I asked the portal to do has ended")


class Delivery(models.TextChoices):
    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day, together")
    OFF = "off", _("Not by e-mail")


class Notification(models.Model):
    """One event told to one person: `key` names the event, and nobody is told of one twice.

    `lines` are [id, sentence] pairs. `about` names the model of the ids ("projects.project"); before a line leaves the
    portal it is asked whether its reader sees that row. A line without an id is for every reader.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.STEP)
    key = models.CharField(max_length=120, blank=True)
    text = models.CharField(_("notice"), max_length=300)
    lines = models.JSONField(default=list)
    about = models.CharField(max_length=60, blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("received"), db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=~models.Q(key=""), name="event_told_once_a_person"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notices_of_a_person"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notices_unread"),
        ]


@audited()
class NotificationPreference(models.Model):
    """How one person wants one kind of notice by e-mail; without a row, at once. The portal always shows it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=10, choices=Kind)
    delivery = models.CharField(max_length=5, choices=Delivery, default=Delivery.NOW)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_kind")]


class OutboxMessage(models.Model):
    """An e-mail written in the same transaction as what it tells, sent later, once.

    `key` makes a message that is queued twice go out once. The words of one that tells of a `notification` are put
    together when it is sent, from what its reader may see at that moment; where that is nothing, it is withheld.
    """

    key = models.CharField(max_length=160, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, related_name="+")
    # Waits for the day's one message instead of going out by itself.
    is_daily = models.BooleanField(default=False)
    # The e-mail it goes out in, with the other rows of the same; a daily one has none before its day is put together.
    parcel = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)
    withheld_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(
                fields=["created_at"], condition=models.Q(sent_at=None, withheld_at=None), name="outbox_waiting"
            )
        ]
