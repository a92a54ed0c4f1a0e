"""The proposal, one question a page. Each page saves the draft, so that it can be taken up again anywhere."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from modalities.models import GeometryKind
from polygons.models import Block, PolygonVersion
from projects import services
from projects.forms import ActionForm, DescribeForm, DocumentForm, FundingForm, PlaceForm, ProposeForm, SiteForm
from projects.models import Action, Document, Project
from projects.records import actions_of, site_map, totals_of
from projects.refusals import Refused
from projects.views.sheets import BY_NAME, editable, go, saved, show, steps_of


def new(request: PersonRequest) -> HttpResponse:
    if not services.may_prepare(request.user):
        raise PermissionDenied(_("Only those who prepare proposals begin one."))
    year_rules = services.rules_for_new_projects()
    if year_rules is None:
        return render(request, "projects/no_open_year.html", status=409)
    form = ProposeForm(posted(request), user=request.user, rules=year_rules)
    if form.is_valid():
        answers = form.cleaned_data
        action_type, quantity = answers.pop("action_type"), answers.pop("quantity")
        with transaction.atomic():
            project = services.create_draft(by=request.user, modality=action_type.modality, **answers)
            services.add_action(project, by=request.user, action_type=action_type, quantity=quantity)
        return redirect("projects:edit", project.pk, "place")
    page = BY_NAME["work"]
    return render(
        request,
        "projects/edit_work.html",
        {"form": form, "page": page, "steps": steps_of(page), "year_rules": year_rules},
        status=400 if form.errors else 200,
    )


def edit(request: HttpRequest, pk: int, page: str) -> HttpResponse:
    """A page of an existing proposal: its view is found by the page's name."""
    return VIEWS[page](request, editable(request, pk))


def edit_work(request: PersonRequest, project: Project) -> HttpResponse:
    names = ("name", "description", "strand", "execution_form", "starts_on", "ends_on")
    form = DescribeForm(posted(request), initial={name: getattr(project, name) for name in names})
    if saved(request, [form], lambda: services.update_draft(project, by=request.user, **form.cleaned_data)):
        return redirect("projects:edit", project.pk, "place")
    return show(request, project, "work", [form], {"form": form})


def edit_place(request: PersonRequest, project: Project) -> HttpResponse:
    versions = (
        PolygonVersion.objects.visible_to(request.user)
        .published()
        .filter(polygon__municipality=project.municipality_id)
        .select_related("polygon")
    )
    initial = {"polygon_version": project.polygon_version_id, "neighbourhood": project.neighbourhood}
    form = PlaceForm(posted(request), versions=versions, initial=initial)
    if saved(request, [form], lambda: services.update_draft(project, by=request.user, **form.cleaned_data)):
        first = project.actions.exclude(action_type__geometry_kind=GeometryKind.NONE).first()
        return redirect("projects:site", project.pk, first.pk) if first else go(project, "targets")
    return show(request, project, "place", [form], {"form": form, "actions": placed_actions(project)})


