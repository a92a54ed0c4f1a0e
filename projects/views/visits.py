"""Visits to works, their checklists, and what must be done about what they found."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.accounts.models import User
from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from habitat.lib.pdf import render_pdf
from projects import services
from projects.forms.handovers import ReasonBoxForm
from projects.forms.visits import ClosePointForm, MakeVisitForm, PlanVisitForm, PointForm, QuestionForm
from projects.models import ActionPoint, ChecklistItem, Project, Visit
from projects.services.visits import VISITORS
from projects.tables.visits import (
    PointFilter,
    PointTable,
    VisitFilter,
    VisitTable,
    point_standing,
    standing_of,
)
from projects.views.asking import ask, society_list
from projects.views.closing import trail_of
from projects.views.record import fetch


def people_about(project: Project) -> QuerySet[User]:
    """Who acts on this work: its municipality's people, its delegation's, and the federation's."""
    place = project.municipality
    today = timezone.localdate()
    here = Q(municipality=place.pk) | Q(state=place.state_id) | Q(is_national=True)
    valid = Q(valid_to=None) | Q(valid_to__gte=today)
    acting = User.objects.filter(here, valid, is_active=True, can_write=True, valid_from__lte=today)
    return acting.exclude(role__in=["service", "auditor"]).order_by("name")


@require_safe
@listed
def visit_list(request: PersonRequest) -> Listing:
    scope = Visit.objects.visible_to(request.user).select_related("project__municipality", "visitor")
    return society_list(
        VisitFilter(request.GET, queryset=scope, request=request),
        VisitTable,
        name="visitas",
        title=_("Visits"),
        lead=_(
            "Visits to works, and verifications of what was handed over: does it exist, work, is it used, maintained."
        ),
        trail=[(_("Projects"), reverse("projects:list"))],
        tools=[
            (_("Action points"), reverse("projects:points")),
            *([(_("Checklists"), reverse("projects:checklists"))] if request.user.is_federal else []),
        ],
    )


@require_safe
@listed
def point_list(request: PersonRequest) -> Listing:
    scope = ActionPoint.objects.visible_to(request.user).annotate(is_closed=Q(closed_at__isnull=False))
    related = ("project__municipality", "owner", "by", "closed_by")
    return society_list(
        PointFilter(request.GET, queryset=scope.select_related(*related), request=request),
        PointTable,
        name="compromisos",
        title=_("Action points"),
        lead=_("What must be done after a visit, by whom and until when; each stays on its owner's desk until closed."),
        trail=[(_("Projects"), reverse("projects:list"))],
        tools=[(_("Visits"), reverse("projects:visits"))],
    )


