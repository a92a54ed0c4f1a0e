"""Proposals while they are written: drafts, and the sections that a review opened again."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from modalities.models import ActionType, Modality, RulesVersion, Strand
from polygons.models import Municipality, PolygonVersion, State
from projects.cofunding import by_source
from projects.models import Action, Observation, Project, Source, Status, StatusChange
from projects.services.contributions import pay_in_all
from projects.services.editing import acts_in, may_prepare, open_for
from projects.services.merging import Marks, mark, merge, refuse, standing
from projects.services.publication import hold_rules_still
from projects.services.sites import store_location
from projects.services.targets import wrong_price

Section = Observation.Section
# Which section of the form a field of the project stands in: observations open sections, not fields.
SECTION_OF = {
    "name": Section.WORK,
    "description": Section.WORK,
    "strand": Section.WORK,
    "execution_form": Section.WORK,
    "starts_on": Section.WORK,
    "ends_on": Section.WORK,
    "neighbourhood": Section.PLACE,
    "polygon_version": Section.PLACE,
}


def rules_for_new_projects() -> RulesVersion | None:
    """The rules in force of the newest fiscal year that is open."""
    in_force = RulesVersion.objects.in_force().filter(fiscal_year__status="open")
    return in_force.select_related("fiscal_year").order_by("-fiscal_year_id").first()


@transaction.atomic
def create_draft(
    *,
    by: User,
    municipality: Municipality,
    modality: Modality,
    strand: Strand,
    name: str,
    rules: RulesVersion | None = None,
    at: dt.datetime | None = None,
    **details: object,
) -> Project:
    """A draft under the rules in force; `details` are other fields of `SECTION_OF`.

    Raises PermissionDenied outside one's territory, ValidationError where no fiscal year is open.
    """
    if not may_prepare(by) or not acts_in(by, municipality.pk):
        raise PermissionDenied(_("Only those who prepare proposals of this municipality may begin one."))
    if rules is None:
        hold_rules_still()
        rules = rules_for_new_projects()
    if rules is None:
        raise ValidationError(_("No fiscal year is open for new proposals."), code="no_open_year")
    at = at or timezone.now()
    project = Project(
        folio=next(next_folios(municipality.state_id, modality.pk)),
        fiscal_year_id=rules.fiscal_year_id,
        rules=rules,
        strand=strand,
        modality=modality,
        municipality=municipality,
        name=name,
        status_since=at,
        created_by=by,
    )
    _write(project, details)
    StatusChange.objects.create(project=project, step="draft", to_status=Status.DRAFT, by=by, at=at)
    return project


def next_folios(state: str, modality: str, count: int = 1) -> Iterator[str]:
    """EE-MM-NNNN, consecutive by state and modality; two drafts at once wait for each other on the state's row."""
    State.objects.select_for_update(no_key=True).get(pk=state)
    prefix = f"{state}-{modality}-"
    used = Project.objects.filter(folio__startswith=prefix).order_by(Length("folio").desc(), "-folio")
    last = used.values_list("folio", flat=True).first()
    first = int(last.removeprefix(prefix)) + 1 if last else 1
    return (f"{prefix}{number:04d}" for number in range(first, first + count))


@transaction.atomic
def update_draft(project: Project, *, by: User, seen: Marks | None = None, **fields: object) -> Project:
    """Write fields of `SECTION_OF`; the polygon must be published and of the project's municipality.

    `seen`: field → the `mark` of what the writer was shown. Raises PermissionDenied, SectionClosed, ValidationError or,
    where somebody else changed the same field since, Overtaken.
    """
    locked = open_for(project, by, *{SECTION_OF[name] for name in fields})
    fields, theirs = merge({name: getattr(locked, name) for name in fields}, fields, seen)
    refuse(locked, theirs)
    _write(locked, fields)
    if "polygon_version" in fields:
        # Touched blocks are those of the polygon's census.
        for action in locked.actions.exclude(geometry=None):
            store_location(action)
    return locked


def _write(project: Project, fields: dict[str, object]) -> None:
    for name, value in fields.items():
        if name not in SECTION_OF:
            raise TypeError(f"{name} is not written by a proposal's author")
        setattr(project, name, value)
    version = project.polygon_version
    if version and version.status == PolygonVersion.Status.DRAFT:
        raise ValidationError({"polygon_version": _("This polygon is not published yet.")})
    if version and version.polygon.municipality_id != project.municipality_id:
        raise ValidationError({"polygon_version": _("This polygon belongs to another municipality.")})
    if project.starts_on and project.ends_on and project.ends_on < project.starts_on:
        raise ValidationError({"ends_on": _("The end comes before the start.")})
    project.save()


