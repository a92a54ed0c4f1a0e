"""Committees of social audit: the register, one of them, and what a committee says of one work."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.accounts.models import Role
from habitat.accounts.requests import PersonRequest
from habitat.lib import links
from habitat.lib.documents import download
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from habitat.lib.pdf import render_pdf
from polygons.models import Municipality
from projects import services
from projects.forms.committees import (
    ActivityForm,
    CapturedForm,
    ChangeCommitteeForm,
    CommitteeMemberForm,
    CommitteePaperForm,
    DecideWaiverForm,
    EndMembershipForm,
    NewCommitteeForm,
    VigilanceAnswersForm,
    WaiverForm,
    WordForm,
)
from projects.letters.codes import qr_of
from projects.models import (
    ChecklistItem,
    Committee,
    CommitteeMember,
    CommitteePaper,
    CommitteeWaiver,
    Project,
    SicsCapture,
)
from projects.querysets.people import reads_register
from projects.tables.committees import (
    CaptureFilter,
    CaptureTable,
    CommitteeFilter,
    CommitteeTable,
    capture_standing,
)
from projects.views.asking import Link, ask, society_list, tried
from projects.views.closing import trail_of
from projects.views.record import fetch
from projects.workflow import ENDED


@require_safe
@listed
def committee_list(request: PersonRequest) -> Listing:
    scope = Committee.objects.visible_to(request.user).select_related("municipality", "polygon").with_counts()
    new = [(_("New committee"), reverse("projects:new-committee"))] if services.keeps_committees(request.user) else []
    return society_list(
        CommitteeFilter(request.GET, queryset=scope, request=request),
        CommitteeTable,
        name="comites",
        title=_("Committees"),
        lead=_("Neighbours who watch the works: constituted before the start, registered, trained and heard."),
        trail=[(_("Projects"), reverse("projects:list"))],
        tools=[*new, *doors_of(request)],
    )


def doors_of(request: PersonRequest) -> list[Link]:
    """The other lists of social audit and of the end of works that a person may open."""
    user = request.user
    audits = user.sees_the_nation and user.role in (Role.MANAGER, Role.AUDITOR)
    doors = [
        (_("SICS deadlines"), "projects:captures"),
        (_("Visits"), "projects:visits"),
        (_("Action points"), "projects:points"),
        (_("Community Development Centres"), "projects:centres"),
        *([(_("Register of people"), "projects:people")] if reads_register(user) else []),
        *([(_("Complaints"), "projects:complaints")] if audits or user.is_delegation else []),
        *([(_("Retention"), "projects:retention")] if audits else []),
        (_("Electoral silences"), "projects:silences"),
    ]
    return [(label, reverse(name)) for label, name in doors]


@require_safe
@listed
def capture_list(request: PersonRequest) -> Listing:
    scope = SicsCapture.objects.visible_to(request.user).select_related("committee__municipality")
    return society_list(
        CaptureFilter(request.GET, queryset=scope, request=request),
        CaptureTable,
        name="capturas-sics",
        title=_("SICS deadlines"),
        lead=_("What each committee did must be entered in the federal system within business days."),
        trail=[(_("Committees"), reverse("projects:committees"))],
    )


def works_of(request: PersonRequest) -> QuerySet[Project]:
    """Those a committee may still come to watch."""
    return Project.objects.visible_to(request.user).exclude(status__in=ENDED).order_by("folio")


def new_committee(request: PersonRequest) -> HttpResponse:
    """`?project=7` ticks one work."""
    _need_keeper(request)
    places = Municipality.objects.visible_to(request.user).filter(pk__in=request.user.municipalities())
    wanted = works_of(request).filter(pk=request.GET.get("project") or 0).first() if _is_number(request) else None
    place = wanted.municipality_id if wanted else request.user.municipality_id
    works = works_of(request).filter(municipality=place) if place else works_of(request)
    form = NewCommitteeForm(
        posted(request),
        request.FILES or None,
        works=works,
        places=places.filter(pk=place) if place else places,
        initial={"projects": [wanted.pk] if wanted else [], "fiscal_year": wanted.fiscal_year_id if wanted else None},
    )
    made: list[Committee] = []
    status = tried(form, lambda: made.append(services.constitute_committee(by=request.user, **form.cleaned_data)))
    if status is None:
        messages.success(request, _("The committee is recorded. Now write down its members."))
        return redirect("projects:committee", made[0].pk)
    context = {
        "form": form,
        "title": _("New committee"),
        "trail": [(_("Committees"), reverse("projects:committees"))],
        "button": _("Record it"),
    }
    return render(request, "projects/society/form.html", context, status=status)


def _is_number(request: PersonRequest) -> bool:
    return request.GET.get("project", "").isdecimal()


def _need_keeper(request: PersonRequest) -> None:
    if not services.keeps_committees(request.user):
        raise PermissionDenied(_("The municipality and the delegation keep the committees."))


def fetch_committee(request: PersonRequest, pk: int) -> Committee:
    related = ("municipality__state", "fiscal_year", "polygon")
    scope = Committee.objects.visible_to(request.user).select_related(*related).with_counts()
    return get_object_or_404(scope, pk=pk)


@require_safe
def committee(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch_committee(request, pk)
    least = services.number_of(found.fiscal_year, "committee_balance_percent")
    fewer = min(found.women, found.men)
    context = {
        "committee": found,
        "members": found.members.all() if services.sees_names(request.user) else None,
        "works": found.works.select_related("project"),
        "papers": found.papers.all(),
        "activities": found.activities.select_related("paper"),
        "forms": found.forms.select_related("project"),
        "captures": [(row, capture_standing(row)) for row in found.captures.all()],
        "least": least,
        "is_balanced": bool(found.people) and 100 * fewer >= least * found.people,
        "keeps": services.keeps_committees(request.user),
        "title": found.name,
        "kicker": f"{found.municipality}, {found.municipality.state} · {found.fiscal_year_id}",
        "trail": [(_("Committees"), reverse("projects:committees"))],
    }
    return render(request, "projects/society/committee.html", context)


def change_committee(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch_committee(request, pk)
    _need_keeper(request)
    watched = Project.objects.filter(pk__in=found.works.values("project"))
    works = works_of(request).filter(municipality=found.municipality_id)
    form = ChangeCommitteeForm(posted(request), instance=found, works=(works | watched).distinct())
    return _ask(
        request, found, form,
        lambda: services.change_committee(found, by=request.user, **form.cleaned_data),
        title=_("Registration and works"),
    )  # fmt: skip


def _ask(
    request: PersonRequest, found: Committee, form: forms.Form, service: Callable[[], object], *, title: str
) -> HttpResponse:
    return ask(
        request,
        form,
        service,
        title=title,
        trail=[
            (_("Committees"), reverse("projects:committees")),
            (found.name, reverse("projects:committee", args=[found.pk])),
        ],
        button=_("Save"),
        done=_("It is written down."),
    )


def add(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """A member, something the committee did, or a paper."""
    found = fetch_committee(request, pk)
    _need_keeper(request)
    today = found.municipality.local_day()
    by = request.user
    if what == "member":
        member = CommitteeMemberForm(posted(request), initial={"joined_on": found.constituted_on})
        return _ask(request, found, member, lambda: services.add_member(found, by=by, **member.cleaned_data),
                    title=_("New member"))  # fmt: skip
    if what == "activity":
        activity = ActivityForm(posted(request), request.FILES or None, initial={"on": today})
        return _ask(request, found, activity, lambda: services.record_activity(found, by=by, **activity.cleaned_data),
                    title=_("Training, materials or meeting"))  # fmt: skip
    if what == "paper":
        paper = CommitteePaperForm(posted(request), request.FILES or None)
        return _ask(request, found, paper,
                    lambda: services.keep_committee_paper(found, by=by, **paper.cleaned_data),
                    title=_("Add a document"))  # fmt: skip
    raise Http404


def end_member(request: PersonRequest, pk: int, member: int) -> HttpResponse:
    found = fetch_committee(request, pk)
    _need_keeper(request)
    person = get_object_or_404(CommitteeMember.objects.filter(committee=found, left_on=None), pk=member)
    form = EndMembershipForm(posted(request), initial={"on": found.municipality.local_day()})
    return _ask(
        request, found, form,
        lambda: services.end_membership(person, by=request.user, **form.cleaned_data),
        title=_("%(name)s leaves the committee") % {"name": person.name},
    )  # fmt: skip


def captured(request: PersonRequest, pk: int, capture: int) -> HttpResponse:
    found = fetch_committee(request, pk)
    _need_keeper(request)
    row = get_object_or_404(SicsCapture.objects.filter(committee=found), pk=capture)
    form = CapturedForm(posted(request), initial={"on": found.municipality.local_day()})
    return _ask(
        request, found, form,
        lambda: services.mark_captured(row, by=request.user, **form.cleaned_data),
        title=_("Entered in SICS: %(what)s") % {"what": row.get_what_display()},
    )  # fmt: skip


@require_safe
def committee_paper(request: PersonRequest, pk: int, paper: int) -> HttpResponseBase:
    """Signed lists and minutes name people: only for who reads names."""
    if not services.sees_names(request.user):
        raise PermissionDenied(_("Papers of committees name people."))
    found = get_object_or_404(CommitteePaper.objects.visible_to(request.user).filter(committee=pk), pk=paper)
    return download(found) if links.holds(request) else links.expired(request)


# ---- What it says of one work ---------------------------------------------------------------------------------------
@require_safe
def social(request: PersonRequest, pk: int) -> HttpResponse:
    """Social audit of one work: who watches it, what they filled in, their word or its waiver."""
    project = fetch(request, pk)
    types = [action.action_type for action in project.actions.select_related("action_type")]
    context = {
        "project": project,
        "needed": any(kind.needs_committee for kind in types),
        "committees": Committee.objects.watching(project, project.municipality.local_day()).with_counts(),
        "forms": project.vigilance_forms.select_related("committee").prefetch_related("answers__item"),
        "verdicts": project.committee_verdicts.select_related("committee"),
        "waivers": project.committee_waivers.select_related("asked_by", "decided_by", "document"),
        "keeps": services.keeps_committees(request.user),
        "may_ask": services.may_ask_waiver(request.user),
        "title": _("Social audit"),
        "kicker": f"{project.folio} · {project.name}",
        "trail": trail_of(project),
    }
    return render(request, "projects/society/social.html", context)


def _back(project: Project) -> list[tuple[str, str]]:
    return [*trail_of(project), (_("Social audit"), reverse("projects:social", args=[project.pk]))]


@require_safe
def blank_form(request: PersonRequest, pk: int) -> HttpResponse:
    """The cédula to be filled in by hand, with the work's data and a code that opens its public page."""
    project = fetch(request, pk)
    actions = project.actions.select_related("action_type")
    context = {
        "project": project,
        "actions": actions,
        "women": sum(action.women for action in actions),
        "men": sum(action.men for action in actions),
        "committee": Committee.objects.watching(project, project.municipality.local_day()).first(),
        "questions": services.questions_of(ChecklistItem.Form.VIGILANCE, project),
        "qr": qr_of(settings.PUBLIC_URL + reverse("projects:detail", args=[pk])),
    }
    response = HttpResponse(render_pdf("projects/society/vigilance_form.html", context), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="cedula-{project.folio}.pdf"'
    return response


def capture_form(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    _need_keeper(request)
    form = VigilanceAnswersForm(
        posted(request),
        request.FILES or None,
        committees=Committee.objects.watching(project, project.municipality.local_day()),
        questions=services.questions_of(ChecklistItem.Form.VIGILANCE, project),
        initial={"on": project.municipality.local_day()},
    )

    def save() -> None:
        said = form.cleaned_data
        words = {"on": said["on"], "note": said["note"], "upload": said["upload"], "answers": form.answers}
        services.capture_form(said["committee"], project, by=request.user, **words)

    return ask(
        request, form, save, title=_("Capture a vigilance form"), trail=_back(project), button=_("Capture it"),
        done=_("The form is captured. Its day in SICS has begun to run."),
    )  # fmt: skip


def word(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    _need_keeper(request)
    today = project.municipality.local_day()
    watching = Committee.objects.watching(project, today)
    form = WordForm(posted(request), request.FILES or None, committees=watching, initial={"on": today})
    return ask(
        request, form, lambda: services.record_verdict(project, by=request.user, **form.cleaned_data),
        title=_("The committee's word"), trail=_back(project), button=_("Record it"),
        done=_("The committee's word is in the file."),
    )  # fmt: skip


def waiver(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    if not services.may_ask_waiver(request.user):
        raise PermissionDenied(_("The municipality's certifier or the delegation asks for a waiver."))
    form = WaiverForm(posted(request), request.FILES or None)
    return ask(
        request, form, lambda: services.ask_waiver(project, by=request.user, **form.cleaned_data),
        title=_("Close without the committee's word"), trail=_back(project), button=_("Ask for it"),
        done=_("It was asked for. Another person decides it."),
    )  # fmt: skip


def decide_waiver(request: PersonRequest, pk: int, waiver: int) -> HttpResponse:
    project = fetch(request, pk)
    found = get_object_or_404(CommitteeWaiver.objects.visible_to(request.user).filter(project=project), pk=waiver)
    if request.user.role not in (Role.DELEGATE, Role.MANAGER):
        raise PermissionDenied(_("The delegation's head or the program unit decides it."))
    form = DecideWaiverForm(posted(request))
    return ask(
        request, form, lambda: services.decide_waiver(found, by=request.user, **form.cleaned_data),
        title=_("Decide the waiver"), trail=_back(project), button=_("Decide"), done=_("The decision is in the file."),
        lead=found.reason,
    )  # fmt: skip
