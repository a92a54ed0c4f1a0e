"""The proposal, one question a page. Each page saves the draft, so that it can be taken up again anywhere."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpResponse
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
from projects.views.pages import PAGES
from projects.views.pairs import read_marks
from projects.views.set_aside import survives_the_session
from projects.views.sheets import Sheet, editable, go
from projects.views.site_files import shown_file


@survives_the_session
def new(request: PersonRequest) -> HttpResponse:
    if not services.may_prepare(request.user):
        raise PermissionDenied(_("Only those who prepare proposals begin one."))
    year_rules = services.rules_for_new_projects()
    if year_rules is None:
        return render(request, "projects/no_open_year.html", status=409)
    sheet = Sheet(request, "work", key="new", autosave="keep")
    form = ProposeForm(sheet.data, user=request.user, rules=year_rules)
    begun: list[Project] = []

    def begin(form: ProposeForm) -> None:
        answers = dict(form.cleaned_data)
        action_type, quantity = answers.pop("action_type"), answers.pop("quantity")
        project = services.create_draft(by=request.user, modality=action_type.modality, **answers)
        services.add_action(project, by=request.user, action_type=action_type, quantity=quantity)
        begun.append(project)

    if sheet.saved([form], begin):
        return go(begun[0], "place")
    return sheet.show([form], {"form": form, "year_rules": year_rules})


@survives_the_session
def edit(request: PersonRequest, pk: int, page: str) -> HttpResponse:
    """A page of an existing proposal: its view is found by the page's name."""
    return VIEWS[page](request, editable(request, pk))


def edit_work(request: PersonRequest, project: Project) -> HttpResponse:
    names = ("name", "description", "strand", "execution_form", "starts_on", "ends_on")
    sheet = Sheet(request, "work", project)
    form = DescribeForm(sheet.data, initial={name: getattr(project, name) for name in names})
    if sheet.saved([form], lambda form: write(sheet, form)):
        return sheet.onward(go(project, "place"), [form])
    return sheet.show([form], {"form": form})


def write(sheet: Sheet, form: Form) -> None:
    """A form whose fields are the project's own."""
    services.update_draft(sheet.project, by=sheet.request.user, seen=sheet.seen_of(form), **form.cleaned_data)


def edit_place(request: PersonRequest, project: Project) -> HttpResponse:
    versions = (
        PolygonVersion.objects.visible_to(request.user)
        .published()
        .filter(polygon__municipality=project.municipality_id)
        .select_related("polygon")
    )
    initial = {"polygon_version": project.polygon_version_id, "neighbourhood": project.neighbourhood}
    sheet = Sheet(request, "place", project)
    form = PlaceForm(sheet.data, versions=versions, initial=initial)
    if sheet.saved([form], lambda form: write(sheet, form)):
        first = project.actions.exclude(action_type__geometry_kind=GeometryKind.NONE).first()
        onward = redirect("projects:site", project.pk, first.pk) if first else go(project, "targets")
        return sheet.onward(onward, [form])
    return sheet.show([form], {"form": form, "actions": placed_actions(project)})


