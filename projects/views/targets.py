"""Pages of one action of a proposal: whom it serves by age, and what each month builds and pays."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms import AgesForm, ScheduleForm
from projects.models import Action, Project
from projects.views.sheets import editable, saved, show


def edit_ages(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    project, chosen = _of(request, pk, action)
    form = AgesForm(posted(request), action=chosen)
    if saved(request, [form], lambda: services.set_ages(chosen, by=request.user, counts=form.counts)):
        return redirect("projects:edit", pk, "targets")
    return _page(request, project, form, {"action": chosen}, "projects/edit_ages.html")


def edit_schedule(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """`?even` fills the boxes with equal months; nothing is kept before it is saved."""
    project, chosen = _of(request, pk, action)
    cost = services.cost_of(chosen)
    months = services.months_between(project.starts_on, project.ends_on)
    known = {part.month: (part.quantity, part.amount) for part in chosen.schedule.all()}
    if "even" in request.GET:
        known = services.spread_evenly(chosen, cost)
    form = ScheduleForm(posted(request), months=months, known=known)
    if saved(request, [form], lambda: services.set_schedule(chosen, by=request.user, months=form.parts)):
        return redirect("projects:edit", pk, "targets")
    outside = sorted(set(known) - set(months))
    context = {"action": chosen, "cost": cost, "outside": outside}
    return _page(request, project, form, context, "projects/edit_schedule.html")


def _of(request: PersonRequest, pk: int, action: int) -> tuple[Project, Action]:
    project = editable(request, pk)
    return project, get_object_or_404(project.actions.select_related("action_type", "project"), pk=action)


def _page(request: PersonRequest, project: Project, form: Form, context: dict, template: str) -> HttpResponse:
    return show(request, project, "targets", [form], {"form": form} | context, template=template)
