"""Complaints that anybody sends without an account; handled by few, read by the sender with folio and secret."""

import datetime as dt
import secrets

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from modalities import parameters
from modalities.models import RulesVersion, business_days
from polygons.models import State
from projects.models import Complaint, ComplaintMove, Project, Route, secret_digest
from projects.models.letters import CODE_SIGNS
from projects.refusals import StepForbidden, StepRefused

# Of the numbering, beside the year; any number that no other lock has.
LOCK = 77_001
# What a person may copy by hand; 16 of 31 signs are 79 bits.
SECRET_LENGTH = 16


@transaction.atomic
def send_complaint(
    *,
    text: str,
    place: str = "",
    state: State | None = None,
    project: Project | None = None,
    contact: str = "",
    at: dt.datetime | None = None,
) -> tuple[Complaint, str]:
    """The complaint and the secret, which is told once and kept by nobody else. Nothing of who sent it is stored."""
    at = at or timezone.now()
    secret = "".join(secrets.choice(CODE_SIGNS) for _place in range(SECRET_LENGTH))
    state = project.municipality.state if project else state
    complaint = Complaint.objects.create(
        folio=_next_folio(timezone.localdate(at).year),
        secret=secret_digest(secret),
        project=project,
        state=state,
        place=place,
        text=text,
        contact=contact,
        sent_at=at,
        due_on=_due_on(timezone.localdate(at), state),
    )
    return complaint, secret


def _next_folio(year: int) -> str:
    """Q-2026-00001; one at a time, so that no number is given twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, year])
    given = Complaint.objects.filter(folio__startswith=f"Q-{year}-").order_by("-folio").values_list("folio", flat=True)
    last = given.first()
    return f"Q-{year}-{int(last[-5:]) + 1 if last else 1:05d}"


def _due_on(today: dt.date, state: State | None) -> dt.date:
    rules = RulesVersion.objects.in_force().order_by("-fiscal_year").first()
    days = parameters.value(rules, "complaint_days") if rules else parameters.CATALOGUE["complaint_days"].value
    return business_days().add(today, int(days), state.pk if state else "")


def find_complaint(folio: str, secret: str) -> Complaint | None:
    """By both, as they were told to the sender."""
    typed = "".join(sign for sign in secret.upper() if sign.isalnum())
    found = Complaint.objects.filter(folio=folio.strip().upper()).first()
    return found if found and secrets.compare_digest(found.secret, secret_digest(typed)) else None


def handles(complaint: Complaint, user: User) -> bool:
    """The program unit; a delegation what was sent to it."""
    if not user.can_write or not user.is_valid_today or complaint.status == Complaint.Status.ANSWERED:
        return False
    return (
        user.role in (Role.MANAGER, Role.DELEGATE)
        and Complaint.objects.visible_to(user).filter(pk=complaint.pk).exists()
    )


@transaction.atomic
def route_complaint(
    complaint: Complaint, route: str, *, note: str, by: User, at: dt.datetime | None = None
) -> Complaint:
    """To the control body, the ministry or the delegation. Only the program unit routes."""
    locked = _lock(complaint, by)
    if by.role != Role.MANAGER:
        raise StepForbidden(_("The program unit says who resolves a complaint."))
    if route == Route.DELEGATION and locked.state_id is None:
        raise StepRefused([_("Nobody knows which delegation: the complaint names no place.")])
    locked.route, locked.status = route, Complaint.Status.ROUTED
    locked.save(update_fields=["route", "status"])
    _note(locked, ComplaintMove.What.ROUTED, note, by, at, route=route)
    return locked


@transaction.atomic
def note_complaint(complaint: Complaint, *, note: str, by: User, at: dt.datetime | None = None) -> ComplaintMove:
    return _note(_lock(complaint, by), ComplaintMove.What.NOTED, note, by, at)


@transaction.atomic
def answer_complaint(complaint: Complaint, *, answer: str, by: User, at: dt.datetime | None = None) -> Complaint:
    """What the sender reads with folio and secret. Raises StepRefused before it has a route."""
    locked = _lock(complaint, by)
    if locked.status == Complaint.Status.RECEIVED:
        raise StepRefused([_("Say first who resolves it.")])
    locked.answer, locked.status = answer, Complaint.Status.ANSWERED
    locked.answered_by, locked.answered_at = by, at or timezone.now()
    locked.save(update_fields=["answer", "status", "answered_by", "answered_at"])
    _note(locked, ComplaintMove.What.ANSWERED, "", by, at)
    return locked


@transaction.atomic
def read_contact(complaint: Complaint, *, by: User, at: dt.datetime | None = None) -> str:
    """How to reach the sender; that somebody looked is kept."""
    locked = _lock(complaint, by)
    _note(locked, ComplaintMove.What.CONTACT, "", by, at)
    return locked.contact


def _lock(complaint: Complaint, by: User) -> Complaint:
    locked = Complaint.objects.visible_to(by).select_for_update(of=("self",)).get(pk=complaint.pk)
    if not handles(locked, by):
        raise StepForbidden(_("This is not yours to do."))
    return locked


def _note(
    complaint: Complaint, what: str, note: str, by: User, at: dt.datetime | None, route: str = ""
) -> ComplaintMove:
    return ComplaintMove.objects.create(
        complaint=complaint, what=what, note=note, route=route, by=by, at=at or timezone.now()
    )