def edit_site(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """Where one action of the proposal lies."""
    project = editable(request, pk)
    chosen = get_object_or_404(project.actions.select_related("action_type", "project"), pk=action)
    version = project.polygon_version
    blocks = version.blocks.exclude(geometry=None).order_by("code") if version else Block.objects.none()
    form = SiteForm(posted(request), action=chosen, blocks=blocks)

    def save() -> None:
        if form.cleaned_data.get("blocks"):
            services.set_site(chosen, by=request.user, blocks=form.cleaned_data["blocks"])
        elif form.has_new_place:
            services.set_site(chosen, by=request.user, geometry=form.cleaned_data["place"])

    if saved(request, [form], save):
        others = [other for other in placed_actions(project) if other.geometry is None and other.pk != chosen.pk]
        return redirect("projects:site", pk, others[0].pk) if others else go(project, "targets")
    context = {
        "form": form,
        "action": chosen,
        "location": services.locate(chosen) if chosen.geometry else None,
        "map": site_map(project, [chosen]) | {"draws": f"#{form['place'].id_for_label}"},
    }
    return show(request, project, "place", [form], context, template="projects/edit_site.html")


def placed_actions(project: Project) -> list[Action]:
    actions = project.actions.select_related("action_type").prefetch_related("touched")
    return [action for action in actions if action.action_type.geometry_kind != GeometryKind.NONE]


def edit_targets(request: PersonRequest, project: Project) -> HttpResponse:
    actions = project.actions.select_related("action_type").prefetch_related("ages", "schedule")
    forms = [ActionForm(posted(request), action=action) for action in actions]

    def save() -> None:
        for form in forms:
            services.change_action(form.action, by=request.user, **form.cleaned_data)

    if saved(request, forms, save):
        return go(project, "funding")
    context = {"forms": forms, "contradictions": services.contradictions(project)}
    return show(request, project, "targets", forms, context)


def add_action(request: PersonRequest, pk: int) -> HttpResponse:
    """One more action of the project's modality; then its site, where it has one."""
    project = editable(request, pk)
    form = ActionForm(posted(request), types=project.rules.action_types.filter(modality=project.modality_id))
    added: list[Action] = []
    if saved(request, [form], lambda: added.append(services.add_action(project, by=request.user, **form.cleaned_data))):
        has_place = added[0].action_type.geometry_kind != GeometryKind.NONE
        return redirect("projects:site", pk, added[0].pk) if has_place else go(project, "targets")
    return show(request, project, "targets", [form], {"form": form}, template="projects/add_action.html")


@require_POST
def remove_action(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    project = editable(request, pk)
    chosen = get_object_or_404(project.actions.all(), pk=action)
    try:
        services.remove_action(chosen, by=request.user)
    except (Refused, ValidationError) as error:
        messages.error(request, " ".join(error.messages))
    return go(project, "targets")


def edit_funding(request: PersonRequest, project: Project) -> HttpResponse:
    actions = project.actions.select_related("action_type").prefetch_related("contributions")
    forms = [FundingForm(posted(request), action=action) for action in actions]

    def save() -> None:
        for form in forms:
            services.set_contributions(
                form.action, by=request.user, amounts=form.amounts, unit_price=form.cleaned_data["unit_price"]
            )

    if saved(request, forms, save):
        return go(project, "documents")
    return show(request, project, "funding", forms, {"forms": forms})


def edit_documents(request: PersonRequest, project: Project) -> HttpResponse:
    form = DocumentForm(posted(request), request.FILES or None, initial={"kind": request.GET.get("kind")})

    def save() -> None:
        services.attach_document(project, form.cleaned_data["kind"], form.cleaned_data["file"], by=request.user)

    if saved(request, [form], save, field="file"):
        messages.success(request, _("The document is in the file."))
        return go(project, "documents")
    return show(request, project, "documents", [form], {"form": form})


@require_POST
def remove_document(request: PersonRequest, pk: int, document: int) -> HttpResponse:
    project = editable(request, pk)
    chosen = get_object_or_404(Document.objects.visible_to(request.user).filter(project=project), pk=document)
    try:
        services.remove_document(chosen, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    return go(project, "documents")


def edit_summary(request: PersonRequest, project: Project) -> HttpResponse:
    """The whole proposal before it is handed to the certifier; POST marks it ready."""
    if request.method == "POST":
        try:
            services.mark_ready(project, by=request.user)
        except Refused as error:
            messages.error(request, " ".join(error.messages))
            return go(project, "summary")
        messages.success(
            request, _("The proposal is marked ready. The certifier of your government can submit it now.")
        )
        return redirect("projects:detail", project.pk)
    actions = actions_of(project)
    return show(request, project, "summary", [], {"actions": actions, "totals": totals_of(project, actions)})


VIEWS = {
    "work": edit_work,
    "place": edit_place,
    "targets": edit_targets,
    "funding": edit_funding,
    "documents": edit_documents,
    "summary": edit_summary,
}
