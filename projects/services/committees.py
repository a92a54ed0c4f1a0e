"""Committees of social audit: constituted, registered, trained, heard; and what must be entered in SICS."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from habitat.lib.documents import inspect
from modalities import parameters
from modalities.models import FiscalYear, RulesVersion, business_days
from polygons.models import Municipality
from projects.models import (
    Answer,
    ChecklistItem,
    Committee,
    CommitteeActivity,
    CommitteeMember,
    CommitteePaper,
    CommitteeProject,
    CommitteeVerdict,
    CommitteeWaiver,
    Document,
    FormAnswer,
    Project,
    SicsCapture,
    Status,
    VigilanceForm,
)
from projects.refusals import StepForbidden, StepRefused
from projects.services.locks import lock_project, need_status
from projects.workers.looking import look_after

KEEPERS = (Role.PREPARER, Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE)
NAMES_FOR = (*KEEPERS, Role.MANAGER, Role.AUDITOR)
ASKERS = (Role.CERTIFIER, Role.REVIEWER, Role.DELEGATE)
WAIVERS = (Role.DELEGATE, Role.MANAGER)
OPEN_TO_WORDS = (Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER, Status.PROVEN)


def keeps_committees(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in KEEPERS)


def sees_names(user: User) -> bool:
    """Members are neighbours: their names are for who works with the committee, and who audits it."""
    return bool(user.is_authenticated and user.is_valid_today and user.role in NAMES_FOR)


@transaction.atomic
def constitute_committee(
    *,
    by: User,
    projects: Iterable[Project],
    constituted_on: dt.date,
    minutes: UploadedFile,
    at: dt.datetime | None = None,
    **fields: Any,
) -> Committee:
    """With the minutes of its assembly. `fields`: name, municipality, fiscal_year, polygon.

    Raises StepForbidden, StepRefused, or ValidationError where the file is none that is accepted.
    """
    _need_keeper(by, fields["municipality"].pk)
    _not_ahead(constituted_on, fields["municipality"], at)
    try:
        with transaction.atomic():
            committee = Committee.objects.create(by=by, constituted_on=constituted_on, **fields)
    except IntegrityError as error:
        raise StepRefused([_("A committee of this name exists already in this year.")]) from error
    watch_works(committee, projects, by=by)
    keep_committee_paper(committee, CommitteePaper.Kind.MINUTES, minutes, by=by)
    due = _due_on(committee, constituted_on)
    SicsCapture.objects.create(committee=committee, what="constitution", happened_on=constituted_on, due_on=due)
    return committee


@transaction.atomic
def change_committee(committee: Committee, *, by: User, projects: Iterable[Project], **fields: Any) -> Committee:
    """`fields`: registration, registered_on, dissolved_on, polygon."""
    _need_keeper(by, committee.municipality_id)
    for name, value in fields.items():
        setattr(committee, name, value)
    if committee.registered_on and committee.registered_on < committee.constituted_on:
        raise StepRefused([_("It cannot be registered before it was constituted.")])
    if committee.dissolved_on and committee.dissolved_on < committee.constituted_on:
        raise StepRefused([_("It cannot be dissolved before it was constituted.")])
    committee.save(update_fields=list(fields))
    watch_works(committee, projects, by=by)
    return committee


def watch_works(committee: Committee, projects: Iterable[Project], *, by: User) -> None:
    """The works it watches are exactly these, of its own municipality."""
    _need_keeper(by, committee.municipality_id)
    wanted = {project.pk: project for project in projects}
    if any(project.municipality_id != committee.municipality_id for project in wanted.values()):
        raise StepRefused([_("A committee watches works of its own municipality.")])
    look_after(*_watched(committee), *wanted.values())
    committee.works.exclude(project__in=wanted).delete()
    known = set(committee.works.values_list("project", flat=True))
    CommitteeProject.objects.bulk_create(
        CommitteeProject(committee=committee, project=project) for pk, project in wanted.items() if pk not in known
    )


def _watched(committee: Committee) -> QuerySet[Project]:
    """By name, or as all works of its polygon and year."""
    of_polygon = Q(polygon_version__polygon=committee.polygon_id, fiscal_year=committee.fiscal_year_id)
    mine = Q(pk__in=committee.works.values("project"))
    return Project.objects.filter(mine | of_polygon if committee.polygon_id else mine).only("pk", "status")


def keep_committee_paper(committee: Committee, kind: str, upload: UploadedFile, *, by: User) -> CommitteePaper:
    _need_keeper(by, committee.municipality_id)
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    look_after(*_watched(committee))
    return CommitteePaper.objects.create(committee=committee, kind=kind, by=by, **facts.columns)


@transaction.atomic
def add_member(committee: Committee, *, by: User, is_no_official: bool, **fields: Any) -> CommitteeMember:
    """Raises StepRefused without the declaration: no official sits in a committee."""
    _need_keeper(by, committee.municipality_id)
    if not is_no_official:
        raise StepRefused([_("Only who declares to hold no public post may be a member.")])
    if (
        fields["post"] != CommitteeMember.Post.VOCAL
        and committee.members.filter(post=fields["post"], left_on=None).exists()
    ):
        raise StepRefused([_("Another member holds this post.")])
    return CommitteeMember.objects.create(committee=committee, is_no_official=True, **fields)


@transaction.atomic
def end_membership(member: CommitteeMember, *, on: dt.date, by: User) -> CommitteeMember:
    _need_keeper(by, member.committee.municipality_id)
    if on < member.joined_on:
        raise StepRefused([_("Nobody leaves before joining.")])
    member.left_on = on
    member.save(update_fields=["left_on"])
    return member


@transaction.atomic
def record_activity(
    committee: Committee, *, by: User, on: dt.date, upload: UploadedFile | None = None, at: dt.datetime | None = None,
    **fields: Any,
) -> CommitteeActivity:  # fmt: skip
    """A training, materials or a meeting; its day in SICS begins to run. `fields`: kind, text, women, men."""
    _need_keeper(by, committee.municipality_id)
    _need_day(committee, on, at)
    paper = keep_committee_paper(committee, CommitteePaper.Kind.EVENT, upload, by=by) if upload else None
    activity = CommitteeActivity.objects.create(committee=committee, on=on, paper=paper, by=by, **fields)
    SicsCapture.objects.create(
        committee=committee, what=activity.kind, activity=activity, happened_on=on, due_on=_due_on(committee, on)
    )
    return activity


@transaction.atomic
def capture_form(
    committee: Committee,
    project: Project,
    *,
    by: User,
    on: dt.date,
    answers: Mapping[int, str],
    note: str = "",
    upload: UploadedFile | None = None,
    at: dt.datetime | None = None,
) -> VigilanceForm:
    """`answers`: question pk → answer; every question that is asked needs one."""
    _need_keeper(by, committee.municipality_id)
    _need_day(committee, on, at)
    asked = {item.pk for item in questions_of(ChecklistItem.Form.VIGILANCE, project)}
    if asked - set(answers) or set(answers.values()) - set(Answer.values):
        raise StepRefused([_("Every question of the form needs an answer.")])
    paper = keep_committee_paper(committee, CommitteePaper.Kind.FORM, upload, by=by) if upload else None
    form = VigilanceForm.objects.create(committee=committee, project=project, on=on, note=note, paper=paper, by=by)
    FormAnswer.objects.bulk_create(FormAnswer(form=form, item_id=pk, answer=answers[pk]) for pk in sorted(asked))
    SicsCapture.objects.create(
        committee=committee, what="form", form=form, happened_on=on, due_on=_due_on(committee, on)
    )
    return form


def questions_of(form: str, project: Project) -> list[ChecklistItem]:
    """Those of every modality and those of the project's own, in the order they are printed."""
    rows = ChecklistItem.objects.filter(form=form, is_retired=False)
    found = [item for item in rows if item.modality_id in (None, project.modality_id)]
    return sorted(found, key=lambda item: (item.modality_id is not None, item.position, item.pk))


