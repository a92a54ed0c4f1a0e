"""Scenarios: decisions on paper, and committing them as the steps they stand for."""

import datetime as dt
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.tasks import enqueue, run_command
from habitat.lib.templatetags.portal import money
from modalities.models import FiscalYear
from polygons.models import State
from projects.models import Contribution, Observation, Project, Scenario, ScenarioRow, Source, Status
from projects.refusals import Refused, StepForbidden, StepRefused
from projects.services.steps import offers, take_step

PLANNERS = (Role.REVIEWER, Role.DELEGATE, Role.TECHNICIAN, Role.MANAGER)
# What a decision on paper becomes. All three steps are the program unit's, from submitted.
STEPS = {
    ScenarioRow.Choice.ACCEPT: "authorise",
    ScenarioRow.Choice.CUT: "observe",
    ScenarioRow.Choice.REFUSE: "reject",
}


def may_plan(user: User) -> bool:
    return user.is_authenticated and user.role in PLANNERS and user.can_write and user.is_valid_today


def may_commit(user: User) -> bool:
    return may_plan(user) and user.role == Role.MANAGER


@transaction.atomic
def create_scenario(*, name: str, fiscal_year: FiscalYear, state: State | None, by: User, notes: str = "") -> Scenario:
    """With every project now submitted in its territory, none decided. Raises StepForbidden or Refused."""
    if not may_plan(by):
        raise StepForbidden(_("This is not yours to do."))
    if not name.strip():
        raise Refused(_("Give the scenario a name."))
    if not by.sees_the_nation and (state is None or not State.objects.visible_to(by).filter(pk=state.pk).exists()):
        raise Refused(_("Choose a state of your territory."))
    scenario = Scenario.objects.create(
        name=name.strip(), fiscal_year=fiscal_year, state=state, owner=by, notes=notes.strip()
    )
    add_submitted(scenario, by=by)
    return scenario


@transaction.atomic
def copy_scenario(scenario: Scenario, *, name: str, by: User) -> Scenario:
    """Another's list as a start of one's own: its decisions, not what came of them."""
    copy = create_scenario(
        name=name, fiscal_year=scenario.fiscal_year, state=scenario.state, by=by, notes=scenario.notes
    )
    decided = {row.project_id: row for row in scenario.rows.exclude(choice="")}
    for row in copy.rows.filter(project__in=decided):
        told = decided[row.project_id]
        row.choice, row.federal, row.remark = told.choice, told.federal, told.remark
        row.save(update_fields=["choice", "federal", "remark"])
    return copy


@transaction.atomic
def add_submitted(scenario: Scenario, *, by: User) -> int:
    """Projects submitted since; what is on the list keeps its decision, and is seen as it stands now."""
    locked = _own(scenario, by)
    projects = submitted_in(locked)
    known = dict(locked.rows.values_list("project", "pk"))
    ScenarioRow.objects.bulk_create(
        ScenarioRow(scenario=locked, project=project, seen_at=project.updated_at)
        for project in projects.order_by("pk")
        if project.pk not in known
    )
    for row in locked.rows.select_related("project"):
        if row.seen_at != row.project.updated_at:
            row.seen_at = row.project.updated_at
            row.save(update_fields=["seen_at"])
    return locked.rows.count() - len(known)


def submitted_in(scenario: Scenario):
    rows = Project.objects.filter(fiscal_year=scenario.fiscal_year_id, status=Status.SUBMITTED)
    return rows.filter(municipality__state=scenario.state_id) if scenario.state_id else rows


@transaction.atomic
def decide_row(
    row: ScenarioRow, *, choice: str, by: User, federal: Decimal | None = None, remark: str = ""
) -> ScenarioRow:
    """On paper only. A cut needs a federal amount below what is asked, a refusal its reason. Raises Refused."""
    _own(row.scenario, by)
    if choice == ScenarioRow.Choice.CUT:
        asked = federal_asked(row.project)
        if federal is None or not 0 <= federal < asked:
            raise Refused(_("%(folio)s: a cut needs a federal amount below the %(asked)s asked for.")
                          % {"folio": row.project.folio, "asked": money(asked)})  # fmt: skip
    else:
        federal = None
    if choice == ScenarioRow.Choice.REFUSE and not remark.strip():
        raise Refused(_("%(folio)s: a refusal needs its reason.") % {"folio": row.project.folio})
    row.choice, row.federal, row.remark = choice, federal, remark.strip()
    row.save(update_fields=["choice", "federal", "remark"])
    return row


