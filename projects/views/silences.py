"""Electoral silences, and the papers of closed works past their years."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.models import Role
from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import DateInput, posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms.handovers import ReasonBoxForm
from projects.models import Destruction, Project, Silence
from projects.refusals import Refused
from projects.tables.retention import DestructionFilter, DestructionTable, PastFilter, PastTable
from projects.tables.silences import SilenceFilter, SilenceTable
from projects.views.asking import ask, society_list


class SilenceForm(forms.ModelForm):
    class Meta:
        model = Silence
        fields = (
            "state", "election", "starts_on", "starts_time", "ends_on", "ends_time", "source", "is_verified",
        )  # fmt: skip
        widgets = {
            "starts_on": DateInput,
            "ends_on": DateInput,
            "starts_time": forms.TimeInput({"class": "short", "type": "time", "step": 1}, format="%H:%M:%S"),
            "ends_time": forms.TimeInput({"class": "short", "type": "time", "step": 1}, format="%H:%M:%S"),
        }
        help_texts = {"state": gettext_lazy("Blank: the whole country.")}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        begins, ends = ((said.get(f"{name}_on"), said.get(f"{name}_time")) for name in ("starts", "ends"))
        if None not in (*begins, *ends) and ends <= begins:
            self.add_error("ends_on", _("It must end after it begins."))
        return said


@require_safe
@listed
def silence_list(request: PersonRequest) -> Listing:
    """Everybody reads all of them: a silence is law, not a territory's paper."""
    may_write = services.may_write_silences(request.user)
    return society_list(
        SilenceFilter(request.GET, queryset=Silence.objects.select_related("state"), request=request),
        partial(SilenceTable, may_write=may_write),
        name="vedas-electorales",
        title=_("Electoral silences"),
        lead=_(
            "While one runs, what promotes the program in that state is silent by itself; the figures the law asks for"
            " stay."
        ),
        trail=[(_("Projects"), reverse("projects:list"))],
        tools=[(_("New silence"), reverse("projects:new-silence"))] if may_write else [],
    )


def new_silence(request: PersonRequest) -> HttpResponse:
    return _silence(request, None)


def silence(request: PersonRequest, pk: int) -> HttpResponse:
    return _silence(request, get_object_or_404(Silence, pk=pk))


def _silence(request: PersonRequest, row: Silence | None) -> HttpResponse:
    if not services.may_write_silences(request.user):
        raise PermissionDenied(_("The program unit writes the electoral silences."))
    form = SilenceForm(posted(request), instance=row)
    return ask(
        request, form, lambda: services.save_silence(form.save(commit=False), by=request.user),
        title=_("Electoral silence"), trail=[(_("Electoral silences"), reverse("projects:silences"))],
        button=_("Save the silence"), done=_("The silence is saved."),
    )  # fmt: skip


@require_POST
def drop_silence(request: PersonRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Silence, pk=pk)
    if not services.may_write_silences(request.user):
        raise PermissionDenied(_("The program unit writes the electoral silences."))
    try:
        services.drop_silence(row, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    return redirect("projects:silences")


# ---- Retention ------------------------------------------------------------------------------------------------------
def _need_reader(request: PersonRequest) -> None:
    if request.user.role not in (Role.MANAGER, Role.AUDITOR) or not request.user.sees_the_nation:
        raise PermissionDenied(_("Retention is looked after by the program unit and read by auditors."))


@require_safe
@listed
def retention(request: PersonRequest) -> Listing:
    """What may be destroyed; what was proposed has a list of its own."""
    _need_reader(request)
    open_ones = Destruction.objects.visible_to(request.user).filter(discarded_at=None).values("project")
    past = services.past_retention(request.user, timezone.localdate()).exclude(pk__in=open_ones)
    return society_list(
        PastFilter(request.GET, queryset=past.select_related("municipality__state"), request=request),
        partial(PastTable, may_propose=services.may_destroy(request.user)),
        name="conservacion",
        title=_("Retention"),
        lead=_(
            "Closed works whose papers have been kept as long as the rules ask. Nothing goes by itself: one person"
            " proposes, another confirms."
        ),
        trail=[(_("Projects"), reverse("projects:list"))],
        tools=[(_("Proposals"), reverse("projects:destructions"))],
    )


@require_safe
@listed
def destruction_list(request: PersonRequest) -> Listing:
    """What was proposed, by whom, and what another person answered."""
    _need_reader(request)
    related = ("project", "by", "confirmed_by", "discarded_by")
    scope = Destruction.objects.visible_to(request.user).select_related(*related).annotate(files_gone=Count("files"))
    return society_list(
        DestructionFilter(request.GET, queryset=scope, request=request),
        partial(DestructionTable, may_decide=services.may_destroy(request.user)),
        name="propuestas-de-destruccion",
        title=_("Proposals to destroy papers"),
        trail=[(_("Retention"), reverse("projects:retention"))],
    )


def propose_destruction(request: PersonRequest, pk: int) -> HttpResponse:
    _need_reader(request)
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    if not services.may_destroy(request.user):
        raise PermissionDenied(_("The program unit proposes what is destroyed."))
    form = ReasonBoxForm(posted(request))
    return ask(
        request, form, lambda: services.propose_destruction(project, by=request.user, **form.cleaned_data),
        title=_("Propose to destroy its papers"), trail=[(_("Retention"), reverse("projects:retention"))],
        button=_("Propose it"), lead=str(project),
        done=_("The proposal waits for another person of the program unit."),
    )  # fmt: skip


@require_POST
def decide_destruction(request: PersonRequest, pk: int, answer: str) -> HttpResponse:
    _need_reader(request)
    proposal = get_object_or_404(Destruction.objects.visible_to(request.user), pk=pk)
    service = services.confirm_destruction if answer == "confirm" else services.discard_destruction
    try:
        service(proposal, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    else:
        done = (
            _("The papers are destroyed; their names and fingerprints stay.")
            if answer == "confirm"
            else _("The proposal is discarded.")
        )
        messages.success(request, done)
    return redirect("projects:destructions")