@survives_the_session
def edit_site(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """Where one action of the proposal lies."""
    project = editable(request, pk)
    chosen = get_object_or_404(project.actions.select_related("action_type", "project"), pk=action)
    version = project.polygon_version
    blocks = version.blocks.exclude(geometry=None).order_by("code") if version else Block.objects.none()
    sheet = Sheet(request, "place", project, key=f"site-{action}", autosave="keep")
    form = SiteForm(sheet.data, action=chosen, blocks=blocks)

    def save(form: SiteForm) -> None:
        seen = sheet.seen_of(form)
        if form.cleaned_data.get("blocks"):
            services.set_site(chosen, by=request.user, blocks=form.cleaned_data["blocks"], seen=seen)
        elif form.has_new_place:
            services.set_site(chosen, by=request.user, geometry=form.cleaned_data["place"], seen=seen)

    if sheet.saved([form], save):
        others = [other for other in placed_actions(project) if other.geometry is None and other.pk != chosen.pk]
        return redirect("projects:site", pk, others[0].pk) if others else go(project, "targets")
    context = {
        "form": form,
        "action": chosen,
        "location": services.locate(chosen) if chosen.geometry else None,
        "file": shown_file(request, project),
        "map": site_map(project, [chosen]) | {"draws": f"#{form['place'].id_for_label}"},
    }
    return sheet.show([form], context, template="projects/edit_site.html")


def placed_actions(project: Project) -> list[Action]:
    actions = project.actions.select_related("action_type").prefetch_related("touched")
    return [action for action in actions if action.action_type.geometry_kind != GeometryKind.NONE]


def edit_targets(request: PersonRequest, project: Project) -> HttpResponse:
    sheet = Sheet(request, "targets", project)
    actions = project.actions.select_related("action_type").prefetch_related("ages", "schedule")
    forms = [ActionForm(sheet.data_for(f"action-{action.pk}"), action=action) for action in actions]

    def save(form: ActionForm) -> None:
        services.change_action(form.action, by=request.user, seen=sheet.seen_of(form), **form.cleaned_data)

    if sheet.saved(forms, save):
        return sheet.onward(go(project, "funding"), forms)
    removals = [(form.action, sheet.marks_of(form)) for form in forms]
    context = {"forms": forms, "removals": removals, "contradictions": services.contradictions(project)}
    return sheet.show(forms, context)


@survives_the_session
def add_action(request: PersonRequest, pk: int) -> HttpResponse:
    """One more action of the project's modality; then its site, where it has one."""
    project = editable(request, pk)
    sheet = Sheet(request, "targets", project, key="new-action", autosave="keep")
    form = ActionForm(sheet.data, types=project.rules.action_types.filter(modality=project.modality_id))
    added: list[Action] = []

    def save(form: ActionForm) -> None:
        added.append(services.add_action(project, by=request.user, **form.cleaned_data))

    if sheet.saved([form], save):
        has_place = added[0].action_type.geometry_kind != GeometryKind.NONE
        return redirect("projects:site", pk, added[0].pk) if has_place else go(project, "targets")
    return sheet.show([form], {"form": form}, template="projects/add_action.html")


@require_POST
def remove_action(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    project = editable(request, pk)
    chosen = get_object_or_404(project.actions.all(), pk=action)
    try:
        services.remove_action(chosen, by=request.user, seen=read_marks(request.POST.get("seen", "{}")))
    except (Refused, ValidationError) as error:
        messages.error(request, " ".join(error.messages))
    return go(project, "targets")


def edit_funding(request: PersonRequest, project: Project) -> HttpResponse:
    sheet = Sheet(request, "funding", project)
    actions = project.actions.select_related("action_type").prefetch_related("contributions")
    forms = [FundingForm(sheet.data_for(f"action-{action.pk}"), action=action) for action in actions]

    def save(form: FundingForm) -> None:
        services.set_contributions(
            form.action,
            by=request.user,
            amounts=form.amounts,
            unit_price=form.cleaned_data["unit_price"],
            seen=sheet.seen_of(form),
        )

    if sheet.saved(forms, save):
        return sheet.onward(go(project, "documents"), forms)
    return sheet.show(forms, {"forms": forms})


def edit_documents(request: PersonRequest, project: Project) -> HttpResponse:
    sheet = Sheet(request, "documents", project, autosave="")
    form = DocumentForm(posted(request), request.FILES or None, initial={"kind": request.GET.get("kind")})

    def save(form: DocumentForm) -> None:
        services.attach_document(project, form.cleaned_data["kind"], form.cleaned_data["file"], by=request.user)

    if sheet.saved([form], save, field="file"):
        messages.success(request, _("The document is in the file."))
        return go(project, "documents")
    return sheet.show([form], {"form": form})


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
    context = {
        "actions": actions,
        "totals": totals_of(project, actions),
        "why_not": services.why_not_ready(project),
        "unfinished": [page for page in PAGES if services.typing_of(project, page.name, by=request.user)],
    }
    return Sheet(request, "summary", project, autosave="").show([], context)


VIEWS = {
    "work": edit_work,
    "place": edit_place,
    "targets": edit_targets,
    "funding": edit_funding,
    "documents": edit_documents,
    "summary": edit_summary,
}
