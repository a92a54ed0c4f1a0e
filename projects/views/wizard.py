"""The proposal, one question a page. Each page saves the draft, so that it can be taken up again anywhere."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from modalities.models import GeometryKind
from polygons.models import Block, PolygonVersion
from projects import rules, services
from projects.forms import ActionForm, DescribeForm, DocumentForm, FundingForm, PlaceForm, ProposeForm, SiteForm
from projects.models import Action, Document, Observation, Project
from projects.papers import papers_of
from projects.records import actions_of, site_map, totals_of
from projects.refusals import Refused

Section = Observation.Section


@dataclass(frozen=True)
class Page:
    """A question of the form; `judges` names the kinds or codes of the rules shown beside it."""

    name: str
    label: Promise
    question: Promise
    judges: frozenset[str] = frozenset()


PAGES = (
    Page(
        "work",
        gettext_lazy("Work or action"),
        gettext_lazy("What will be done?"),
        frozenset({"capture_window", "works_inside_dates"}),
    ),
    Page(
        "place",
        gettext_lazy("Place"),
        gettext_lazy("Where will it be done?"),
        frozenset({"eligibilitycriterion", "location_basis"}),
    ),
    Page(
        "targets",
        gettext_lazy("Targets and people"),
        gettext_lazy("How much, and for whom?"),
        frozenset({"one_modality", "types_of_the_year", "people_counted"}),
    ),
    Page(
        "funding",
        gettext_lazy("Funding"),
        gettext_lazy("Who pays for it?"),
        frozenset({"funding_complete", "sharerule", "caprule", "mixrule", "ceiling"}),
    ),
    Page(
        "documents",
        gettext_lazy("Documents"),
        gettext_lazy("Which papers go with it?"),
        frozenset({"requireddocument"}),
    ),
    Page("summary", gettext_lazy("Summary and sending"), gettext_lazy("Is everything right?")),
)
BY_NAME = {page.name: page for page in PAGES}


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


def editable(request: PersonRequest, pk: int) -> Project:
    """404 outside one's territory, 403 for who does not prepare proposals."""
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related(
            "rules", "fiscal_year", "strand", "modality", "municipality__state", "polygon_version__polygon"
        ),
        pk=pk,
    )
    if not services.may_prepare(request.user):
        raise PermissionDenied(_("Only those who prepare proposals change them."))
    return project


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
    forms = [ActionForm(posted(request), action=action) for action in project.actions.select_related("action_type")]

    def save() -> None:
        for form in forms:
            services.change_action(form.action, by=request.user, **form.cleaned_data)

    if saved(request, forms, save):
        return go(project, "funding")
    return show(request, project, "targets", forms, {"forms": forms})


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
            services.set_contributions(form.action, by=request.user, amounts=form.amounts)

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


def go(project: Project, page: str) -> HttpResponse:
    return redirect("projects:edit", project.pk, page)


def saved(request: HttpRequest, forms: list[Form], save: Callable[[], object], field: str | None = None) -> bool:
    """Whether every form holds and the service took it; a refusal becomes an error of the first form, at `field`."""
    # Every form is asked, so that every error shows at once.
    held = [form.is_valid() for form in forms]
    if request.method != "POST" or not all(held):
        return False
    try:
        with transaction.atomic():
            save()
    except ValidationError as error:
        forms[0].add_error(field, error)
        return False
    except Refused as error:
        forms[0].add_error(None, " ".join(error.messages))
        return False
    return True


def steps_of(current: Page, project: Project | None = None) -> list[dict[str, object]]:
    """The six questions for the stepper; those of an existing draft can be opened in any order."""
    reached = PAGES.index(current)
    steps = []
    for number, page in enumerate(PAGES):
        state = "past" if number < reached else "now" if number == reached else "next"
        when = _("%(number)s of %(count)s") % {"number": number + 1, "count": len(PAGES)} if state == "now" else ""
        url = reverse("projects:edit", args=[project.pk, page.name]) if project and state != "now" else ""
        steps.append({"label": page.label, "state": state, "when": when, "url": url})
    return steps


def concerns(page: Page, verdict: rules.Judgement) -> bool:
    """Beside a question stand its own rules; beside the papers and the summary, what stands in the way."""
    if page.name in ("documents", "summary"):
        own = not page.judges or verdict.kind in page.judges
        return own and (verdict.outcome == "fail" or verdict.blocks("submit"))
    return bool({verdict.kind, verdict.code} & page.judges)


def show(
    request: PersonRequest,
    project: Project,
    name: str,
    forms: Iterable[Form],
    context: dict[str, object],
    template: str = "",
) -> HttpResponse:
    """A page of the form, with the rules it bears on beside it; 400 where an answer was refused."""
    page = BY_NAME[name]
    judged = rules.evaluate(project)
    opened = services.open_sections(project, request.user)
    context |= {
        "project": project,
        "page": page,
        "steps": steps_of(page, project),
        "previous": PAGES[PAGES.index(page) - 1] if page != PAGES[0] else None,
        "verdicts": [verdict for verdict in judged if concerns(page, verdict)],
        "papers": papers_of(project, judged) if name in ("documents", "summary") else [],
        "observations": project.observations.filter(section=name),
        "is_open": name in opened or (name == "summary" and bool(opened)),
    }
    refused = any(form.errors for form in forms)
    return render(request, template or f"projects/edit_{name}.html", context, status=400 if refused else 200)
