"""Who: one role, one territory, valid for a time."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from habitat.accounts.managers import UserManager
from habitat.lib.audit import audited
from polygons.models import Municipality, State


class Role(models.TextChoices):
    PREPARER = "preparer", _("Preparer")
    CERTIFIER = "certifier", _("Certifier")
    REVIEWER = "reviewer", _("Reviewer")
    DELEGATE = "delegate", _("Delegate")
    TECHNICIAN = "technician", _("Technician")
    MANAGER = "manager", _("Manager")
    AUDITOR = "auditor", _("Auditor")
    SERVICE = "service", _("Service account")


LOCAL_ROLES = {Role.PREPARER, Role.CERTIFIER}
DELEGATION_ROLES = {Role.REVIEWER, Role.DELEGATE}
FEDERAL_ROLES = {Role.TECHNICIAN, Role.MANAGER}


@audited(exclude=("password", "last_login"))
class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """A person or a service account, known by e-mail.

    Territory is a municipality, a state, or the nation; none of them means nothing, never everything.
    """

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+")
    is_national = models.BooleanField(_("whole nation"), default=False)
    valid_from = models.DateField(_("valid from"), default=date.today)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    # A service account reads; it writes only where this is granted.
    can_write = models.BooleanField(_("may write"), default=True)
    deputies = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="principals")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="es-mx")
    time_zone = models.CharField(_("time zone"), max_length=40, default="America/Mexico_City")
    is_active = models.BooleanField(_("active"), default=True)
    # The stock admin's door: for managers, read-only where services write.
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="at_most_one_territory",
                condition=(
                    models.Q(municipality=None, state=None)
                    | models.Q(municipality=None, is_national=False)
                    | models.Q(state=None, is_national=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_valid_today(self) -> bool:
        today = timezone.localdate()
        return self.is_active and self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)

    @property
    def sees_the_nation(self) -> bool:
        return self.is_national and self.is_valid_today

    def municipalities(self) -> models.QuerySet[Municipality]:
        """The whole scope rule: the municipalities this user may see and act in."""
        everywhere = Municipality.objects.all()
        if not self.is_valid_today:
            return everywhere.none()
        if self.is_national:
            return everywhere
        if self.state_id:
            return everywhere.filter(state=self.state_id)
        if self.municipality_id:
            return everywhere.filter(pk=self.municipality_id)
        return everywhere.none()

    @cached_property
    def territory_name(self) -> str:
        """The place in words, as the header shows it."""
        if self.is_national:
            return str(_("National level"))
        place = self.municipality or self.state
        return place.name if place else str(_("No territory"))

    @cached_property
    def stands_in_for(self) -> "list[User]":
        """Whose cases are also one's own today: colleagues who are away and named this person their deputy."""
        if not self.is_valid_today:
            return []
        today = timezone.localdate()
        away = User.objects.filter(absences__deputy=self, absences__starts_on__lte=today, absences__ends_on__gte=today)
        return list(away.filter(role=self.role).exclude(pk=self.pk).distinct())

    def covers(self, other: "User") -> bool:
        """Whether the own territory holds all of the other's."""
        if self.is_national:
            return True
        if self.state_id:
            place = other.municipality
            return self.state_id == (place.state_id if place else other.state_id)
        return bool(self.municipality_id) and self.municipality_id == other.municipality_id

    @property
    def is_local(self) -> bool:
        return self.role in LOCAL_ROLES

    @property
    def prepares(self) -> bool:
        """Writes proposals: the person whose work it is, or a service account that was granted writing."""
        return self.can_write and self.role in (Role.PREPARER, Role.SERVICE)

    @property
    def is_delegation(self) -> bool:
        return self.role in DELEGATION_ROLES

    @property
    def is_federal(self) -> bool:
        return self.role in FEDERAL_ROLES

    @property
    def reads_draft_polygons(self) -> bool:
        return self.is_federal or self.role == Role.AUDITOR

    @property
    def needs_second_factor(self) -> bool:
        """Whoever decides, signs or reads across governments."""
        return not self.is_local and self.role != Role.SERVICE

    @property
    def reads_federal_figures(self) -> bool:
        """Figures of a place that are kept from its own governments."""
        return self.is_federal or self.role == Role.AUDITOR

    @property
    def draws_polygons(self) -> bool:
        """May delineate, edit drafts, judge criteria and publish, inside their own territory."""
        return self.is_federal and self.is_valid_today

    @property
    def reads_assessment_papers(self) -> bool:
        """Papers that polygons were judged by, inside one's territory: titles of land, opinions on risk."""
        return self.reads_federal_figures or self.is_delegation

    @property
    def uploads_geometry(self) -> bool:
        """May send files with shapes, for the municipalities of their own territory."""
        return (self.is_federal or self.role == Role.PREPARER) and self.is_valid_today

    @property
    def reads_drafts_of_rules(self) -> bool:
        return self.is_federal or self.role == Role.AUDITOR

    @property
    def writes_rules(self) -> bool:
        """The program unit drafts and publishes the Rules of Operation; never one person both."""
        return self.role == Role.MANAGER and self.can_write and self.sees_the_nation


@audited(exclude=("token_hash",))
class Invitation(models.Model):
    """A link sent by e-mail that lets one person open one account, once, before it expires."""

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+")
    is_national = models.BooleanField(_("whole nation"), default=False)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="es-mx")
    # SHA-256 of the token; the token itself exists only in the e-mail.
    token_hash = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        ordering = ["-created_at"]
