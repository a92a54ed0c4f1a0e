"""Operating rules as rows: every number carries its clause, its source and whether it was verified."""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, touch
from habitat.lib.models import PublicRecord
from modalities import parameters
from modalities.models.catalogue import ActionType, Modality, Strand
from modalities.models.versions import RulesVersion, frozen_with_rules
from modalities.querysets import RuleQuerySet


class RequiredAt(models.TextChoices):
    """Steps of the workflow that look at rules; `projects/workflow.py` has the whole table and a test compares."""

    SUBMIT = "submit", _("To submit")
    AUTHORISE = "authorise", _("To authorise")
    NUMBER = "number", _("To assign the file number")
    APPROVE = "approve", _("To approve")
    START = "start", _("To start")
    FINISH = "finish", _("To report as finished")
    HAND_OVER = "hand_over", _("To hand over")
    PROVE = "prove", _("To accept the proof of expenditure")
    CLOSE = "close", _("To close")


class TimedState(models.TextChoices):
    """Where a case waits for somebody; statuses of `projects/workflow.py`, as a test makes sure."""

    SUBMITTED = "submitted", _("Submitted: the program unit authorises")
    AUTHORISED = "authorised", _("Authorised: the delegation takes the case")
    IN_REVIEW = "in_review", _("In review: the delegation reviews")
    OBSERVED = "observed", _("With observations: the municipality answers")
    NUMBERED = "numbered", _("Numbered: the delegate approves")


class Rule(PublicRecord):
    """One rule of a version. `required_at` names the workflow step that a fail, or an unknown, then blocks."""

    rules = models.ForeignKey(RulesVersion, models.CASCADE, related_name="%(class)ss")
    code = models.CharField(_("code"), max_length=60)
    clause = models.CharField(_("clause"), max_length=200)
    source = models.CharField(_("source"), max_length=300)
    is_verified = models.BooleanField(_("verified"), default=False)
    required_at = models.CharField(_("required at step"), max_length=20, blank=True, choices=RequiredAt)
    note = models.TextField(_("note"), blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta(PublicRecord.Meta):
        abstract = True
        ordering = ["code"]
        triggers = [touch(), frozen_with_rules()]
        constraints = [models.UniqueConstraint(fields=["rules", "code"], name="%(class)s_code_once")]

    def __str__(self) -> str:
        return self.code


def percent(label: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=5, decimal_places=2, null=True, blank=True)


def narrowed_to(model: type[models.Model], label: Any) -> models.ForeignKey:
    """Where set, the rule holds for that row only; the narrowest rule wins."""
    return models.ForeignKey(model, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label)


@audited()
class ShareRule(Rule):
    """Who pays which part of a work, in per cent of its total cost. NULL: not known."""

    strand = narrowed_to(Strand, _("strand"))
    modality = narrowed_to(Modality, _("modality"))
    action_type = narrowed_to(ActionType, _("action type"))
    federal_max_pct = percent(_("federal maximum %"))
    local_min_pct = percent(_("local minimum %"))

    class Meta(Rule.Meta):
        verbose_name = _("share rule")
        verbose_name_plural = _("share rules")


@audited()
class CapRule(Rule):
    """The most federal money an action type may take on its basis, in pesos. NULL: not known, never blocks."""

    class Basis(models.TextChoices):
        WORK = "work", _("per work")
        UNIT = "unit", _("per unit")
        MONTH = "month", _("per month")
        POLYGON = "polygon", _("per polygon")
        CENTRE = "centre", _("per community centre")
        MUNICIPALITY = "municipality", _("per municipality")

    action_type = models.ForeignKey(ActionType, models.PROTECT, related_name="+", verbose_name=_("action type"))
    basis = models.CharField(_("basis"), max_length=14, choices=Basis, default=Basis.WORK)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2, null=True, blank=True)

    class Meta(Rule.Meta):
        verbose_name = _("cap rule")
        verbose_name_plural = _("cap rules")


@audited()
class MixRule(Rule):
    """A modality's part of a municipality's allocation, in per cent; judged on its portfolio at cut-offs."""

    modality = models.ForeignKey(Modality, models.PROTECT, related_name="+", verbose_name=_("modality"))
    min_pct = percent(_("minimum %"))
    max_pct = percent(_("maximum %"))

    class Meta(Rule.Meta):
        verbose_name = _("mix rule")
        verbose_name_plural = _("mix rules")