@require_safe
def project_visits(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    visits = project.visits.select_related("visitor").prefetch_related("findings")
    points = project.action_points.select_related("owner", "by")
    context = {
        "project": project,
        "visits": [(visit, standing_of(visit)) for visit in visits],
        "points": [(point, point_standing(point)) for point in points],
        "may_visit": services.may_visit(request.user),
        "title": _("Visits and action points"),
        "kicker": f"{project.folio} · {project.name}",
        "trail": trail_of(project),
    }
    return render(request, "projects/society/visits.html", context)


def plan(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    _need_visitor(request)
    visitors = people_about(project).filter(role__in=VISITORS)
    initial = {"kind": Visit.Kind.SITE, "visitor": request.user.pk, "planned_on": timezone.localdate()}
    form = PlanVisitForm(posted(request), visitors=visitors, initial=initial)
    return ask(
        request,
        form,
        lambda: services.plan_visit(project, by=request.user, **form.cleaned_data),
        title=_("Plan a visit"),
        trail=[*trail_of(project), (_("Visits"), reverse("projects:project-visits", args=[pk]))],
        button=_("Plan it"),
        done=_("The visit is planned."),
    )


def _need_visitor(request: PersonRequest) -> None:
    if not services.may_visit(request.user):
        raise PermissionDenied(_("The delegation and the federation visit works."))


def _visit_of(request: PersonRequest, pk: int, visit: int) -> tuple[Project, Visit]:
    project = fetch(request, pk)
    found = Visit.objects.visible_to(request.user).filter(project=project).select_related("visitor", "document", "by")
    return project, get_object_or_404(found, pk=visit)


@require_safe
def visit(request: PersonRequest, pk: int, visit: int) -> HttpResponse:
    """What was planned, and what was seen."""
    project, found = _visit_of(request, pk, visit)
    context = {
        "project": project,
        "visit": found,
        "standing": standing_of(found),
        "answers": found.answers.select_related("item"),
        "findings": found.findings.prefetch_related("action_points__owner"),
        "may_visit": services.may_visit(request.user) and not (found.made_on or found.cancelled_at),
        "title": str(found),
        "kicker": f"{project.folio} · {project.name}",
        "trail": [*trail_of(project), (_("Visits"), reverse("projects:project-visits", args=[pk]))],
    }
    return render(request, "projects/society/visit.html", context)


def make(request: PersonRequest, pk: int, visit: int) -> HttpResponse:
    project, found = _visit_of(request, pk, visit)
    _need_visitor(request)
    questions = services.questions_of(found.kind, project)
    form = MakeVisitForm(
        posted(request),
        request.FILES or None,
        visit=found,
        questions=questions,
        owners=people_about(project),
        initial={"made_on": project.municipality.local_day()},
    )
    return ask(
        request,
        form,
        lambda: services.make_visit(found, by=request.user, **form.said),
        title=_("What the visit found"),
        trail=[*trail_of(project), (str(found), reverse("projects:visit", args=[pk, visit]))],
        button=_("Record the visit"),
        done=_("The visit is in the file."),
    )


def cancel(request: PersonRequest, pk: int, visit: int) -> HttpResponse:
    project, found = _visit_of(request, pk, visit)
    _need_visitor(request)
    form = ReasonBoxForm(posted(request))
    return ask(
        request,
        form,
        lambda: services.cancel_visit(found, by=request.user, **form.cleaned_data),
        title=_("Cancel the visit"),
        trail=[*trail_of(project), (str(found), reverse("projects:visit", args=[pk, visit]))],
        button=_("Cancel it"),
    )


@require_safe
def visit_form(request: PersonRequest, pk: int, visit: int) -> HttpResponse:
    """The form to take to the site, with the work's data and its questions."""
    project, found = _visit_of(request, pk, visit)
    context = {
        "project": project,
        "visit": found,
        "questions": services.questions_of(found.kind, project),
        "actions": project.actions.select_related("action_type"),
    }
    response = HttpResponse(render_pdf("projects/society/visit_form.html", context), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="visita-{project.folio}-{found.pk}.pdf"'
    return response


# ---- Action points --------------------------------------------------------------------------------------------------
def new_point(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    _need_visitor(request)
    form = PointForm(posted(request), owners=people_about(project))
    return ask(
        request,
        form,
        lambda: services.add_point(project, by=request.user, **form.cleaned_data),
        title=_("Ask for something to be done"),
        trail=[*trail_of(project), (_("Visits"), reverse("projects:project-visits", args=[pk]))],
        button=_("Ask for it"),
        done=_("It lies on the owner's desk."),
    )


def point(request: PersonRequest, pk: int, point: int) -> HttpResponse:
    """What must be done; who may closes it here."""
    project = fetch(request, pk)
    related = ("owner", "by", "closed_by", "document", "finding__visit")
    found = get_object_or_404(
        ActionPoint.objects.visible_to(request.user).filter(project=project).select_related(*related), pk=point
    )
    may_close = services.may_close_point(found, request.user)
    if request.method == "POST" and not services.closes_point(found, request.user):
        raise PermissionDenied(_("Its owner, who asked for it, or the delegation's head closes it."))
    form = ClosePointForm(posted(request), request.FILES or None)
    return ask(
        request,
        form,
        lambda: services.close_point(found, by=request.user, **form.cleaned_data),
        title=_("Action point"),
        trail=[*trail_of(project), (_("Visits"), reverse("projects:project-visits", args=[pk]))],
        button=_("Close it"),
        done=_("The action point is closed."),
        template="projects/society/point.html",
        point=found,
        project=project,
        standing=point_standing(found),
        may_close=may_close,
    )


# ---- The questions --------------------------------------------------------------------------------------------------
@require_safe
def checklists(request: PersonRequest) -> HttpResponse:
    """The printed forms' questions; read by everybody who works with them."""
    rows = ChecklistItem.objects.select_related("modality")
    context = {
        "forms": [(label, [row for row in rows if row.form == form]) for form, label in ChecklistItem.Form.choices],
        "may_write": services.may_write_questions(request.user),
        "title": _("Checklists"),
        "lead": _(
            "What is asked on a visit, in a verification and in the committee's form. The program unit writes it."
        ),
        "trail": [(_("Visits"), reverse("projects:visits"))],
        "tools": [(_("New question"), reverse("projects:new-question"))]
        if services.may_write_questions(request.user)
        else [],
    }
    return render(request, "projects/society/checklists.html", context)


def new_question(request: PersonRequest) -> HttpResponse:
    return _question(request, None)


def question(request: PersonRequest, pk: int) -> HttpResponse:
    return _question(request, get_object_or_404(ChecklistItem, pk=pk))


def _question(request: PersonRequest, item: ChecklistItem | None) -> HttpResponse:
    if not services.may_write_questions(request.user):
        raise PermissionDenied(_("The program unit writes the checklists."))
    form = QuestionForm(posted(request), instance=item)
    return ask(
        request,
        form,
        lambda: services.save_question(form.save(commit=False), by=request.user),
        title=_("Question of a checklist"),
        trail=[(_("Visits"), reverse("projects:visits")), (_("Checklists"), reverse("projects:checklists"))],
        button=_("Save"),
        done=_("The question is saved."),
        lead=_("A question that has answers keeps its words; retire it and write another.")
        if item and services.is_answered(item)
        else "",
    )
