"""Periodic reports: the row is the job."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, touch
from habitat.lib.models import PublicRecord, StoredFile
from polygons.models import Municipality, Polygon, State
from reports.catalog import CATALOGUE
from reports.querysets import ReportQuerySet, SavedViewQuerySet

# One sign more than a letter's code has: /verify/ tells them apart by it.
CODE_LENGTH = 13
# What tells one report from another.
SAME = ["kind", "period", "state", "municipality", "polygon", "as_at", "language"]


@audited(exclude=("progress", "lease_until", "heartbeat_at", "started_at", "updated_at"))
class Report(PublicRecord):
    """A report of one kind, period and scope, asked by a person or by the clock.

    A worker claims the row and renews its lease; a sweeper enqueues again what lost its worker. Its place is a polygon,
    else a municipality, else a state, else the nation. The report of a closed period tells what was known when it
    closed, and never changes once done.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("report"), max_length=40)
    # "2026-10", "2026-Q3", "2026" or "2026-W47", as the kind's own period is written.
    period = models.CharField(_("period"), max_length=10)
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    polygon = models.ForeignKey(Polygon, models.PROTECT, null=True, blank=True, related_name="+")
    # As the portal knew it at this moment; NULL: at the period's closing, or now while it is open.
    as_at = models.DateTimeField(_("as at"), null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="es-mx")
    asked_at = models.DateTimeField(_("asked"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    # Per cent done.
    progress = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    # When the present attempt was claimed.
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    # Made after the period's capture had closed: it stands as it is, and asking again gives this one.
    is_final = models.BooleanField(_("final"), default=False)
    # Totals of the data, the same in every file: {"rows": 12, "paid_federal": "123.45", …}.
    totals = models.JSONField(default=dict)
    # What its QR opens. The same report of the same data has the same code, however often it is made.
    code = models.CharField(_("code"), max_length=CODE_LENGTH, blank=True, db_index=True)

    objects = ReportQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        triggers = [touch()]
        constraints = [
            # Whoever asks twice at once, and two clocks, get one report.
            models.UniqueConstraint(
                fields=SAME,
                condition=models.Q(status__in=["waiting", "running"]),
                name="one_report_at_work",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=SAME,
                condition=models.Q(status="done", is_final=True),
                name="one_final_report",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.place_name}"

    @property
    def is_at_work(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def place_name(self) -> str:
        place = self.polygon or self.municipality or self.state
        return (place.name or place.code) if place else str(_("National level"))


class ReportFile(StoredFile):
    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"

    report = models.ForeignKey(Report, models.CASCADE, related_name="files")
    format = models.CharField(_("format"), max_length=4, choices=Format)
    # Of a report of several sheets, a CSV of each: the sheet's name, empty for the first and for what holds them all.
    part = models.SlugField(max_length=20, blank=True, db_default="")

    class Meta:
        ordering = ["report", "format", "part"]
        constraints = [models.UniqueConstraint(fields=["report", "format", "part"], name="one_file_a_format")]

    @property
    def part_title(self) -> str:
        """The sheet as its readers call it."""
        kind = CATALOGUE.get(self.report.kind)
        return next((str(sheet.title) for sheet in kind.sheets if sheet.name == self.part), "") if kind else ""


@audited()
class ReportSchedule(models.Model):
    """What the clock makes: `run_schedule` asks for every due kind and scope, once a period."""

    class Scope(models.TextChoices):
        NATION = "nation", _("Nation")
        STATES = "states", _("Each state")
        MUNICIPALITIES = "municipalities", _("Each municipality with projects")

    kind = models.CharField(_("report"), max_length=40)
    scope = models.CharField(_("scope"), max_length=14, choices=Scope)
    # Business day after the period from which its report is due.
    business_day = models.PositiveSmallIntegerField(_("business day"), default=1)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["kind", "scope"]
        constraints = [models.UniqueConstraint(fields=["kind", "scope"], name="one_schedule_a_scope")]


@audited()
class Subscription(models.Model):
    """Who wants to be told when the clock has made a report of this kind and place. The mail has a link and no data."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(_("report"), max_length=40)
    state = models.ForeignKey(State, models.PROTECT, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="es-mx")

    class Meta:
        ordering = ["kind", "state", "municipality", "pk"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "state", "municipality"], name="one_subscription", nulls_distinct=False
            )
        ]

    @property
    def place_name(self) -> str:
        place = self.municipality or self.state
        return place.name if place else str(_("National level"))


@audited(exclude=("updated_at",))
class SavedView(PublicRecord):
    """An address of the explorer with a name; `public_id` is the link. A shared one opens for whoever has the link."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    # Without the question mark.
    query = models.CharField(max_length=2_000, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["name", "pk"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")

    def __str__(self) -> str:
        return self.name


class OpenRelease(models.Model):
    """All files of open data as of one moment; made whole or not at all, and never changed."""

    made_at = models.DateTimeField(_("made"))
    # Of the files together: data that did not change make no new release.
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-made_at"]
        get_latest_by = "made_at"


class OpenFile(StoredFile):
    """`name` stands in its address; `rows` counts records, not the header."""

    release = models.ForeignKey(OpenRelease, models.CASCADE, related_name="files")
    name = models.CharField(_("file"), max_length=60)
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        ordering = ["release", "pk"]
        constraints = [models.UniqueConstraint(fields=["release", "name"], name="one_open_file_a_name")]
