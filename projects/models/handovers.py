"""The end of a work: handover certificate, its archive, what may be destroyed, and silence before elections."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.jobs import Job
from habitat.lib.models import PublicRecord, StoredFile
from polygons.models import State
from projects.models.documents import Document
from projects.models.letters import CODE_LENGTH, new_code
from projects.models.money import pesos
from projects.models.projects import Project
from projects.querysets.social import DestructionQuerySet, HandoverQuerySet, InsideProject, SilenceQuerySet


@audited()
class Handover(PublicRecord):
    """Acta de entrega-recepción. Once issued its words are fixed, by trigger; what is wrong is cancelled and made anew.

    `signed` is the copy with the signatures. `code` is what its QR opens. Source: guidelines 2012, 5.12 and 5.14.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="handovers")
    number = models.CharField(_("number"), max_length=30, unique=True)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    on = models.DateField(_("date of the handover"))
    place = models.CharField(_("place of the act"), max_length=200)
    delivers_name = models.CharField(_("who hands over"), max_length=120)
    delivers_post = models.CharField(_("post of who hands over"), max_length=160)
    receives_name = models.CharField(_("who receives"), max_length=120)
    receives_post = models.CharField(_("post of who receives"), max_length=160)
    # Blank where the action type asks for no committee.
    committee_name = models.CharField(_("who signs for the committee"), max_length=120, blank=True)
    state_of_work = models.TextField(_("condition in which it is handed over"))
    # Hidden defects (vicios ocultos).
    warranty_until = models.DateField(_("warranty until"))
    guarantee = models.CharField(_("guarantee"), max_length=200, blank=True)
    maintainer = models.CharField(_("who maintains it"), max_length=200)
    maintained_until = models.DateField(_("maintenance until"))
    maintenance_budget = pesos(_("yearly budget for maintenance"))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued"))
    signed = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancel_reason = models.TextField(_("reason of the cancellation"), blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-issued_at", "-pk"]
        verbose_name = _("handover certificate")
        verbose_name_plural = _("handover certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(cancelled_at=None), name="one_standing_handover"
            ),
            models.CheckConstraint(
                condition=models.Q(warranty_until__gte=models.F("on"), maintained_until__gte=models.F("on")),
                name="handover_promises_ahead",
            ),
            models.CheckConstraint(condition=models.Q(maintenance_budget__gte=0), name="maintenance_not_negative"),
        ]
        triggers = [
            touch(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="issued_stays",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(
                    exclude=["signed", "cancelled_at", "cancelled_by", "cancel_reason", "updated_at"]
                ),
                func="""
                    RAISE EXCEPTION 'handover certificate % is issued and does not change', OLD.number
                        USING ERRCODE = 'check_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class HandoverFile(StoredFile):
    """The PDF as it was issued."""

    handover = models.OneToOneField(Handover, models.PROTECT, related_name="file")

    class Meta:
        triggers = append_only()


@audited(exclude=("attempts", "lease_until", "progress"))
class Archive(Job):
    """The whole file of a project as an indexed zip, made by a worker; `expires_at` ends the link and the file."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Being made")
        RUNNING = "running", _("Being made now")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Could not be made")

    project = models.ForeignKey(Project, models.PROTECT, related_name="archives")
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to="projects.archive/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    parts = models.PositiveIntegerField(_("files"), default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    expires_at = models.DateTimeField(_("expires"))

    objects = InsideProject.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "asked_by"],
                condition=models.Q(status__in=["waiting", "running"]),
                name="one_archive_in_the_making",
            )
        ]


@audited()
class Destruction(models.Model):
    """A proposal to destroy the papers of a closed project past the years they are kept; another person confirms it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="destructions")
    # The day from which the rules let them go, as it stood when it was proposed.
    kept_until = models.DateField(_("kept until"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("proposed"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    discarded_at = models.DateTimeField(_("discarded"), null=True)

    objects = DestructionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("by")),
                name="two_people_destroy",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(discarded_at=None),
                name="one_destruction",
            ),
        ]


class DestroyedFile(models.Model):
    """What a destruction took away: the record, its name and fingerprint stay; append-only."""

    destruction = models.ForeignKey(Destruction, models.PROTECT, related_name="files")
    document = models.OneToOneField(Document, models.PROTECT, related_name="destroyed")
    original_name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        triggers = append_only()


@audited()
class Silence(models.Model):
    """Veda electoral: what promotes the program is silent from the first to the last second, on the state's own clocks.

    Without a state it holds everywhere.
    """

    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("state"))
    starts_on = models.DateField(_("from"))
    starts_time = models.TimeField(_("at"), default=dt.time(0, 0))
    ends_on = models.DateField(_("until"))
    ends_time = models.TimeField(_("at"), default=dt.time(23, 59, 59))
    election = models.CharField(_("election"), max_length=200)
    source = models.CharField(_("source"), max_length=300)
    is_verified = models.BooleanField(_("verified"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    objects = SilenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "state"]
        verbose_name = _("electoral silence")
        verbose_name_plural = _("electoral silences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on"))
                | models.Q(ends_on=models.F("starts_on"), ends_time__gt=models.F("starts_time")),
                name="silence_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.election

    @property
    def starts(self) -> dt.datetime:
        """Wall clock of the place, without zone."""
        return dt.datetime.combine(self.starts_on, self.starts_time)

    @property
    def ends(self) -> dt.datetime:
        """The last second, included; wall clock without zone."""
        return dt.datetime.combine(self.ends_on, self.ends_time)
