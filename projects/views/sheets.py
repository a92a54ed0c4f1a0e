"""What every page of the proposal's form shares: its place among the questions, saving, and the rules beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.accounts.requests import PersonRequest
from projects import rules, services
from projects.models import Project
from projects.papers import papers_of
from projects.refusals import Refused


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
        frozenset({"eligibilitycriterion", "location_basis", "overlaps_answered"}),
    ),
    Page(
        "targets",
        gettext_lazy("Targets and people"),
        gettext_lazy("How much, and for whom?"),
        frozenset({"one_modality", "types_of_the_year", "people_counted", "quantity_drawn"}),
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
