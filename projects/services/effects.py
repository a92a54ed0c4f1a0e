"""What a step does besides moving the project on. Each runs inside the step's transaction, on the locked row."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Max

from polygons.models import Municipality
from projects.models import (
    Action,
    AgeCount,
    CaseAssignment,
    Contribution,
    Document,
    LedgerEntry,
    Moment,
    Observation,
    Project,
    SchedulePart,
    StatusChange,
)
from projects.services.cases import Case
from projects.services.money import enter, reverse_entries
from projects.services.releases import plan_releases
from projects.services.versions import keep_version

# What a return lets the municipality change.
WATCHED: tuple[Any, ...] = (Project, Action, AgeCount, SchedulePart, Contribution, Document)

Remarks = list[tuple[str, str]]
Effect = Callable[[Case, StatusChange, Remarks], None]


def take_case(case: Case, change: StatusChange, remarks: Remarks) -> None:
    CaseAssignment.objects.create(project=case.project, role=case.by.role, user=case.by, by=case.by, at=case.at)


def write_observations(case: Case, change: StatusChange, remarks: Remarks) -> None:
    Observation.objects.bulk_create(
        Observation(project=case.project, change=change, section=section, text=text) for section, text in remarks
    )


def marks() -> dict[str, int]:
    """Model → its newest audit row: with the project locked, whatever is written of it later has a higher number."""
    return {
        model._meta.model_name: model.pgh_event_model.objects.aggregate(last=Max("pgh_id"))["last"] or 0
        for model in WATCHED
    }


def answer_rest(case: Case, change: StatusChange, remarks: Remarks) -> None:
    """What was not answered one by one is answered by the letter that goes with the step."""
    case.project.observations.filter(answered_at=None).update(answer=change.reason, answered_at=case.at)


def give_file_number(case: Case, change: StatusChange, remarks: Remarks) -> None:
    if not case.project.file_number:
        case.project.file_number = next_file_number(case.project)


def next_file_number(project: Project) -> str:
    """EE MMM V XX NNN: municipality's key, strand's digit, modality, consecutive; for example 260301ME005.

    Source: municipal lists seen on the web (domain report, 2.4); the layout is not verified, so the number is an opaque
    text everywhere else. The digit is the strand's place in the catalogue.
    """
    # Two reviewers may number at once: one consecutive at a time in a municipality. Does not stop foreign keys.
    Municipality.objects.select_for_update(no_key=True).get(pk=project.municipality_id)
    series = f"{project.municipality_id}{max(project.strand.position, 1)}{project.modality_id}"
    given = Project.objects.filter(fiscal_year=project.fiscal_year_id, file_number__startswith=series)
    last = max((int(number[len(series) :]) for number in given.values_list("file_number", flat=True)), default=0)
    return f"{series}{last + 1:03d}"


def book(moment: str, case: Case, change: StatusChange, remarks: Remarks) -> None:
    enter(case.project, moment, on=case.today, by=case.by, note=change.reason)


def approve(case: Case, change: StatusChange, remarks: Remarks) -> None:
    """The money, the calendar of its releases, and the proposal as it was approved."""
    book(Moment.APPROVED, case, change, remarks)
    plan_releases(case.project)
    keep_version(case.project, by=case.by, at=case.at)


def unbook(case: Case, change: StatusChange, remarks: Remarks) -> None:
    """What was authorised, approved or committed goes back; money already released is refunded by its own entries."""
    standing = LedgerEntry.objects.filter(
        project=case.project, moment__in=[Moment.AUTHORISED, Moment.APPROVED, Moment.COMMITTED]
    )
    reverse_entries(standing, on=case.today, by=case.by, note=change.reason)


def confirm_cancellation(case: Case, change: StatusChange, remarks: Remarks) -> None:
    case.cancellation.confirmed_by, case.cancellation.confirmed_at = case.by, case.at
    case.cancellation.save(update_fields=["confirmed_by", "confirmed_at"])
    unbook(case, change, remarks)
    for contract in case.project.contracts.validated():
        contract.status, contract.reason = contract.Status.REVERSED, change.reason
        contract.save(update_fields=["status", "reason"])


EFFECTS: dict[str, Effect] = {
    "authorise": partial(book, Moment.AUTHORISED),
    "review": take_case,
    "observe": write_observations,
    "answer": answer_rest,
    "number": give_file_number,
    "approve": approve,
    "reject": unbook,
    "withdraw": unbook,
    "cancel": confirm_cancellation,
}