@transaction.atomic
def mark_captured(capture: SicsCapture, *, on: dt.date, by: User) -> SicsCapture:
    """It was entered in SICS on a day."""
    _need_keeper(by, capture.committee.municipality_id)
    locked = SicsCapture.objects.select_for_update(of=("self",)).get(pk=capture.pk)
    if locked.captured_on:
        raise StepRefused([_("It is marked as entered already.")])
    if on < locked.happened_on:
        raise StepRefused([_("It cannot be entered before it happened.")])
    locked.captured_on, locked.captured_by = on, by
    locked.save(update_fields=["captured_on", "captured_by"])
    return locked


# ---- Its word at closure --------------------------------------------------------------------------------------------
@transaction.atomic
def record_verdict(
    project: Project,
    committee: Committee,
    *,
    is_favourable: bool,
    text: str,
    on: dt.date,
    upload: UploadedFile,
    by: User,
    at: dt.datetime | None = None,
) -> CommitteeVerdict:
    """What the committee said of the work, with the paper it signed. Raises StepForbidden or StepRefused."""
    locked = lock_project(project, by, *KEEPERS)
    need_status(locked, *OPEN_TO_WORDS)
    if not Committee.objects.watching(locked, on).filter(pk=committee.pk).exists():
        raise StepRefused([_("This committee did not watch the work on that day.")])
    paper = keep_committee_paper(committee, CommitteePaper.Kind.VERDICT, upload, by=by)
    return CommitteeVerdict.objects.create(
        project=locked, committee=committee, is_favourable=is_favourable, text=text, on=on, paper=paper, by=by,
        at=at or timezone.now(),
    )  # fmt: skip


