"""The program's letters (oficios): their words as versions; each with what it lists, its file, its signed copies."""

import secrets

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import PublicRecord, StoredFile
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.models.money import pesos
from projects.models.projects import Project
from projects.querysets.letters import LetterQuerySet, ScanQuerySet

# What a person may read aloud: no 0 or O, no 1, I or L. Twelve of 31 signs are 59 bits.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def new_code() -> str:
    return "".join(secrets.choice(CODE_SIGNS) for _place in range(CODE_LENGTH))


class LetterKind(models.TextChoices):
    """The letters of the 2012 guidelines, chapter 5 (domain report, 4.2)."""

    SUBSIDY = "subsidy", _("Authorisation to apply subsidies")
    AUTHORISATION = "authorisation", _("Project authorisation")
    APPROVAL = "approval", _("Approval")


@audited()
class LetterText(models.Model):
    """A version of a letter's words, with {placeholders}. In force or superseded it never changes; one draft a kind.

    `revision` counts the draft's saves: who saves names the one they read.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")

    kind = models.CharField(_("letter"), max_length=14, choices=LetterKind)
    version = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("changed"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="letter_text_version_once"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(status="draft"), name="one_draft_of_a_letter_text"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(status="in_force"), name="one_letter_text_in_force"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_words_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["in_force", "superseded"])
                & (
                    pgtrigger.Q(old__body__df=pgtrigger.F("new__body"))
                    | pgtrigger.Q(old__subject__df=pgtrigger.F("new__subject"))
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


# What may still change once a letter is made: that it was cancelled.
MAY_CHANGE = ["cancelled_at", "cancelled_by", "cancel_reason", "updated_at"]


@audited()
class Letter(PublicRecord):
    """One letter; the row is the job that makes its file. From `issued` on only a cancellation changes it.

    `words` are subject and body as they were in force when it was asked for. `code` is what its QR opens.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Being made")
        RUNNING = "running", _("Being made now")
        ISSUED = "issued", pgettext_lazy("letter", "Issued")
        FAILED = "failed", _("Could not be made")

    kind = models.CharField(_("letter"), max_length=14, choices=LetterKind)
    number = models.CharField(_("number"), max_length=30, unique=True)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    state = models.ForeignKey(State, models.PROTECT, related_name="+", verbose_name=_("state"))
    on = models.DateField(_("date"))
    amount = pesos(_("amount"))
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # NULL: the words the portal came with.
    text = models.ForeignKey(LetterText, models.PROTECT, null=True, related_name="+")
    # What a letter of subsidies rests on: the agreements that its ceilings cite.
    agreement = models.TextField(blank=True)
    addressee = models.CharField(_("addressee"), max_length=200)
    signed_name = models.CharField(_("signs"), max_length=120)
    signed_post = models.CharField(_("post of who signs"), max_length=120)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")
    # Why it replaces another.
    reason = models.TextField(_("reason"), blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))
    issued_at = models.DateTimeField(_("issued"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancel_reason = models.TextField(_("reason of the cancellation"), blank=True)

    # Set by `with_copies()`.
    copies: int

    objects = LetterQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [models.Index(fields=["state", "kind"])]
        triggers = [
            touch(),
            pgtrigger.Trigger(
                name="issued_stays",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange(exclude=MAY_CHANGE),
                func="""
                    IF OLD.status = 'issued' THEN
                        RAISE EXCEPTION 'letter % is issued and does not change', OLD.number
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_at_work(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def replaced_by(self) -> "Letter | None":
        """The issued letter that stands in this one's place."""
        newer = getattr(self, "replacement", None)
        return newer if newer and newer.status == self.Status.ISSUED else None

    @property
    def is_valid(self) -> bool:
        return self.status == self.Status.ISSUED and self.cancelled_at is None and self.replaced_by is None


class LetterLine(models.Model):
    """One project, or one municipality's ceiling, with its pesos by source as they stood then; append-only."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="letter_lines")
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="+")
    modality = models.ForeignKey(Modality, models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=300)
    file_number = models.CharField(max_length=20, blank=True)
    federal = pesos(_("federal"))
    state = pesos(_("state"))
    municipal = pesos(_("municipal"))
    beneficiaries = pesos(_("beneficiaries"))

    class Meta:
        ordering = ["letter", "position"]
        constraints = [models.UniqueConstraint(fields=["letter", "position"], name="letter_line_once")]
        triggers = append_only()

    @property
    def total(self):
        return self.federal + self.state + self.municipal + self.beneficiaries


class LetterFile(StoredFile):
    """The PDF as it was issued; never another one."""

    letter = models.OneToOneField(Letter, models.PROTECT, related_name="file")

    class Meta:
        triggers = append_only()


@audited()
class LetterScan(StoredFile):
    """A signed copy on paper, scanned. Without a letter it waits in the inbox for a person to say which one it is."""

    class Found(models.TextChoices):
        QR = "qr", _("By its QR")
        PERSON = "person", _("By a person")

    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="scans")
    found = models.CharField(_("recognised"), max_length=6, choices=Found, blank=True)
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    attached_at = models.DateTimeField(_("attached"), null=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("scanned letter")
        verbose_name_plural = _("scanned letters")