@audited()
class EligibilityCriterion(Rule):
    """What makes a polygon eligible: a measured `indicator`, or a question a person answers with a document."""

    class Comparator(models.TextChoices):
        AT_LEAST = ">=", _("at least")
        AT_MOST = "<=", _("at most")
        IS_TRUE = "is", _("must hold")

    name_es = models.CharField(_("name in Spanish"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    # Blank: a person must judge.
    indicator = models.CharField(_("indicator"), max_length=40, blank=True)
    comparator = models.CharField(_("comparator"), max_length=2, choices=Comparator)
    threshold = models.DecimalField(_("threshold"), max_digits=12, decimal_places=4, null=True, blank=True)
    exempt_strands = models.ManyToManyField(Strand, blank=True, related_name="+", verbose_name=_("exempt strands"))

    class Meta(Rule.Meta):
        verbose_name = _("eligibility criterion")
        verbose_name_plural = _("eligibility criteria")

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_es


class DocumentKind(models.TextChoices):
    """Papers of the technical file (expediente técnico); domain report, section 4.4."""

    PH01 = "ph01", _("PH-01 technical annex, signed")
    AUTHORITY = "authority", _("Proof of the executor's authority")
    COUNCIL_ACT = "council_act", _("Act of the municipal council (cabildo)")
    SITE_PLAN = "site_plan", _("Plan with coordinates of the site")
    ASSEMBLY_MINUTES = "assembly_minutes", _("Minutes of the community assembly")
    STATE_COMMITMENT = "state_commitment", _("State's commitment letter")
    MUNICIPAL_COMMITMENT = "municipal_commitment", _("Municipality's commitment letter")
    BUDGET = "budget", _("Budget with unit prices")
    SCHEDULE = "schedule", _("Programme of works")
    BENEFICIARY_COUNT = "beneficiary_count", _("Count of beneficiaries by sex")
    EXECUTIVE_PROJECT = "executive_project", _("Executive project with drawings")
    LAND_PROOF = "land_proof", _("Proof of property or right of way")
    WATER_VALIDATION = "water_validation", _("Validation by the water operator")
    CFE_VALIDATION = "cfe_validation", _("Validation by the electricity company (CFE)")
    INAH_PERMISSION = "inah_permission", _("INAH or INBA permission")
    CIVIL_PROTECTION = "civil_protection", _("Opinion of civil protection")
    COURSE_PROGRAMME = "course_programme", _("Programme of courses, hours and instructors")
    TERMS_OF_REFERENCE = "terms_of_reference", _("Terms of reference")
    TECHNICAL_OPINION = "technical_opinion", _("Technical opinion")
    APPROVAL_LETTER = "approval_letter", _("Approval letter")
    CONTRACT = "contract", _("Contract or own-administration agreement")
    COMMITTEE_MINUTES = "committee_minutes", _("Minutes that constitute the community committee")
    PHOTO = "photo", _("Photographs")
    HANDOVER_CERTIFICATE = "handover_certificate", _("Handover certificate")
    EXPENDITURE_PROOF = "expenditure_proof", _("Proof of expenditure")
    OTHER = "other", _("Other")


class PhotoStage(models.TextChoices):
    """When a photograph of a work was taken."""

    BEFORE = "before", _("Before")
    DURING = "during", _("During")
    AFTER = "after", _("After")


@audited()
class RequiredDocument(Rule):
    """A paper that must be in the file when `required_at` is taken.

    With a `photo_stage` it asks for photographs of that stage, at least `minimum` of them.
    """

    modality = narrowed_to(Modality, _("modality"))
    action_type = narrowed_to(ActionType, _("action type"))
    strand = narrowed_to(Strand, _("strand"))
    kind = models.CharField(_("document"), max_length=24, choices=DocumentKind)
    photo_stage = models.CharField(
        _("stage of the photographs"), max_length=8, choices=PhotoStage, blank=True, default="", db_default=""
    )
    minimum = models.PositiveSmallIntegerField(_("at least"), default=1, db_default=1)

    class Meta(Rule.Meta):
        verbose_name = _("required document")
        verbose_name_plural = _("required documents")


@audited()
class Deadline(Rule):
    """How many business days of the federal calendar a case may stay in a state. NULL: not known."""

    state = models.CharField(_("status"), max_length=20, choices=TimedState)
    business_days = models.PositiveSmallIntegerField(_("business days"), null=True, blank=True)

    class Meta(Rule.Meta):
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")


@audited()
class ConductRule(Rule):
    """A rule judged by the engine under its code: `location_basis`, `funding_complete`…

    `threshold`, in per cent, is for the codes that weigh a share; unset, that share never blocks.
    """

    name_es = models.CharField(_("name in Spanish"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    threshold = models.DecimalField(_("threshold"), max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta(Rule.Meta):
        verbose_name = _("conduct rule")
        verbose_name_plural = _("conduct rules")

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_es


@audited()
class Parameter(Rule):
    """A number that is neither share nor cap nor deadline: days, metres, rates; `parameters.CATALOGUE` says of what."""

    value = models.DecimalField(
        _("value"), max_digits=16, decimal_places=4, validators=[MinValueValidator(0, _("Not below zero."))]
    )

    class Meta(Rule.Meta):
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        constraints = [
            *Rule.Meta.constraints,
            models.CheckConstraint(condition=models.Q(value__gte=0), name="parameter_not_below_zero"),
        ]

    @property
    def entry(self) -> parameters.Entry | None:
        """What the number is of; None where the portal has dropped it from the catalogue since."""
        return parameters.CATALOGUE.get(self.code)


RULE_KINDS: tuple[type[Rule], ...] = (
    ShareRule,
    CapRule,
    MixRule,
    EligibilityCriterion,
    RequiredDocument,
    Deadline,
    ConductRule,
    Parameter,
)