# ---- Actions and who pays them --------------------------------------------------------------------------------------
@transaction.atomic
def add_action(
    project: Project,
    *,
    by: User,
    action_type: ActionType,
    quantity: Decimal,
    description: str = "",
    women: int = 0,
    men: int = 0,
    households: int = 0,
    explanation: str = "",
) -> Action:
    """Raises ValidationError where the type is not of the year's catalogue or of the project's modality."""
    locked = open_for(project, by, Section.TARGETS)
    _check_type(locked, action_type)
    return Action.objects.create(
        project=locked,
        action_type=action_type,
        quantity=quantity,
        description=description,
        women=women,
        men=men,
        households=households,
        explanation=explanation,
    )


@transaction.atomic
def change_action(action: Action, *, by: User, seen: Marks | None = None, **fields: object) -> Action:
    """Fields of `add_action`. A site that the new type cannot have is dropped. Raises as `update_draft` does."""
    locked = open_for(action.project, by, Section.TARGETS)
    action = standing(action)
    fields, theirs = merge({name: getattr(action, name) for name in fields}, fields, seen)
    refuse(action, theirs)
    kind = action.action_type.geometry_kind
    for name, value in fields.items():
        setattr(action, name, value)
    _check_type(locked, action.action_type)
    if action.action_type.geometry_kind != kind:
        action.geometry = None
        action.touched.all().delete()
    action.save(update_fields=[*fields, "geometry"])
    return action


@transaction.atomic
def remove_action(action: Action, *, by: User, seen: Marks | None = None) -> None:
    """A proposal keeps at least one action: the last is changed, not removed (ValidationError).

    Raises Overtaken where somebody changed it since it was shown.
    """
    locked = open_for(action.project, by, Section.TARGETS)
    action = standing(action)
    shown = {
        name: text
        for name, text in (seen or {}).items()
        if name in {field.name for field in Action._meta.concrete_fields}
    }
    refuse(action, {name: now for name in shown if mark(now := getattr(action, name)) != shown[name]})
    if locked.actions.count() == 1:
        raise ValidationError(_("A proposal has at least one action. Change this one instead."), code="last_action")
    action.delete()


@transaction.atomic
def set_contributions(
    action: Action,
    *,
    by: User,
    amounts: dict[str, Decimal],
    unit_price: Decimal | None = None,
    seen: Marks | None = None,
) -> None:
    """What each of the four sources pays of the action, in pesos; a source left out pays nothing.

    Price and parts are one statement: who changes any of them agrees to all. Raises as `update_draft` does, and
    ValidationError where quantity × `unit_price` is not their sum to the cent.
    """
    open_for(action.project, by, Section.FUNDING)
    action = standing(action)
    rows = list(action.contributions.order_by("updated_at"))
    paid = by_source(rows)
    now: dict[str, Any] = {source: paid.get(source) for source in Source.values}
    wanted: dict[str, Any] = {source: amounts.get(source, Decimal(0)) for source in Source.values}
    price = {"unit_price": action.unit_price}
    changed, theirs = merge(now | price, wanted | {"unit_price": unit_price}, seen, together=True)
    refuse(rows[-1] if rows else action, theirs)
    if not changed:
        return
    cost = sum(((now | changed)[source] or Decimal(0) for source in Source.values), Decimal(0))
    if unit_price is not None and (wrong := wrong_price(action.quantity, unit_price, cost)):
        raise ValidationError(wrong, code="unit_price")
    if "unit_price" in changed:
        action.unit_price = changed.pop("unit_price")
        action.save(update_fields=["unit_price"])
    for source, amount in changed.items():
        pay_in_all(action, source, amount)


def _check_type(project: Project, action_type: ActionType) -> None:
    if action_type.modality_id != project.modality_id:
        raise ValidationError(
            {"action_type": _("All actions of a project belong to one modality. Begin another proposal for this one.")}
        )
    if not project.rules.action_types.filter(pk=action_type.pk).exists():
        raise ValidationError({"action_type": _("The rules of this year do not fund this type of action.")})