def federal_asked(project: Project) -> Decimal:
    rows = Contribution.objects.filter(action__project=project, source=Source.FEDERAL)
    return rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


def _own(scenario: Scenario, by: User) -> Scenario:
    """Locked and open. Raises StepForbidden for another's."""
    locked = Scenario.objects.visible_to(by).select_for_update(of=("self",)).get(pk=scenario.pk)
    if locked.owner_id != by.pk or not may_plan(by):
        raise StepForbidden(_("A scenario is changed by its owner; copy it to go on from it."))
    if locked.status != Scenario.Status.OPEN:
        raise Refused(_("This scenario was committed: it is not changed any more."))
    return locked


# ---- Committing -----------------------------------------------------------------------------------------------------
def why_not_row(row: ScenarioRow, by: User) -> list[str]:
    """Sentences that would stop this row if it were committed now; empty: it would be done."""
    project = row.project
    if project.status != Status.SUBMITTED or project.updated_at != row.seen_at:
        return [_("It has changed since it was looked at: it is “%(status)s” now.")
                % {"status": project.get_status_display()}]  # fmt: skip
    offer = next(
        (found for found in offers(project, by) if found.step.name == STEPS[ScenarioRow.Choice(row.choice)]), None
    )
    return offer.why_not if offer else [_("This step cannot be taken from here.")]


@transaction.atomic
def commit_scenario(scenario: Scenario, *, by: User, at: dt.datetime | None = None) -> Scenario:
    """Hand it to a worker, which takes each row's step. Raises StepForbidden for who is not of the program unit."""
    if not may_commit(by):
        raise StepForbidden(_("The program unit commits a scenario."))
    locked = Scenario.objects.visible_to(by).select_for_update(of=("self",)).get(pk=scenario.pk)
    if locked.status != Scenario.Status.OPEN:
        raise Refused(_("This scenario was committed: it is not changed any more."))
    if not locked.rows.exclude(choice="").exists():
        raise Refused(_("Nothing is decided in it yet."))
    locked.status, locked.committed_by, locked.committed_at = Scenario.Status.WAITING, by, at or timezone.now()
    locked.save(update_fields=["status", "committed_by", "committed_at"])
    transaction.on_commit(partial(enqueue, run_command, "run_scenarios"))
    return locked


def take_row(row: ScenarioRow, scenario: Scenario) -> None:
    """The step one row stands for, or why not; its result stays with it. In the worker's transaction."""
    by = scenario.committed_by
    if by is None:
        raise TypeError("a scenario is committed by somebody")
    reason, remarks = row.remark, list[tuple[str, str]]()
    if row.choice == ScenarioRow.Choice.CUT:
        words = _("The federal part may be %(amount)s or less; adjust the contributions.")
        reason = " ".join(filter(None, [words % {"amount": money(row.federal)}, row.remark]))
        remarks = [(str(Observation.Section.FUNDING), reason)]
    row.project.refresh_from_db()
    try:
        if row.project.status != Status.SUBMITTED or row.project.updated_at != row.seen_at:
            raise StepRefused(why_not_row(row, by))
        with transaction.atomic():
            change = take_step(
                row.project, STEPS[ScenarioRow.Choice(row.choice)], by=by, reason=reason, remarks=remarks
            )
    except (Refused, StepForbidden) as refusal:
        row.is_done, row.said = False, " ".join(getattr(refusal, "messages", [])) or str(refusal)
    else:
        row.is_done, row.said = True, str(change.get_to_status_display())
    row.save(update_fields=["is_done", "said"])
