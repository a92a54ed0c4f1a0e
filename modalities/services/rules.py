from collections.abc import Iterator
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from modalities import rules_2012 as of_2012
from modalities.models import (
    RULE_KINDS,
    ActionType,
    CapRule,
    ConductRule,
    Deadline,
    EligibilityCriterion,
    FiscalYear,
    Milestone,
    MixRule,
    RequiredDocument,
    RulesEdit,
    RulesVersion,
    ShareRule,
)
from modalities.reading import working_values
from modalities.services.calendar import copied_from, copy_calendar, open_capture_all_year, window

# Of a copied row: what the copy has of its own.
OWN = {"id", "public_id", "created_at", "updated_at", "rules", "source", "is_verified"}


@transaction.atomic
def copy_rules(source: RulesVersion, year: int, *, by: Any = None) -> RulesVersion:
    """A draft for `year` with every rule of `source`; the year and its calendar if missing.

    For another year none of them is verified; within a year each keeps its source and its mark.
    """
    with pghistory.context(user=by and by.pk, reason=f"copied from {source}"):
        fiscal_year, is_new = FiscalYear.objects.get_or_create(year=year)
        if is_new:
            copy_calendar(source.fiscal_year, fiscal_year)
        last = fiscal_year.rules.aggregate(last=models.Max("version", default=0))["last"]
        copy = RulesVersion.objects.create(
            fiscal_year=fiscal_year,
            version=last + 1,
            source=_source(source, source, fiscal_year),
            published_on=source.published_on if source.fiscal_year_id == year else None,
            workflow=source.workflow,
            copied_from=source,
        )
        copy.action_types.set(source.action_types.all())
        for kind in RULE_KINDS:
            _copy_rows(kind, source, copy)
        name_parameters(copy, copied_from=source)
    return copy


def name_parameters(version: RulesVersion, *, copied_from: RulesVersion | None = None) -> None:
    """A row for each parameter that a draft lacks; its source is the catalogue's, or that of the version copied."""
    for row in working_values(version, version.parameters.all()):
        if copied_from:
            row.source = _source(row, copied_from, version.fiscal_year)
        row.save()


def _source(row: Any, original: RulesVersion, year: FiscalYear) -> str:
    return row.source if original.fiscal_year_id == year.pk else copied_from(original.fiscal_year_id, row.source)


def _copy_rows(kind: type[models.Model], source: RulesVersion, copy: RulesVersion) -> None:
    fields = [field.attname for field in kind._meta.concrete_fields if field.name not in OWN]
    is_same_year = source.fiscal_year_id == copy.fiscal_year_id
    for row in kind._default_manager.filter(rules=source):
        twin = kind._default_manager.create(
            rules=copy,
            source=_source(row, source, copy.fiscal_year),
            is_verified=row.is_verified and is_same_year,
            **{name: getattr(row, name) for name in fields},
        )
        for field in kind._meta.many_to_many:
            getattr(twin, field.name).set(getattr(row, field.name).all())


@transaction.atomic
def publish(version: RulesVersion, *, by: Any, reason: str = "") -> RulesVersion:
    """Draft → in force, superseding what was; from then on the database refuses any change to it.

    `by` is None when set-up does it. Raises ValidationError where the version is no draft, has nothing to apply, or
    `by` wrote in it. What becomes of open proposals is for `projects.services.publish_rules`.
    """
    # Two managers may publish at once: decide on the locked rows, not on ours.
    siblings = RulesVersion.objects.select_for_update(no_key=True).filter(fiscal_year=version.fiscal_year_id)
    locked = next(row for row in siblings if row.pk == version.pk)
    if locked.status != RulesVersion.Status.DRAFT:
        raise ValidationError(_("Only a draft can be put in force."))
    if by and locked.edits.filter(by=by.pk).exists():
        raise ValidationError(_("Who wrote in a draft does not put it in force: a second person does."))
    with pghistory.context(user=by and by.pk, reason=f"publish {version}"):
        siblings.in_force().update(status=RulesVersion.Status.SUPERSEDED)
        locked.status = RulesVersion.Status.IN_FORCE
        locked.save(update_fields=["status"])
        RulesEdit.objects.create(
            rules=locked, what=RulesEdit.What.PUBLISHED, reason=reason.strip(), by=by, at=timezone.now()
        )
    return locked


