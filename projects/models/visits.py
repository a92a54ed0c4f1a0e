"""What was seen on the ground: visits with their checklist, findings, and what must be done until a day."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import PublicRecord
from modalities.models import Modality
from projects.models.documents import Document
from projects.models.projects import Project
from projects.querysets.social import ActionPointQuerySet, InsideProject


@audited()
class ChecklistItem(models.Model):
    """A question of a printed form, written by the program unit; retired ones stay for the answers they have.

    No official checklist is at hand: the rows that the portal comes with are its own (domain report, 6 and 11).
    """

    class Form(models.TextChoices):
        SITE = "site", _("Site visit")
        VERIFICATION = "verification", _("Verification after handover")
        VIGILANCE = "vigilance", _("Vigilance form of the committee")

    form = models.CharField(_("form"), max_length=12, choices=Form)
    # NULL: of every modality.
    modality = models.ForeignKey(
        Modality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("modality")
    )
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    text_es = models.CharField(_("question in Spanish"), max_length=300)
    text_en = models.CharField(_("question in English"), max_length=300)
    is_retired = models.BooleanField(_("no longer asked"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        ordering = ["form", "modality", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "modality", "text_es"], name="question_once_a_form", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.text_en if (get_language() or "").startswith("en") else self.text_es


class Answer(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    NOT_APPLICABLE = "na", _("Does not apply")


@audited()
class Visit(PublicRecord):
    """A visit to the site, planned and then made; of a verification also what became of the work since.

    The four marks of a verification are NULL until it is made. `next_on`: the day of the next verification.
    """

    class Kind(models.TextChoices):
        SITE = "site", _("Site visit")
        VERIFICATION = "verification", _("Verification after handover")

    project = models.ForeignKey(Project, models.PROTECT, related_name="visits")
    kind = models.CharField(_("visit"), max_length=12, choices=Kind, default=Kind.SITE)
    planned_on = models.DateField(_("planned for"))
    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("visitor"))
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    summary = models.TextField(_("what was seen"), blank=True)
    is_there = models.BooleanField(_("exists"), null=True)
    is_working = models.BooleanField(_("works"), null=True)
    is_used = models.BooleanField(_("is used"), null=True)
    is_maintained = models.BooleanField(_("is maintained"), null=True)
    next_on = models.DateField(_("next verification"), null=True, blank=True)
    # The form filled in on the ground, scanned.
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancel_reason = models.CharField(_("reason of the cancellation"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = InsideProject.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-planned_on", "-pk"]
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [models.Index(fields=["planned_on"], condition=models.Q(made_on=None), name="visits_to_make")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(made_on=None) | models.Q(cancelled_at=None), name="visit_made_or_cancelled"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="verification")
                | models.Q(made_on=None)
                | models.Q(
                    is_there__isnull=False,
                    is_working__isnull=False,
                    is_used__isnull=False,
                    is_maintained__isnull=False,
                ),
                name="verification_answers_all",
            ),
        ]
        triggers = [touch()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.planned_on:%d/%m/%Y}"


@audited()
class VisitAnswer(models.Model):
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="answers")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=3, choices=Answer)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["item__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "item"], name="visit_answer_once")]


class Finding(models.Model):
    """What a visit found; append-only."""

    class Weight(models.TextChoices):
        NOTE = "note", _("Remark")
        MINOR = "minor", _("Minor fault")
        SERIOUS = "serious", _("Serious fault")

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="findings")
    weight = models.CharField(_("weight"), max_length=7, choices=Weight, default=Weight.MINOR)
    text = models.TextField(_("finding"))

    class Meta:
        ordering = ["pk"]
        triggers = append_only()


@audited()
class ActionPoint(PublicRecord):
    """Something one person must do until a day; it lies on their desk until it is closed with what was done."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="action_points")
    # NULL: asked for without a visit.
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="action_points")
    text = models.TextField(_("what must be done"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_on = models.DateField(_("due"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("asked for"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done = models.TextField(_("what was done"), blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")

    objects = ActionPointQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["due_on", "pk"]
        verbose_name = _("action point")
        verbose_name_plural = _("action points")
        indexes = [models.Index(fields=["owner", "due_on"], condition=models.Q(closed_at=None), name="points_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None)
                | (models.Q(closed_at__isnull=False, closed_by__isnull=False) & ~models.Q(done="")),
                name="point_closed_with_words",
            )
        ]
        triggers = [touch()]

    def __str__(self) -> str:
        return self.text[:80]
