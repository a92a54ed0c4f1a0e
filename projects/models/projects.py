"""One work or action from proposal to closure: the unit of PH-01, file number, workflow and money."""

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, tombstone, touch
from habitat.lib.models import PublicRecord
from modalities.models import ActionType, FiscalYear, Modality, RulesVersion, Strand
from polygons.models import Block, Municipality, PolygonVersion
from projects.models.money import Source, pesos
from projects.models.totals import kept_in_totals
from projects.querysets.works import IntegralQuerySet, OfAction, OfProject, ProjectQuerySet
from projects.workflow import PUBLIC, Status, allowed_pairs

# What its kept sums are filed under, and its calendar.
KEYS_MOVED = (
    "(before.fiscal_year_id, before.municipality_id, before.polygon_version_id, before.modality_id, before.status,"
    " before.starts_on, before.ends_on) IS DISTINCT FROM (after.fiscal_year_id, after.municipality_id,"
    " after.polygon_version_id, after.modality_id, after.status, after.starts_on, after.ends_on)"
)
PAIRS = ",\n                            ".join(f"('{w}', '{a}', '{b}')" for w, a, b in allowed_pairs())


@audited()
class IntegralProject(PublicRecord):
    """Projects of one polygon prepared together, across modalities; each keeps its own fate."""

    name = models.CharField(_("name"), max_length=200)
    polygon_version = models.ForeignKey(PolygonVersion, models.PROTECT, related_name="+")
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+")

    objects = IntegralQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