def may_ask_waiver(user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.role in ASKERS)


def ask_waiver(
    project: Project, *, reason: str, upload: UploadedFile, by: User, at: dt.datetime | None = None
) -> CommitteeWaiver:
    """Leave to close without the committee's word; somebody else grants it."""
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    with transaction.atomic():
        locked = lock_project(project, by, *ASKERS)
        need_status(locked, *OPEN_TO_WORDS)
        if locked.committee_waivers.filter(is_granted=None).exists():
            raise StepRefused([_("A waiver has been asked for already.")])
        paper = Document.objects.create(project=locked, kind="other", by=by, **facts.columns)
        return CommitteeWaiver.objects.create(
            project=locked, reason=reason, document=paper, asked_by=by, asked_at=at or timezone.now()
        )


@transaction.atomic
def decide_waiver(
    waiver: CommitteeWaiver, *, is_granted: bool, note: str, by: User, at: dt.datetime | None = None
) -> CommitteeWaiver:
    """Never by who asked. Raises StepForbidden, or StepRefused once it is decided."""
    lock_project(waiver.project, by, *WAIVERS)
    locked = CommitteeWaiver.objects.select_for_update(of=("self",)).get(pk=waiver.pk)
    if locked.asked_by_id == by.pk:
        raise StepForbidden(_("Who asked for a waiver does not grant it."))
    if locked.is_granted is not None:
        raise StepRefused([_("This waiver has been decided already.")])
    locked.is_granted, locked.note, locked.decided_by, locked.decided_at = is_granted, note, by, at or timezone.now()
    locked.save(update_fields=["is_granted", "note", "decided_by", "decided_at"])
    return locked


# ---- Shared ---------------------------------------------------------------------------------------------------------
def _need_keeper(by: User, municipality: str) -> None:
    inside = by.sees_the_nation or by.municipalities().filter(pk=municipality).exists()
    if not keeps_committees(by) or not inside:
        raise StepForbidden(_("This is not yours to do."))


def _not_ahead(day: dt.date, municipality: Municipality, at: dt.datetime | None) -> None:
    if day > municipality.local_day(at):
        raise StepRefused([_("The day lies ahead.")])


def _need_day(committee: Committee, day: dt.date, at: dt.datetime | None) -> None:
    _not_ahead(day, committee.municipality, at)
    if day < committee.constituted_on:
        raise StepRefused([_("The committee did not exist on that day.")])


def rules_of(year: FiscalYear) -> RulesVersion | None:
    return RulesVersion.objects.filter(fiscal_year=year).exclude(status="draft").order_by("-version").first()


def number_of(year: FiscalYear, code: str) -> int:
    """A parameter of the year's rules; its working value where the year has none yet."""
    rules = rules_of(year)
    return int(parameters.value(rules, code) if rules else parameters.CATALOGUE[code].value)


def _due_on(committee: Committee, day: dt.date) -> dt.date:
    days = number_of(committee.fiscal_year, "sics_capture_days")
    return business_days().add(day, days, committee.municipality.state_id)
