"""Taking a step: a page that says what it does and what is missing, then the service decides."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.accounts.second_factor import before_signing
from habitat.lib.forms import posted
from projects import services
from projects.changes import changes_since_return
from projects.forms import AskOpinionForm, OpinionForm, OverlapForm, ReasonForm, RemarksForm, StepForm, TextForm
from projects.models import Observation, Opinion, Project, Silence
from projects.refusals import Refused, StepRefused
from projects.views.record import fetch
from projects.windows import capture_of
from projects.workflow import Step, steps_of

# Steps that people like to hold an event for.
OCCASIONS = frozenset({"start", "finish", "hand_over"})


def take_step(request: PersonRequest, pk: int, step: str) -> HttpResponse:
    """GET says what the step does; POST takes it. 403: another's step. 409: one's own, but something is missing."""
    project = fetch(request, pk)
    chosen = steps_of(project.rules.workflow).get(step)
    if chosen is None:
        raise Http404
    if request.user.role not in {move.role for move in chosen.moves}:
        raise PermissionDenied(_("This step is not yours."))
    if request.method == "POST" and chosen.is_signed:
        return before_signing(_answer)(request, project, chosen)
    return _answer(request, project, chosen)


def _answer(request: PersonRequest, project: Project, chosen: Step) -> HttpResponse:
    form = form_of(chosen)(posted(request))
    refusal, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                change = services.take_step(project, chosen.name, by=request.user, **form.said)
            except StepRefused as error:
                refusal, status = error, 409
            else:
                messages.success(
                    request, _("Done: the project is “%(status)s”.") % {"status": change.get_to_status_display()}
                )
                return redirect("projects:detail", project.pk)
    offer = next((offer for offer in services.offers(project, request.user) if offer.step == chosen), None)
    context = {
        "project": project,
        "step": chosen,
        "offer": offer,
        "form": form,
        "capture": capture_of(project.fiscal_year, project.municipality) if chosen.name == "submit" else None,
        "refusal": refusal,
        "silence": silence_over(project, chosen),
        "observations": project.observations.order_by("pk") if chosen.name == "answer" else [],
        "returned": changes_since_return(project),
    }
    return render(request, "projects/take_step.html", context, status=status)


def silence_over(project: Project, step: Step) -> Silence | None:
    """Where what is done is an occasion: the beginning, the end and the handover of works are not celebrated."""
    if step.name not in OCCASIONS:
        return None
    return services.silence_of(project.state_code, project.municipality.local_day())


def form_of(step: Step) -> type[StepForm]:
    if step.name == "observe":
        return RemarksForm
    return ReasonForm if step.needs_reason else StepForm


def observation(request: PersonRequest, pk: int, observation: int) -> HttpResponse:
    """The municipality's answer to one remark of the review."""
    project = fetch(request, pk)
    remark = get_object_or_404(Observation.objects.filter(project=project), pk=observation)
    if not request.user.is_local:
        raise PermissionDenied(_("The municipality answers its observations."))
    form = TextForm(posted(request), initial={"text": remark.answer})
    form.fields["text"].label = _("Answer")
    status = asked(form, lambda: services.answer_observation(remark, answer=form.cleaned_data["text"], by=request.user))
    if status is None:
        return redirect("projects:detail", pk)
    context = {"project": project, "observation": remark, "form": form}
    return render(request, "projects/observation.html", context, status=status)


def overlap(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """The reviewer's sentence on an earlier action of the same line on the same blocks."""
    project = fetch(request, pk)
    if request.user.role != "reviewer":
        raise PermissionDenied(_("The reviewer answers for overlaps."))
    found = next((row for row in services.overlaps_of(project) if row.action == action), None)
    if found is None:
        raise Http404
    form = OverlapForm(posted(request), initial={"text": found.answer.text if found.answer else "", "seen": found.size})
    status = asked(form, lambda: services.answer_overlap(project, action, by=request.user, **form.cleaned_data))
    if status is None:
        messages.success(request, _("The answer is in the file."))
        return redirect(reverse("projects:detail", args=[pk]) + "#overlaps")
    if form.is_bound:
        # The page says the overlap as it is now.
        form.data = form.data.dict() | {"seen": found.size}
    context = {"project": project, "overlap": found, "form": form}
    return render(request, "projects/overlap.html", context, status=status)


def asked(form: Form, service: Callable[[], object]) -> int | None:
    """None once the service has done it; else the status of the page that says why not."""
    if not form.is_valid():
        return 400 if form.is_bound else 200
    try:
        service()
    except Refused as error:
        form.add_error(None, error.messages)
        return 409
    return None


def ask_opinion(request: PersonRequest, pk: int) -> HttpResponse:
    """The reviewer asks the technicians of a modality, until a day."""
    project = fetch(request, pk)
    if request.user.role != "reviewer":
        raise PermissionDenied(_("The reviewer asks for opinions."))
    form = AskOpinionForm(posted(request), initial={"modality": project.modality_id, "due_on": project.due_on})
    status = asked(form, lambda: services.ask_opinion(project, by=request.user, **form.cleaned_data))
    if status is None:
        messages.success(request, _("The opinion was asked for."))
        return redirect("projects:detail", pk)
    return render(request, "projects/ask_opinion.html", {"project": project, "form": form}, status=status)


def opinion(request: PersonRequest, pk: int, opinion: int) -> HttpResponse:
    """A federal technician's opinion, favourable or not, with its reasons."""
    project = fetch(request, pk)
    wanted = get_object_or_404(Opinion.objects.filter(project=project), pk=opinion)
    if request.user.role != "technician":
        raise PermissionDenied(_("Technicians give opinions."))
    form = OpinionForm(posted(request))
    status = asked(form, lambda: services.give_opinion(wanted, by=request.user, **form.cleaned_data))
    if status is None:
        messages.success(request, _("Your opinion is in the file."))
        return redirect("projects:detail", pk)
    context = {"project": project, "form": form, "opinion": wanted}
    return render(request, "projects/opinion.html", context, status=status)


def propose_cancellation(request: PersonRequest, pk: int) -> HttpResponse:
    """The delegate's half of a cancellation; the program unit confirms it as a step."""
    project = fetch(request, pk)
    if request.user.role != "delegate":
        raise PermissionDenied(_("The delegate proposes a cancellation."))
    form = TextForm(posted(request))
    form.fields["text"].label = _("Reason")
    status = asked(
        form, lambda: services.propose_cancellation(project, reason=form.cleaned_data["text"], by=request.user)
    )
    if status is None:
        messages.success(request, _("The cancellation was proposed. The program unit confirms it."))
        return redirect("projects:detail", pk)
    return render(request, "projects/propose_cancellation.html", {"project": project, "form": form}, status=status)
