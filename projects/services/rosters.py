"""Participants of a course from one workbook: tried, enrolled all or none. The file never outlives its use."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.accounts.security import watching
from habitat.lib.documents import XLSX, inspect
from polygons.models import Municipality
from projects.batches.reader import NotOurs
from projects.models import Course, Participant, Person, RegisterUpload
from projects.participants.reader import Roster, read_workbook
from projects.participants.workbook import write_workbook
from projects.refusals import StepRefused
from projects.services.courses import lock_course
from projects.services.people import alike_of, need_keeper

LIFE = dt.timedelta(days=1)


def empty_roster(course: Course, *, by: User) -> bytes:
    need_keeper(by, course.action.project.municipality_id)
    return write_workbook(course)


def try_roster(course: Course, upload: UploadedFile, *, by: User, at: dt.datetime | None = None) -> RegisterUpload:
    """Keep what is wrong with it, and the file for a day where nothing is.

    Raises StepForbidden, StepRefused, or ValidationError where it is no workbook of this course.
    """
    at = at or timezone.now()
    with transaction.atomic():
        lock_course(course, by)
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    if facts.content_type != XLSX:
        raise ValidationError(_("Upload the workbook as XLSX."), code="not_xlsx")
    roster = _read(facts.content, course)
    matched = match(roster, course)
    kept = RegisterUpload(
        course=course, status=RegisterUpload.Status.REFUSED if roster.errors else RegisterUpload.Status.TRIED,
        people=len(roster.rows), known=len(matched.known), errors=roster.in_order(), expires_at=at + LIFE, by=by,
        **facts.columns,
    )  # fmt: skip
    # Our name and no other: people call such files by the people in them.
    kept.original_name = f"participantes-{course.pk}.xlsx"
    if roster.errors:
        kept.file = ""
    kept.save()
    return kept


def _read(file, course: Course) -> Roster:
    file.seek(0)
    try:
        return read_workbook(file, course)
    except NotOurs as error:
        raise ValidationError(str(error), code="not_ours") from None


@dataclass(frozen=True)
class Matched:
    """Row of the sheet → the person of the same CURP in the register."""

    known: dict[int, Person]


def match(roster: Roster, course: Course) -> Matched:
    """Notes errors for who is enrolled already, bears another name, or may be somebody registered without CURP."""
    people = Person.objects.known().filter(municipality=course.action.project.municipality_id)
    by_curp = {
        row.curp: row for row in people.filter(curp__in=[who["curp"] for _at, who, _on in roster.rows if who["curp"]])
    }
    enrolled = set(Participant.objects.filter(course=course).values_list("person", flat=True))
    known = {}
    for at, who, _on in roster.rows:
        same = by_curp.get(who["curp"]) if who["curp"] else None
        if same is None:
            if alike_of(people, who).exists():
                roster.wrong(
                    at, "first_surname", _("Somebody of this name and birth is in the register: enrol by the form.")
                )
            continue
        if same.pk in enrolled:
            roster.wrong(at, "curp", _("This person is enrolled already."))
        elif _plain(same.first_surname) != _plain(who["first_surname"]) or _plain(same.given_names) != _plain(
            who["given_names"]
        ):
            roster.wrong(at, "given_names", _("The register has this CURP with another name: look at it in the form."))
        known[at] = same
    return Matched(known)


def _plain(name: str) -> str:
    return "".join(name.casefold().split())


@transaction.atomic
def enrol_roster(upload: RegisterUpload, *, by: User, at: dt.datetime | None = None) -> RegisterUpload:
    """All of a tried workbook, or none: then `errors` say what came to be wrong since. The file goes either way.

    Raises StepForbidden or StepRefused.
    """
    at = at or timezone.now()
    course = lock_course(upload.course, by)
    locked = RegisterUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    _need_tried(locked, at)
    place = Municipality.objects.select_for_update(no_key=True).get(pk=course.action.project.municipality_id)
    with locked.file.open("rb") as file:
        roster = _read(file, course)
    matched = match(roster, course)
    if not roster.errors:
        for row, who, enrolled_on in roster.rows:
            person = matched.known.get(row) or Person.objects.create(municipality=place, by=by, **who)
            Participant.objects.create(course=course, person=person, enrolled_on=enrolled_on, by=by)
    locked.errors = roster.in_order()
    _finish(locked, RegisterUpload.Status.REFUSED if roster.errors else RegisterUpload.Status.DONE, by, at)
    return locked


@transaction.atomic
def drop_roster(upload: RegisterUpload, *, by: User, at: dt.datetime | None = None) -> RegisterUpload:
    """Destroy the file before its time. Raises StepForbidden or StepRefused."""
    at = at or timezone.now()
    lock_course(upload.course, by)
    locked = RegisterUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    _need_tried(locked, at)
    _finish(locked, RegisterUpload.Status.DROPPED, by, at)
    return locked


def _need_tried(upload: RegisterUpload, at: dt.datetime) -> None:
    if upload.status != RegisterUpload.Status.TRIED or not upload.file or upload.expires_at < at:
        raise StepRefused([_("This workbook is no longer kept. Upload it again.")])


def _finish(upload: RegisterUpload, status: str, by: User | None, at: dt.datetime) -> None:
    stored, name = upload.file.storage, str(upload.file.name)
    upload.status, upload.file, upload.done_by, upload.done_at = status, "", by, at
    upload.save(update_fields=["status", "file", "errors", "done_by", "done_at"])
    transaction.on_commit(lambda: stored.delete(name))


@transaction.atomic
def drop_expired_rosters(at: dt.datetime | None = None) -> int:
    """Files a day old that nobody used. How many went."""
    at = at or timezone.now()
    gone = RegisterUpload.objects.select_for_update(of=("self",), skip_locked=True).exclude(file="")
    found = list(gone.filter(expires_at__lt=at))
    for upload in found:
        _finish(upload, RegisterUpload.Status.DROPPED, None, at)
    return len(found)
