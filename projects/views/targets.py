"""Pages of one action of a proposal: whom it serves by age, and what each month builds and pays."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from habitat.accounts.requests import PersonRequest
from projects import services
from projects.forms import AgesForm, ScheduleForm
from projects.models import Action, Project
from projects.views.set_aside import survives_the_session
from projects.views.sheets import Sheet, editable


@survives_the_session
def edit_ages(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    project, chosen = _of(request, pk, action)
    sheet = Sheet(request, "targets", project, key=f"ages-{action}", autosave="keep")
    form = AgesForm(sheet.data, action=chosen)

    def save(form: AgesForm) -> None:
        services.set_ages(chosen, by=request.user, counts=form.counts, seen=sheet.seen_of(form))

    if sheet.saved([form], save):
        return redirect("projects:edit", pk, "targets")
    return sheet.show([form], {"form": form, "action": chosen}, "projects/edit_ages.html")


@survives_the_session
def edit_schedule(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """`?even` fills the boxes with equal months; nothing is kept before it is saved."""
    project, chosen = _of(request, pk, action)
    sheet = Sheet(request, "targets", project, key=f"schedule-{action}", autosave="keep")
    cost = services.cost_of(chosen)
    months = services.months_between(project.starts_on, project.ends_on)
    known = {part.month: (part.quantity, part.amount) for part in chosen.schedule.all()}
    data = sheet.data
    if "even" in request.GET and not sheet.is_posted:
        data = ScheduleForm.as_typed(services.spread_evenly(chosen, cost))
    form = ScheduleForm(data, months=months, known=known)

    def save(form: ScheduleForm) -> None:
        services.set_schedule(chosen, by=request.user, months=form.parts, seen=sheet.seen_of(form))

    if sheet.saved([form], save):
        return redirect("projects:edit", pk, "targets")
    context = {"form": form, "action": chosen, "cost": cost, "outside": sorted(set(known) - set(months))}
    return sheet.show([form], context, "projects/edit_schedule.html")


def _of(request: PersonRequest, pk: int, action: int) -> tuple[Project, Action]:
    project = editable(request, pk)
    return project, get_object_or_404(project.actions.select_related("action_type", "project"), pk=action)
