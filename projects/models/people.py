"""The restricted register: people behind social actions, organisations beside them, and who read of them.

Domain report, 4.4 and 5.3: the first two structures of the Padrón Único de Beneficiarios. The third, population served
by works, comes from the actions themselves and names nobody.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.lib.audit import append_only, audited, touch
from habitat.lib.models import StoredFile
from polygons.models import Municipality
from projects.models.centres import Centre
from projects.models.committees import Committee
from projects.models.projects import Project
from projects.querysets.people import InRegister, OfCourse, PersonQuerySet, ReadingQuerySet, RegisterQuerySet


class RegisteredSex(models.TextChoices):
    """As the CURP tells it."""

    WOMAN = "woman", _("Woman")
    MAN = "man", _("Man")
    OTHER = "other", _("Neither of both (X)")


@audited()
class Person(models.Model):
    """One person once a municipality. Personal data: read through `visible_to`, and each reading leaves a row.

    When the papers of all their projects are destroyed, who they were is erased, here and in the history; the row, its
    sex and what was paid stay.
    """

    class NoCurp(models.TextChoices):
        FOREIGNER = "foreigner", _("Foreigner without CURP")
        NEWBORN = "newborn", _("Newborn, not registered yet")
        UNREGISTERED = "unregistered", _("Birth never registered; the procedure has begun")
        OTHER = "other", _("Another reason, stated")

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    curp = models.CharField("CURP", max_length=18, blank=True)
    no_curp = models.CharField(_("why without CURP"), max_length=12, choices=NoCurp, blank=True)
    no_curp_note = models.CharField(_("reason in words"), max_length=300, blank=True)
    given_names = models.CharField(_("given names"), max_length=80, blank=True)
    first_surname = models.CharField(_("first surname"), max_length=60, blank=True)
    second_surname = models.CharField(_("second surname"), max_length=60, blank=True)
    born_on = models.DateField(_("date of birth"), null=True)
    sex = models.CharField(_("sex"), max_length=5, choices=RegisteredSex)
    created_at = models.DateTimeField(_("registered"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    # Set by `with_parts()`.
    provider: bool
    promoter: bool
    tutor: bool
    participant: bool

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["first_surname", "second_surname", "given_names", "pk"]
        verbose_name = _("person in the register")
        verbose_name_plural = _("people in the register")
        indexes = [models.Index(fields=["curp"], condition=~models.Q(curp=""), name="person_by_curp")]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "curp"], condition=~models.Q(curp=""), name="person_once_a_municipality"
            ),
            models.CheckConstraint(
                condition=models.Q(curp="") | models.Q(curp__regex=r"^[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d$"),
                name="curp_in_shape",
            ),
            # With a CURP or with a reason, never both; once erased with neither.
            models.CheckConstraint(
                condition=models.Q(erased_at=None) & ~models.Q(curp="") & models.Q(no_curp="")
                | models.Q(erased_at=None) & models.Q(curp="") & ~models.Q(no_curp="")
                | models.Q(
                    erased_at__isnull=False, curp="", no_curp="", no_curp_note="", given_names="", first_surname="",
                    second_surname="", born_on=None,
                ),
                name="curp_or_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(no_curp="other") | ~models.Q(no_curp_note=""), name="other_reason_in_words"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=False)
                | (models.Q(born_on__isnull=False) & ~models.Q(given_names="") & ~models.Q(first_surname="")),
                name="person_has_a_name",
            ),
        ]  # fmt: skip
        triggers = [
            touch(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="erased_stays", operation=pgtrigger.Update, condition=pgtrigger.Q(old__erased_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        """The number alone: what is printed by chance, in a log or an error, must not name anybody."""
        return f"#{self.pk}"

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)


@audited()
class SocialActor(models.Model):
    """An organisation, committee, centre or school that acts beside the program or is served by it."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("Civil society organisation")
        COMMITTEE = "committee", _("Community committee")
        CENTRE = "centre", _("Community Development Centre")
        SCHOOL = "school", _("School")
        OTHER = "other", _("Other")

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    rfc = models.CharField("RFC", max_length=13, blank=True)
    # Of the federal register of civil society organisations.
    cluni = models.CharField("CLUNI", max_length=14, blank=True)
    place = models.CharField(_("address or place"), max_length=300)
    committee = models.ForeignKey(
        Committee, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("committee")
    )
    centre = models.ForeignKey(
        Centre, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("centre")
    )
    projects = models.ManyToManyField(Project, through="ActorProject", related_name="+")
    created_at = models.DateTimeField(_("registered"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("social actor")
        verbose_name_plural = _("social actors")
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="actor_once_a_municipality")]
        triggers = [touch(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


@audited()
class ActorProject(models.Model):
    """A project in which a social actor acts, or which serves it."""

    class Part(models.TextChoices):
        ACTS = "acts", _("Acts in it")
        SERVED = "served", _("Is served by it")

    actor = models.ForeignKey(SocialActor, models.CASCADE, related_name="works")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    part = models.CharField(_("part"), max_length=6, choices=Part)

    objects = InRegister.as_manager()

    class Meta:
        ordering = ["actor", "project"]
        constraints = [models.UniqueConstraint(fields=["actor", "project"], name="actor_once_a_project")]


class RegisterReading(models.Model):
    """Somebody read personal data: who, when, of whom or which list, how many, on which page; append-only.

    `page` is the address with its filters, which hold nothing personal. `purpose` is what was said at an export.
    """

    class What(models.TextChoices):
        LIST = "list", _("List of people")
        PERSON = "person", _("Record of a person")
        SEARCH = "search", _("Search")
        ACTION = "action", _("People of a project")
        STIPENDS = "stipends", _("Stipends of a month")
        COURSE = "course", _("Course and its attendance")
        OFFERED = "offered", _("Somebody registered already was offered")
        PRINT = "print", _("Attendance list, printed")
        EXPORT = "export", _("Export of a structure")

    what = models.CharField(_("what"), max_length=8, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("moment"))
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="readings")
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+")
    people = models.PositiveIntegerField(_("people"))
    page = models.CharField(_("page"), max_length=400)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("reading of the register")
        verbose_name_plural = _("readings of the register")
        indexes = [models.Index(fields=["-at", "-id"], name="readings_newest_first")]
        triggers = append_only()


@audited()
class RegisterUpload(StoredFile):
    """A workbook of participants, tried first; the file goes as soon as it is used, dropped or a day old."""

    class Status(models.TextChoices):
        TRIED = "tried", _("Without errors, not enrolled yet")
        REFUSED = "refused", _("With errors")
        DONE = "done", _("Enrolled")
        DROPPED = "dropped", pgettext_lazy("participant", "Dropped")

    course = models.ForeignKey("projects.Course", models.PROTECT, related_name="uploads")
    status = models.CharField(_("status"), max_length=7, choices=Status)
    people = models.PositiveIntegerField(_("people"), default=0)
    known = models.PositiveIntegerField(_("registered already"), default=0)
    # [{"cell": "B7", "text": "…"}]; no text repeats what stands in a cell.
    errors = models.JSONField(default=list)
    expires_at = models.DateTimeField(_("expires"))
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = OfCourse.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
