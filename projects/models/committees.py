"""Social audit (contraloría social): committees, their members, forms and deadlines, their word at closure.

Source: domain report, section 6. Members' names are personal data: `sees_names` says who reads them.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import PublicRecord, StoredFile
from modalities.models import FiscalYear
from polygons.models import Municipality, Polygon
from projects.models.projects import Project
from projects.models.visits import Answer, ChecklistItem
from projects.querysets.social import CaptureQuerySet, CommitteeQuerySet, InsideProject, OfCommittee


class Sex(models.TextChoices):
    WOMAN = "woman", _("Woman")
    MAN = "man", _("Man")


@audited()
class Committee(PublicRecord):
    """A community committee of a polygon or of several works, constituted by an assembly before they start."""

    name = models.CharField(_("name"), max_length=200)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    polygon = models.ForeignKey(
        Polygon, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Habitat Polygon")
    )
    projects = models.ManyToManyField(Project, through="CommitteeProject", related_name="committees")
    constituted_on = models.DateField(_("constituted on"))
    # Constancia de registro.
    registration = models.CharField(_("registration number"), max_length=60, blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    dissolved_on = models.DateField(_("dissolved on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    # Set by `with_counts()`.
    minutes: int
    women: int
    men: int
    people: int
    watched: int

    objects = CommitteeQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-constituted_on", "-pk"]
        verbose_name = _("committee")
        verbose_name_plural = _("committees")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "fiscal_year", "name"], name="committee_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(registered_on=None) | models.Q(registered_on__gte=models.F("constituted_on")),
                name="registered_after_constituted",
            ),
            models.CheckConstraint(
                condition=models.Q(dissolved_on=None) | models.Q(dissolved_on__gte=models.F("constituted_on")),
                name="dissolved_after_constituted",
            ),
        ]
        triggers = [touch()]

    def __str__(self) -> str:
        return self.name


@audited()
class CommitteeProject(models.Model):
    """A work that a committee watches."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="works")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["committee", "project"], name="watched_once_a_committee")]


@audited()
class CommitteeMember(models.Model):
    """A neighbour. `is_no_official`: they declared that they hold no public post, as the rules ask."""

    class Post(models.TextChoices):
        PRESIDENT = "president", _("President")
        SECRETARY = "secretary", _("Secretary")
        TREASURER = "treasurer", _("Treasurer")
        VOCAL = "vocal", _("Member")

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="members")
    name = models.CharField(_("name"), max_length=120)
    sex = models.CharField(_("sex"), max_length=5, choices=Sex)
    post = models.CharField(_("post"), max_length=9, choices=Post, default=Post.VOCAL)
    is_no_official = models.BooleanField(_("declared to hold no public post"), default=False)
    joined_on = models.DateField(_("since"))
    left_on = models.DateField(_("until"), null=True, blank=True)

    objects = OfCommittee.as_manager()

    class Meta:
        ordering = ["committee", "pk"]
        verbose_name = _("member of a committee")
        verbose_name_plural = _("members of committees")
        constraints = [
            models.CheckConstraint(condition=models.Q(is_no_official=True), name="no_officials_in_committees"),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("joined_on")),
                name="left_after_joined",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class CommitteePaper(StoredFile):
    """Minutes, registration, signed lists, filled forms: of the committee, not of one project's file."""

    class Kind(models.TextChoices):
        MINUTES = "minutes", _("Minutes of the assembly that constituted it")
        REGISTRATION = "registration", _("Certificate of registration")
        EVENT = "event", _("Minutes or list of a meeting or training")
        FORM = "form", _("Vigilance form, filled in")
        VERDICT = "verdict", _("Committee's word on a finished work")
        OTHER = "other", _("Other")

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="papers")
    kind = models.CharField(_("document"), max_length=12, choices=Kind)

    objects = OfCommittee.as_manager()

    class Meta:
        ordering = ["kind", "-uploaded_at"]


@audited()
class CommitteeActivity(models.Model):
    """A training, a delivery of materials, a meeting with its minutes."""

    class Kind(models.TextChoices):
        TRAINING = "training", _("Training")
        MATERIALS = "materials", _("Materials delivered")
        MEETING = "meeting", _("Meeting")

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="activities")
    kind = models.CharField(_("what"), max_length=9, choices=Kind)
    on = models.DateField(_("date"))
    text = models.TextField(_("what was done or agreed"))
    women = models.PositiveSmallIntegerField(_("women present"), default=0)
    men = models.PositiveSmallIntegerField(_("men present"), default=0)
    paper = models.ForeignKey(CommitteePaper, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfCommittee.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]


@audited()
class VigilanceForm(PublicRecord):
    """A cédula de vigilancia that a committee filled in about one work, captured."""

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="forms")
    project = models.ForeignKey(Project, models.PROTECT, related_name="vigilance_forms")
    on = models.DateField(_("filled in on"))
    note = models.TextField(_("remarks"), blank=True)
    paper = models.ForeignKey(CommitteePaper, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = OfCommittee.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-on", "-pk"]
        triggers = [touch()]


class FormAnswer(models.Model):
    form = models.ForeignKey(VigilanceForm, models.PROTECT, related_name="answers")
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=3, choices=Answer)

    class Meta:
        ordering = ["item__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["form", "item"], name="form_answer_once")]
        triggers = append_only()


@audited()
class SicsCapture(models.Model):
    """What must be entered in the SFP's system (SICS) within business days of an event; `due_on` never moves."""

    class What(models.TextChoices):
        CONSTITUTION = "constitution", _("Constitution of the committee")
        TRAINING = "training", _("Training")
        MATERIALS = "materials", _("Materials delivered")
        MEETING = "meeting", _("Minutes of a meeting")
        FORM = "form", _("Vigilance form")

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="captures")
    what = models.CharField(_("what"), max_length=12, choices=What)
    # At most one of both: what is entered besides the committee itself.
    activity = models.OneToOneField(CommitteeActivity, models.PROTECT, null=True, related_name="capture")
    form = models.OneToOneField(VigilanceForm, models.PROTECT, null=True, related_name="capture")
    happened_on = models.DateField(_("happened on"))
    due_on = models.DateField(_("due"))
    captured_on = models.DateField(_("entered on"), null=True, blank=True)
    captured_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = CaptureQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("SICS capture")
        verbose_name_plural = _("SICS captures")
        indexes = [models.Index(fields=["due_on"], condition=models.Q(captured_on=None), name="captures_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["committee"], condition=models.Q(what="constitution"), name="constitution_captured_once"
            )
        ]


@audited()
class CommitteeVerdict(models.Model):
    """What a committee says of a finished work; the newest counts."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="committee_verdicts")
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="verdicts")
    is_favourable = models.BooleanField(_("satisfied"))
    text = models.TextField(_("what it says"))
    on = models.DateField(_("date"))
    paper = models.ForeignKey(CommitteePaper, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("recorded"))

    objects = InsideProject.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]


@audited()
class CommitteeWaiver(models.Model):
    """Leave to close without the committee's word: asked by one person with a document, granted by another."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="committee_waivers")
    reason = models.TextField(_("reason"))
    document = models.ForeignKey("projects.Document", models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    is_granted = models.BooleanField(_("granted"), null=True)
    note = models.TextField(_("note"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = InsideProject.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="two_people_waive",
            ),
            models.UniqueConstraint(fields=["project"], condition=models.Q(is_granted=None), name="one_open_waiver"),
        ]
