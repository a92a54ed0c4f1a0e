"""Taking a step: a page that says what it does and what is missing, then the service decides."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from projects import services
from projects.forms import OpinionForm, ReasonForm, RemarksForm, StepForm, TextForm
from projects.models import Observation, Opinion
from projects.refusals import Refused, StepRefused
from projects.views.record import fetch
from projects.workflow import Step, steps_of


def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """GET says what the step does; POST takes it. 403: another's step. 409: one's own, but something is missing."""
    project = fetch(request, pk)
    chosen = steps_of(project.rules.workflow).get(step)
    if chosen is None:
        raise Http404
    if request.user.role not in {move.role for move in chosen.moves}:
        raise PermissionDenied(_("This step is not yours."))
    # Most steps ask nothing, and an empty form is an answer too.
    form = form_of(chosen)(request.POST if request.method == "POST" else None)
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                change = services.take_step(project, step, by=request.user, **form.said)
            except StepRefused as error:
                refusal, status = error, 409
            else:
                messages.success(
                    request, _("Done: the project is “%(status)s”.") % {"status": change.get_to_status_display()}
                )
                return redirect("projects:detail", pk)
    offer = next((offer for offer in services.offers(project, request.user) if offer.step.name == step), None)
    context = {
        "project": project,
        "step": chosen,
        "offer": offer,
        "form": form,
        "refusal": refusal,
        "observations": project.observations.order_by("pk") if step == "answer" else [],
    }
    return render(request, "projects/take_step.html", context, status=status)


def form_of(step: Step) -> type[StepForm]:
    if step.name == "observe":
        return RemarksForm
    return ReasonForm if step.needs_reason else StepForm


def observation(request: HttpRequest, pk: int, observation: int) -> HttpResponse:
    """The municipality's answer to one remark of the review."""
    project = fetch(request, pk)
    remark = get_object_or_404(Observation.objects.filter(project=project), pk=observation)
    if not request.user.is_local:
        raise PermissionDenied(_("The municipality answers its observations."))
    form = TextForm(request.POST or None, initial={"text": remark.answer})
    form.fields["text"].label = _("Answer")
    if form.is_valid():
        try:
            services.answer_observation(remark, answer=form.cleaned_data["text"], by=request.user)
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            return redirect("projects:detail", pk)
    context = {"project": project, "observation": remark, "form": form}
    return render(request, "projects/observation.html", context, status=409 if form.errors else 200)


@require_POST
def ask_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    try:
        services.ask_opinion(project, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The opinion was asked for."))
    return redirect("projects:detail", pk)


def opinion(request: HttpRequest, pk: int, opinion: int) -> HttpResponse:
    """A federal technician's opinion, favourable or not, with its reasons."""
    project = fetch(request, pk)
    asked = get_object_or_404(Opinion.objects.filter(project=project), pk=opinion)
    if request.user.role != "technician":
        raise PermissionDenied(_("Technicians give opinions."))
    form = OpinionForm(request.POST or None)
    if form.is_valid():
        try:
            services.give_opinion(asked, by=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            messages.success(request, _("Your opinion is in the file."))
            return redirect("projects:detail", pk)
    context = {"project": project, "opinion": asked, "form": form}
    return render(request, "projects/opinion.html", context, status=409 if form.errors else 200)


def propose_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """The delegate's half of a cancellation; the program unit confirms it as a step."""
    project = fetch(request, pk)
    if request.user.role != "delegate":
        raise PermissionDenied(_("The delegate proposes a cancellation."))
    form = TextForm(request.POST or None)
    form.fields["text"].label = _("Reason")
    if form.is_valid():
        try:
            services.propose_cancellation(project, reason=form.cleaned_data["text"], by=request.user)
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            messages.success(request, _("The cancellation was proposed. The program unit confirms it."))
            return redirect("projects:detail", pk)
    return render(
        request,
        "projects/propose_cancellation.html",
        {"project": project, "form": form},
        status=409 if form.errors else 200,
    )
