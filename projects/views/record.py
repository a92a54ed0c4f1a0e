"""One project: what it is, where it stands, what comes next. The public reads it without papers and names."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.accounts.requests import PersonRequest
from habitat.lib import links
from habitat.lib.documents import download
from habitat.lib.forms import posted
from habitat.lib.pdf import render_pdf
from projects import rules, services
from projects.balances import paid_of
from projects.changes import changes_since_return
from projects.fingerprints import fingerprint_of, short
from projects.forms import DocumentForm
from projects.models import DestroyedFile, Document, Letter, Observation, ProgressReport, Project
from projects.papers import papers_of
from projects.records import actions_of, months_of_works, site_map, stages, timeline, totals_of
from projects.sketch import sketch
from projects.tables.alerts import sentence_of, title_of
from projects.tables.letters import standing_of
from projects.workflow import MAIN_ROAD, Status

# While somebody still decides on what the municipality changed.
BEFORE_APPROVAL = frozenset({Status.SUBMITTED, Status.AUTHORISED, Status.IN_REVIEW, Status.OBSERVED, Status.NUMBERED})


def fetch(request: HttpRequest, pk: int) -> Project:
    """404 outside one's scope."""
    related = (
        "rules",
        "fiscal_year",
        "strand",
        "modality",
        "municipality__state",
        "polygon_version__polygon",
        "integral_project",
        "assigned_to",
        "ready_by",
    )
    return get_object_or_404(Project.objects.visible_to(request.user).select_related(*related), pk=pk)


@login_not_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    history = list(project.history.select_related("by__municipality", "by__state"))
    actions = actions_of(project)
    reports = {
        dt.date(report.year, report.month, 1): report
        for report in ProgressReport.objects.visible_to(request.user).standing().filter(project=project)
    }
    context = {
        "project": project,
        "actions": actions,
        "totals": totals_of(project, actions),
        "map": site_map(project, actions) if any(action.geometry for action in actions) else None,
        "stages": stages(project, history),
        "events": timeline(project, history, shows_people=request.user.is_authenticated),
        "reports": reports,
        "silence": services.silence_over(project.state_code, request.user),
    }
    if project.is_public:
        context["paid"] = sum(paid_of(Project.objects.filter(pk=project.pk)).get(project.pk, {}).values())
    if request.user.is_authenticated:
        context |= inside(project, request.user)
        context["months"] = [month for month in months_of_works(history) if month not in reports]
    return render(request, "projects/project_detail.html", context)


def inside(project: Project, user: User) -> dict[str, object]:
    """What only those of the territory see: rules, steps, papers, remarks, opinions."""
    facts = rules.Facts(project)
    verdicts = rules.judge_facts(facts)
    offers = services.offers(project, user, judgements=verdicts)
    opened = services.open_sections(project, user)
    return {
        "pressing": [verdict for verdict in verdicts if presses(verdict, offers)],
        "other_verdicts": [verdict for verdict in verdicts if not presses(verdict, offers)],
        "counts": {outcome: sum(v.outcome == outcome for v in verdicts) for outcome in ("pass", "fail", "unknown")},
        # One primary button: the first step of the road that can be taken.
        "primary": next((o for o in offers if o.is_allowed and o.move.target in MAIN_ROAD), None),
        "my_offers": [offer for offer in offers if offer.is_mine],
        "other_offers": [offer for offer in offers if not offer.is_mine],
        "papers": papers_of(project, verdicts),
        "letters": letters_of(project, user) if project.status != Status.DRAFT else [],
        "observations": project.observations.order_by("pk"),
        "opinions": project.opinions.select_related("asked_by", "given_by", "modality"),
        "returned": changes_since_return(project) if project.status in BEFORE_APPROVAL else None,
        "paper_signature": services.paper_signature(project),
        "comments": project.draft_comments.filter(settled_at=None) if project.status == Status.DRAFT else [],
        "exceptions": project.exceptions.all(),
        "alerts": [(alert, title_of(alert), sentence_of(alert)) for alert in project.alerts.open()],
        "may_ask_exception": services.may_ask_exception(user),
        "overlaps": facts.overlaps,
        # Where the next correction, or line, is written.
        "first_open": next((section for section in Observation.Section.values if section in opened), None),
        "may_take": services.may_take(project, user),
        "may_hand_over": services.may_hand_over(project, user),
        "may_attach": services.may_attach(project, user),
        "late": bool(project.due_on and project.due_on < timezone.localdate()),
    }


def letters_of(project: Project, user: User) -> list[tuple[Letter, tuple[str, str]]]:
    """The letters that list it, each with its standing (family of the badge, words). One query."""
    found = Letter.objects.visible_to(user).filter(lines__project=project).select_related("replacement")
    return [(letter, standing_of(letter)) for letter in found]


def presses(verdict: rules.Judgement, offers: list[services.Offer]) -> bool:
    """Whether it stands in the way of a step that leads on from here, or would."""
    return verdict.outcome == "fail" or any(verdict.blocks(offer.step.name) for offer in offers)


@login_not_required
def ph01(request: HttpRequest, pk: int) -> HttpResponse:
    """The technical annex as a tagged PDF; the public's has no names, as its page."""
    project = fetch(request, pk)
    actions = actions_of(project)
    prefetch_related_objects(actions, "ages", "schedule")
    context = {
        "project": project,
        "actions": actions,
        "totals": totals_of(project, actions),
        "sketch": sketch(project),
        "verdicts": rules.evaluate(project) if request.user.is_authenticated else [],
        "fingerprint": short(fingerprint_of(project)),
        "printed_at": timezone.now(),
    }
    response = HttpResponse(render_pdf("projects/ph01.html", context), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="PH-01-{project.folio}.pdf"'
    return response


def attach(request: PersonRequest, pk: int) -> HttpResponse:
    """Add a paper after the proposal left the municipality's hands: opinions, contract, minutes, certificate."""
    project = fetch(request, pk)
    if not services.may_attach(project, request.user):
        raise PermissionDenied(_("You cannot add documents to this project now."))
    form = DocumentForm(posted(request), request.FILES or None, initial={"kind": request.GET.get("kind")})
    if form.is_valid():
        answers = form.cleaned_data
        try:
            services.attach_document(project, answers["kind"], answers["file"], by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, _("The document is in the file."))
            return redirect("projects:detail", pk)
    context = {"project": project, "form": form, "papers": papers_of(project, rules.evaluate(project))}
    return render(request, "projects/attach.html", context, status=400 if form.errors else 200)


def document(request: HttpRequest, pk: int, document: int) -> HttpResponseBase:
    """Only those of the project's territory, by a link of theirs; everybody else finds nothing."""
    paper = get_object_or_404(Document.objects.visible_to(request.user).filter(project=pk), pk=document)
    destroyed = DestroyedFile.objects.filter(document=paper).select_related("destruction").first()
    if destroyed:
        return render(request, "projects/handover/destroyed.html", {"destroyed": destroyed}, status=410)
    return download(paper) if links.holds(request) else links.expired(request)
