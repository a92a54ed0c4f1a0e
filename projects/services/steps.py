"""The only writer of a project's status."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from modalities.models import Deadline, business_days
from projects import notifications, rules
from projects.models import Observation, Project, StatusChange, Verdict
from projects.refusals import StepForbidden, StepRefused
from projects.services.assignments import holder
from projects.services.cases import Case
from projects.services.effects import EFFECTS, marks
from projects.services.locks import lock_branch
from projects.workers.looking import look_after
from projects.workflow import Move, Status, Step

Remark = tuple[str, str]


@dataclass(frozen=True)
class Offer:
    """A step that leads on from here. `is_mine`: the role is one's own; `why_not`: what to mend first, in sentences."""

    step: Step
    move: Move
    is_mine: bool
    is_allowed: bool
    why_not: list[str]


def offers(
    project: Project,
    user: User,
    at: dt.datetime | None = None,
    judgements: list[rules.Judgement] | None = None,
) -> list[Offer]:
    """Every step that leads on from the project's status; only `is_allowed` ones would be taken.

    `judgements`: what the rules say just now, where the caller has asked them already.
    """
    case = Case(project, user, at, judgements)
    found = []
    for step in case.steps.values():
        move = case.move(step)
        if move is None:
            continue
        obstacles = case.obstacles(step, move)
        is_mine = user.is_authenticated and user.role == move.role
        found.append(Offer(step, move, is_mine, not obstacles.sentences, obstacles.sentences))
    return found


@transaction.atomic
def take_step(
    project: Project,
    step: str,
    *,
    by: User,
    reason: str = "",
    remarks: Iterable[Remark] = (),
    at: dt.datetime | None = None,
    tells: bool = True,
) -> StatusChange:
    """Move a project on, or say why not. `tells`: not where the caller tells of many steps at once.

    `remarks` are (section, text) pairs of an observation. Raises Project.DoesNotExist outside one's territory,
    StepForbidden where the step is another's, StepRefused where something is missing.
    """
    if not (by.is_authenticated and by.is_valid_today):
        raise StepForbidden(_("This account is not valid today."))
    # Two people may press a button at once: decide on the locked row, not on ours.
    locked = Project.objects.visible_to(by).for_judging().select_for_update(of=("self",)).get(pk=project.pk)
    case = Case(locked, by, at)
    chosen, move = _led_on(case, step)
    remarks = [(section, text.strip()) for section, text in remarks if text.strip()]
    if chosen.name == "approve":
        lock_branch(locked)
    _check(case, chosen, move, reason, remarks)
    change = _write(case, chosen, move, reason, remarks)
    look_after(locked)
    if tells:
        notifications.tell_of(change)
    return change


def why_not(project: Project, step: str, *, by: User, reason: str = "", remarks: Iterable[Remark] = ()) -> list[str]:
    """What `take_step` would answer just now, without taking it; empty: it would be taken."""
    case = Case(project, by)
    try:
        _check(case, *_led_on(case, step), reason, list(remarks))
    except StepRefused as refusal:
        return refusal.messages
    except StepForbidden as refusal:
        return [str(refusal)]
    return []


def _led_on(case: Case, name: str) -> tuple[Step, Move]:
    chosen = _chosen(case, name)
    move = case.move(chosen)
    if move is None:
        status = case.project.get_status_display()
        raise StepRefused([_("From “%(status)s” this step leads nowhere.") % {"status": status}])
    return chosen, move


def withdraw_untouched(
    drafts: QuerySet[Project], touched: QuerySet[Project], *, by: User, at: dt.datetime, reason: str
) -> None:
    """Withdraw many drafts at once, before anybody read them: nobody is told. All or none; within a transaction.

    Raises StepRefused where one of them is no draft or among `touched`, naming the first.
    """
    # Whoever is writing in one of them finishes first; who comes later finds it withdrawn.
    locked = list(drafts.select_for_update(of=("self",)).order_by("pk"))
    moved = [project.folio for project in locked if project.status != Status.DRAFT]
    moved += list(touched.order_by("folio").values_list("folio", flat=True).distinct())
    if moved:
        named = ", ".join(sorted(set(moved))[:5])
        raise StepRefused([_("Somebody went on with these drafts since: %(folios)s.") % {"folios": named}])
    StatusChange.objects.bulk_create(
        StatusChange(
            project=project, step="withdraw", from_status=Status.DRAFT, to_status=Status.WITHDRAWN, by=by, at=at,
            reason=reason,
        )
        for project in locked
    )  # fmt: skip
    drafts.filter(pk__in=[project.pk for project in locked]).update(status=Status.WITHDRAWN, status_since=at)


def _chosen(case: Case, name: str) -> Step:
    step = case.steps.get(name)
    if step is None:
        raise StepRefused([_("There is no step called “%(name)s”.") % {"name": name}])
    if case.by.role not in {move.role for move in step.moves}:
        raise StepForbidden(_("This step is not yours."))
    return step


def _check(case: Case, step: Step, move: Move, reason: str, remarks: list[Remark]) -> None:
    obstacles = case.obstacles(step, move)
    if obstacles.forbidden:
        raise StepForbidden(" ".join(obstacles.forbidden))
    missing = list(obstacles.refused)
    if step.needs_reason and not reason.strip():
        missing.append(_("Give the reason."))
    if step.name == "observe" and not remarks:
        missing.append(_("Say what to correct, section by section."))
    if {section for section, _text in remarks} - set(Observation.Section.values):
        missing.append(_("A remark names a section that does not exist."))
    if missing or obstacles.verdicts:
        raise StepRefused([*missing, *(judged.sentence for judged in obstacles.verdicts)], obstacles.verdicts)


def _write(case: Case, step: Step, move: Move, reason: str, remarks: list[Remark]) -> StatusChange:
    project = case.project
    change = StatusChange.objects.create(
        project=project,
        step=step.name,
        from_status=move.source,
        to_status=move.target,
        by=case.by,
        at=case.at,
        reason=reason.strip(),
        sections=sorted({section for section, _text in remarks}),
        marks=marks() if step.name == "observe" else {},
    )
    if step.checks_rules:
        Verdict.objects.bulk_create(rules.as_verdicts(case.judgements, project, case.at, change=change))
    _set_clock(case, move)
    project.status, project.status_since = move.target, case.at
    EFFECTS.get(step.name, lambda *_: None)(case, change, remarks)
    project.assigned_to = holder(project)
    project.save(update_fields=CHANGED)
    return change


CHANGED = ["status", "status_since", "due_on", "days_left", "file_number", "assigned_to"]


def _set_clock(case: Case, move: Move) -> None:
    """The new status's deadline; the review's clock stands still while observations are open."""
    project = case.project
    left = project.days_left
    project.days_left = None
    if move.source == Status.OBSERVED and left is not None and move.target != Status.WITHDRAWN:
        project.due_on = business_days().add(case.today, left, project.state_code)
        return
    if move.target == Status.OBSERVED and project.due_on:
        project.days_left = max(business_days().until(project.due_on, case.today, project.state_code), 0)
    project.due_on = deadline(project, move.target, case.today)


def deadline(project: Project, status: str, today: dt.date) -> dt.date | None:
    days = Deadline.objects.filter(rules=project.rules_id, state=status).values_list("business_days", flat=True).first()
    return None if days is None else business_days().add(today, days, project.state_code)
