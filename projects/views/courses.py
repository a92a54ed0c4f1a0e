"""Courses of social actions: participants, sessions, attendance on paper and on the page, and workbooks of names."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib import links
from habitat.lib.documents import XLSX
from habitat.lib.forms import posted
from habitat.lib.pdf import render_pdf
from projects import services
from projects.forms.people import CourseForm, EnrolForm, LeaveForm, RosterForm, SessionForm, SheetForm
from projects.models import (
    COURSE_UNITS,
    Course,
    CourseSession,
    Participant,
    RegisterReading,
    RegisterUpload,
)
from projects.refusals import Refused
from projects.views.asking import Link, ask, tried
from projects.views.pairs import marks_in
from projects.views.people import offering
from projects.views.record import fetch
from projects.views.register_door import need_keeper, note, restricted
from projects.views.social_actions import back_to, chosen, fetch_action

What = RegisterReading.What


def fetch_course(request: PersonRequest, pk: int, course: int) -> Course:
    project = fetch(request, pk)
    found = get_object_or_404(
        Course.objects.visible_to(request.user).filter(action__project=project).select_related("action__action_type"),
        pk=course,
    )
    found.action.project = project
    return found


def back_to_course(course: Course) -> list[Link]:
    project = course.action.project
    return [*back_to(project), (course.name, reverse("projects:course", args=[project.pk, course.pk]))]


@restricted
def new_course(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    found = fetch_action(request, pk, action, COURSE_UNITS)
    project = found.project
    need_keeper(request, project.municipality_id)
    days = {"starts_on": project.starts_on, "ends_on": project.ends_on}
    form = CourseForm(posted(request), instance=Course(action=found), initial=days)
    return ask(
        request, form, lambda: services.save_course(form.save(commit=False), by=request.user),
        title=_("New course or workshop"), trail=back_to(project), button=_("Record it"),
        done=_("The course is recorded. Now enrol its participants."),
    )  # fmt: skip


@restricted
def change_course(request: PersonRequest, pk: int, course: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    form = CourseForm(posted(request), instance=found)
    return ask(
        request, form,
        lambda: services.save_course(form.save(commit=False), by=request.user, seen=marks_in(request.POST)),
        now=form.initial,
        title=_("Change the course"), trail=back_to_course(found), button=_("Save"), done=_("It is written down."),
    )  # fmt: skip


@require_safe
@restricted
def course(request: PersonRequest, pk: int, course: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    project = found.action.project
    least = services.least_hours(found, project.rules)
    people = list(services.with_hours(found.participants.select_related("person")))
    note(request, What.COURSE, len(people), project=project)
    sessions = list(found.sessions.all())
    context = {
        "course": found,
        "project": project,
        "participants": people,
        "sessions": sessions,
        "given": sum(session.hours for session in sessions),
        "least": least,
        "completed": sum(1 for row in people if row.came >= least),
        "uploads": found.uploads.select_related("by")[:10],
        "keeps": services.keeps_people(request.user, project.municipality_id),
        "title": found.name,
        "kicker": f"{project.folio} · {found.action.action_type}",
        "trail": back_to(project),
    }
    return render(request, "projects/people/course.html", context)


@restricted
def enrol(request: PersonRequest, pk: int, course: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    form = EnrolForm(posted(request), initial={"enrolled_on": found.starts_on})
    return offering(
        request, form,
        lambda: services.enrol_person(found, by=request.user, chosen=chosen(request), who=form.said, **form.terms),
        title=_("Enrol a participant"), trail=back_to_course(found), button=_("Enrol"),
        done=_("The participant is enrolled."),
    )  # fmt: skip


@restricted
def leave(request: PersonRequest, pk: int, course: int, participant: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    rows = Participant.objects.visible_to(request.user).filter(course=found)
    row = get_object_or_404(rows.select_related("person", "course__action__project__municipality"), pk=participant)
    form = LeaveForm(posted(request), initial={"on": timezone.localdate()})
    note(request, What.PERSON, 1, person=row.person, project=found.action.project)
    return ask(
        request, form, lambda: services.leave_course(row, by=request.user, **form.cleaned_data),
        title=_("%(name)s leaves the course") % {"name": row.person.name}, trail=back_to_course(found),
        button=_("Save"), done=_("It is written down."),
    )  # fmt: skip


# ---- Sessions and attendance ----------------------------------------------------------------------------------------
@restricted
def new_session(request: PersonRequest, pk: int, course: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    form = SessionForm(posted(request), instance=CourseSession(course=found))
    return ask(
        request, form, lambda: services.save_session(form.save(commit=False), by=request.user),
        title=_("New session"), trail=back_to_course(found), button=_("Record it"), done=_("The session is recorded."),
    )  # fmt: skip


def fetch_session(request: PersonRequest, pk: int, course: int, session: int) -> CourseSession:
    found = fetch_course(request, pk, course)
    row = get_object_or_404(CourseSession.objects.visible_to(request.user).filter(course=found), pk=session)
    row.course = found
    return row


@restricted
def attendance(request: PersonRequest, pk: int, course: int, session: int) -> HttpResponse:
    """The sheet of one session: a tick a person, with the keyboard alone and without scripts too."""
    row = fetch_session(request, pk, course, session)
    project = row.course.action.project
    if request.method == "POST":
        need_keeper(request, project.municipality_id)
    people = list(services.expected_at(row))
    came = {each.participant_id: each.hours for each in row.attendance.all()}
    initial = {f"came{each.pk}": each.pk in came for each in people}
    initial |= {f"hours{key}": hours for key, hours in came.items() if hours != row.hours}
    form = SheetForm(posted(request), session=row, participants=people, now=came, initial=initial)
    status = tried(form, lambda: write_sheet(request, row, form))
    if status is None and not form.errors:
        messages.success(request, _("The attendance is written down."))
        return redirect("projects:course", pk, course)
    note(request, What.COURSE, len(people), project=project)
    context = {
        "session": row,
        "course": row.course,
        "form": form,
        "rows": form.rows(),
        "is_partly": status is None,
        "keeps": services.keeps_people(request.user, project.municipality_id),
        "title": _("Attendance of %(day)s") % {"day": f"{row.on:%d/%m/%Y}"},
        "kicker": f"{project.folio} · {row.course.name}",
        "lead": row.topic,
        "trail": back_to_course(row.course),
    }
    return render(request, "projects/people/sheet.html", context, status=status or 409)


def write_sheet(request: PersonRequest, session: CourseSession, form: SheetForm) -> None:
    """Each row is kept or refused by itself; a refused one has its reason at its box."""
    seen = marks_in(request.POST)
    refusals = services.take_attendance(session, hours=form.hours, by=request.user, seen=seen)
    for key, why in refusals.items():
        form.add_error(f"hours{key}" if f"hours{key}" in form.fields else None, why)
    if refusals:
        form.catch_up({row.participant_id: row.hours for row in session.attendance.all()})


@require_safe
@restricted
def attendance_list(request: PersonRequest, pk: int, course: int, session: int) -> HttpResponse:
    """To be signed by hand. Opened by a link of one's own that expires, as every file with names."""
    row = fetch_session(request, pk, course, session)
    if not links.holds(request):
        return links.expired(request)
    people = list(services.expected_at(row))
    note(request, What.PRINT, len(people), project=row.course.action.project)
    context = {
        "session": row,
        "course": row.course,
        "project": row.course.action.project,
        "participants": people,
        "asker": request.user,
        "printed_at": timezone.now(),
    }
    response = HttpResponse(render_pdf("projects/people/sheet_pdf.html", context), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="lista-{row.course_id}-{row.pk}.pdf"'
    return response


# ---- Workbooks ------------------------------------------------------------------------------------------------------
@require_safe
@restricted
def template(request: PersonRequest, pk: int, course: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    response = HttpResponse(services.empty_roster(found, by=request.user), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="participantes-{found.pk}.xlsx"'
    return response


@restricted
def upload(request: PersonRequest, pk: int, course: int) -> HttpResponse:
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    form = RosterForm(posted(request), request.FILES or None)
    context = {"form": form, "title": _("Many participants by workbook"), "trail": back_to_course(found)}
    context |= {"course": found, "project": found.action.project}
    if form.is_valid():
        try:
            tried_one = services.try_roster(found, form.cleaned_data["upload"], by=request.user)
        except ValidationError as error:
            form.add_error("upload", error)
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            return redirect("projects:roster", pk, course, tried_one.pk)
    return render(request, "projects/people/upload.html", context, status=400 if form.errors else 200)


@restricted
def roster(request: PersonRequest, pk: int, course: int, upload: int) -> HttpResponse:
    """What came of a workbook: its errors by cell, or how many are ready; POST enrols them or drops the file."""
    found = fetch_course(request, pk, course)
    need_keeper(request, found.action.project.municipality_id)
    row = get_object_or_404(RegisterUpload.objects.visible_to(request.user).filter(course=found), pk=upload)
    if request.method == "POST":
        return _decide(request, row, pk, course)
    context = {
        "upload": row,
        "course": found,
        "project": found.action.project,
        "is_kept": row.status == RegisterUpload.Status.TRIED and bool(row.file) and row.expires_at > timezone.now(),
        "new": row.people - row.known,
        "title": _("Workbook of participants"),
        "trail": back_to_course(found),
    }
    return render(request, "projects/people/roster.html", context)


def _decide(request: PersonRequest, row: RegisterUpload, pk: int, course: int) -> HttpResponse:
    is_use = request.POST.get("do") == "enrol"
    service = services.enrol_roster if is_use else services.drop_roster
    try:
        done = service(row, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
        return redirect("projects:roster", pk, course, row.pk)
    if done.status == RegisterUpload.Status.REFUSED:
        messages.error(request, _("Something changed since the workbook was tried. Nobody was enrolled."))
        return redirect("projects:roster", pk, course, row.pk)
    words = ngettext("%(count)s participant is enrolled.", "%(count)s participants are enrolled.", done.people)
    messages.success(request, words % {"count": done.people} if is_use else _("The file is destroyed."))
    return redirect("projects:course", pk, course)