@audited()
class Project(PublicRecord):
    """`status` is written by `services.take_step` alone; the trigger refuses any pair the workflow does not know.

    `due_on` is the last local day of the current status's deadline, NULL where the rules set none. While observations
    are open it is the municipality's own deadline to answer; the review's clock stands still at `days_left`.
    """

    class ExecutionForm(models.TextChoices):
        CONTRACT = "contract", _("By contract")
        OWN_ADMINISTRATION = "own_administration", _("By own administration")

    folio = models.CharField(_("folio"), max_length=20, unique=True)
    # Number of the file (número de expediente), unique within its fiscal year; given at the step `number`.
    file_number = models.CharField(_("file number"), max_length=20, blank=True)
    fiscal_year = models.ForeignKey(FiscalYear, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="+", verbose_name=_("rules"))
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="+", verbose_name=_("strand"))
    modality = models.ForeignKey(Modality, models.PROTECT, related_name="+", verbose_name=_("modality"))
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality"))
    # The version it was proposed under: kept for ever, also when the polygon is drawn anew.
    polygon_version = models.ForeignKey(
        PolygonVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Habitat Polygon")
    )
    integral_project = models.ForeignKey(
        IntegralProject, models.PROTECT, null=True, blank=True, related_name="projects"
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    neighbourhood = models.CharField(_("neighbourhood (colonia)"), max_length=120, blank=True)
    execution_form = models.CharField(
        _("form of execution"), max_length=20, choices=ExecutionForm, default=ExecutionForm.CONTRACT
    )
    starts_on = models.DateField(_("start"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=14, choices=Status, default=Status.DRAFT, editable=False)
    status_since = models.DateTimeField(editable=False)
    due_on = models.DateField(_("due"), null=True, editable=False)
    # While observations wait for an answer: business days the review's clock had left when it stopped.
    days_left = models.PositiveSmallIntegerField(null=True, editable=False)
    ready_at = models.DateTimeField(_("marked ready"), null=True, editable=False)
    ready_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    # Set by `due.refunds_due()`, federal pesos.
    released: Decimal
    accrued: Decimal
    refunded: Decimal
    left: Decimal

    objects = ProjectQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["-updated_at", "-pk"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        indexes = [
            models.Index(fields=["municipality", "status"]),
            models.Index(fields=["fiscal_year", "status"]),
            models.Index(fields=["-updated_at", "-id"], name="newest_projects"),
            models.Index(
                fields=["due_on"],
                condition=~models.Q(status__in=["closed", "rejected", "withdrawn", "cancelled"]),
                name="open_cases_by_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "file_number"],
                condition=~models.Q(file_number=""),
                name="file_number_once_a_year",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="project_ends_after_start",
            ),
        ]
        triggers = [
            touch(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="born_as_draft",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=~pgtrigger.Q(new__status="draft"),
                # History is loaded under `SET LOCAL habitat.loading_history = 'reason'`; the audit row keeps it.
                func="""
                    IF coalesce(current_setting('habitat.loading_history', true), '') <> '' THEN
                        RAISE LOG 'project % loaded as %: %', NEW.folio, NEW.status,
                            current_setting('habitat.loading_history', true);
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a project is born as a draft, not as %', NEW.status
                        USING ERRCODE = 'check_violation';
                """,
            ),
            pgtrigger.Trigger(
                name="follows_workflow",
                operation=pgtrigger.UpdateOf("status"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status__df=pgtrigger.F("new__status")),
                func=f"""
                    IF NOT EXISTS (
                        SELECT 1
                        FROM modalities_rulesversion AS rules
                        JOIN (VALUES
                            {PAIRS}
                        ) AS pairs (workflow, source, target) ON pairs.workflow = rules.workflow
                        WHERE rules.id = NEW.rules_id AND pairs.source = OLD.status AND pairs.target = NEW.status
                    ) THEN
                        RAISE EXCEPTION 'no step leads from % to %', OLD.status, NEW.status
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="agreement_first",
                operation=pgtrigger.UpdateOf("status"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status="submitted", new__status="authorised"),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM projects_agreement AS agreement
                        JOIN polygons_municipality AS place ON place.state_id = agreement.state_id
                        WHERE place.code = NEW.municipality_id AND agreement.fiscal_year_id = NEW.fiscal_year_id
                            AND agreement.signed_on IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'no coordination agreement of this state and year is signed'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="subsidies_first",
                operation=pgtrigger.UpdateOf("status"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status="submitted", new__status="authorised"),
                # The same letters as `Letter.objects.authorising()`, but for the day: none is dated ahead.
                func="""
                    IF NOT EXISTS (
                        SELECT FROM projects_letter AS letter
                        JOIN polygons_municipality AS place ON place.state_id = letter.state_id
                        JOIN projects_letterline AS line ON line.letter_id = letter.id
                        WHERE place.code = NEW.municipality_id AND letter.fiscal_year_id = NEW.fiscal_year_id
                            AND letter.kind = 'subsidy' AND line.strand_id = NEW.strand_id
                            AND letter.status = 'issued' AND letter.cancelled_at IS NULL
                            AND NOT EXISTS (
                                SELECT FROM projects_letter AS newer
                                WHERE newer.replaces_id = letter.id AND newer.status = 'issued'
                            )
                    ) THEN
                        RAISE EXCEPTION 'no letter in force authorises the subsidies of this state, year and strand'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            *kept_in_totals("SELECT held.id FROM {rows} AS held", KEYS_MOVED),
        ]

    def __str__(self) -> str:
        return f"{self.folio} {self.name}"

    @property
    def is_public(self) -> bool:
        return self.status in PUBLIC

    @property
    def state_code(self) -> str:
        """INEGI's key of the state, which the municipality's begins with."""
        return self.municipality_id[:2]


OF_PROJECT = "SELECT municipality_id FROM projects_project WHERE id = OLD.project_id"


@audited()
class Action(PublicRecord):
    """A funded item of a project: type, quantity in the type's unit, site (EPSG:4326) and who benefits."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="actions")
    action_type = models.ForeignKey(ActionType, models.PROTECT, related_name="+", verbose_name=_("type"))
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=2)
    # Pesos a unit; finer than a cent, so that quantity × price can meet the cost to the cent.
    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6, null=True, blank=True)
    geometry = models.GeometryField(_("site"), srid=4326, null=True, blank=True)
    # Why the quantity is another than what is drawn.
    explanation = models.CharField(_("explanation"), max_length=500, blank=True, default="", db_default="")
    women = models.PositiveIntegerField(_("women"), default=0)
    men = models.PositiveIntegerField(_("men"), default=0)
    households = models.PositiveIntegerField(_("households"), default=0)
    blocks = models.ManyToManyField(Block, through="ActionBlock", related_name="+")

    objects = OfProject.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["project", "pk"]
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="action_quantity_positive"),
            models.CheckConstraint(condition=models.Q(unit_price__gt=0), name="action_unit_price_positive"),
            models.CheckConstraint(
                condition=models.Q(geometry__isnull=True) | models.Q(geometry__isvalid=True), name="action_site_valid"
            ),
        ]
        triggers = [
            touch(),
            tombstone("actions", "projects_tombstone", OF_PROJECT),
            *kept_in_totals(
                "SELECT held.project_id FROM {rows} AS held",
                "(before.project_id, before.quantity, before.households)"
                " IS DISTINCT FROM (after.project_id, after.quantity, after.households)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_type_id} {self.description}"


class ActionBlock(models.Model):
    """A block the site touches, and which share (0 to 1) of the site's length or area lies in it; a point counts 1."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="touched")
    block = models.ForeignKey(Block, models.PROTECT, related_name="+")
    share = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "block"], name="touched_block_once")]


@audited()
class Contribution(PublicRecord):
    """What one source pays of one action in one year, in pesos.

    Federal money is of the project's fiscal year alone: a budget is of one year (LFPRH). Others may pay later.
    """

    # How far ahead the portal lets a source promise; its own limit.
    MOST_LATER = 3

    action = models.ForeignKey(Action, models.CASCADE, related_name="contributions")
    source = models.CharField(_("source"), max_length=14, choices=Source)
    # Years after the project's fiscal year.
    years_later = models.PositiveSmallIntegerField(_("years later"), default=0, db_default=0)
    amount = pesos(_("amount"))

    objects = OfAction.as_manager()

    class Meta(PublicRecord.Meta):
        ordering = ["action", "source", "years_later"]
        constraints = [
            models.UniqueConstraint(fields=["action", "source", "years_later"], name="contribution_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(years_later=0) | (models.Q(years_later__lte=3) & ~models.Q(source="federal")),
                name="federal_money_of_its_year",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="contribution_not_negative"),
        ]
        triggers = [
            touch(),
            tombstone(
                "contributions",
                "projects_tombstone",
                "SELECT municipality_id FROM projects_project"
                " WHERE id = (SELECT project_id FROM projects_action WHERE id = OLD.action_id)",
            ),
            *kept_in_totals(
                "SELECT action.project_id FROM {rows} AS held JOIN projects_action AS action"
                " ON action.id = held.action_id"
            ),
        ]