@transaction.atomic
def start_year(original: RulesVersion, year: int, *, is_current: bool) -> RulesVersion:
    """A copy of `original` in force for `year`, so that the portal works before the year's own rules are known.

    The current year is open; another one is closing until the day its closure ends, then closed.
    """
    version = publish(copy_rules(original, year), by=None)
    fiscal_year = version.fiscal_year
    open_capture_all_year(fiscal_year)
    closure = window(fiscal_year, Milestone.Kind.CLOSURE)
    if is_current:
        fiscal_year.status = FiscalYear.Status.OPEN
    elif closure and timezone.localdate() <= closure.closes_on:
        fiscal_year.status = FiscalYear.Status.CLOSING
    else:
        fiscal_year.status = FiscalYear.Status.CLOSED
    fiscal_year.save(update_fields=["status"])
    return version


@transaction.atomic
def load_rules_of_2012() -> RulesVersion:
    """The fiscal year 2012, its calendar and its rules in force, from our table. The catalogue must be loaded."""
    year = FiscalYear.objects.create(year=of_2012.YEAR, status=FiscalYear.Status.CLOSED)
    Milestone.objects.bulk_create(Milestone(fiscal_year=year, **row._asdict()) for row in of_2012.MILESTONES)
    version = RulesVersion.objects.create(
        fiscal_year=year, published_on=of_2012.PUBLISHED_ON, source=of_2012.SOURCE, workflow=of_2012.WORKFLOW
    )
    version.action_types.set(ActionType.objects.all())
    for rule in _rules_of_2012(version):
        rule.save()
    name_parameters(version)
    for criterion in version.eligibilitycriterions.all():
        criterion.exempt_strands.set(of_2012.EXEMPT_STRANDS)
    return publish(version, by=None)


def _rules_of_2012(version: RulesVersion) -> Iterator[models.Model]:
    for share in of_2012.SHARES:
        yield ShareRule(
            rules=version,
            code=share.code,
            strand_id=share.strand,
            federal_max_pct=share.federal_max_pct,
            local_min_pct=share.local_min_pct,
            clause=of_2012.UNREAD,
            source=share.source,
            required_at="submit",
        )
    for code in version.action_types.values_list("pk", flat=True):
        yield CapRule(
            rules=version,
            code=f"cap-{code.lower()}",
            action_type_id=code,
            basis=of_2012.CAP_BASES.get(code, CapRule.Basis.WORK),
            clause=of_2012.UNREAD,
            source=of_2012.CAP_SOURCE,
            required_at="submit",
        )
    for mix in of_2012.MIXES:
        yield MixRule(
            rules=version,
            code=f"mix-{mix.modality.lower()}",
            modality_id=mix.modality,
            min_pct=mix.min_pct,
            max_pct=mix.max_pct,
            clause=of_2012.UNREAD,
            source=of_2012.LOW,
        )
    for criterion in of_2012.CRITERIA:
        yield EligibilityCriterion(rules=version, **criterion._asdict())
    for paper in of_2012.PAPERS:
        yield RequiredDocument(
            rules=version,
            code=paper.code,
            kind=paper.kind,
            modality_id=paper.modality,
            action_type_id=paper.action_type,
            strand_id=paper.strand,
            required_at=paper.required_at,
            clause=of_2012.PAPER_CLAUSE,
            source=of_2012.MEDIUM,
        )
    for limit in of_2012.LIMITS:
        yield Deadline(
            rules=version,
            code=f"deadline-{limit.status}",
            state=limit.status,
            business_days=limit.business_days,
            clause=limit.clause,
            source=of_2012.LOW,
        )
    for conduct in of_2012.CONDUCT:
        yield ConductRule(rules=version, **conduct._asdict())
