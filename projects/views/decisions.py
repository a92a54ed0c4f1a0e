"""One step for many projects: chosen on a desk, checked row by row, confirmed, followed to its end."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.accounts.second_factor import before_signing
from habitat.lib.lists import Listing, listed
from projects import desks, services
from projects.desks import Desk
from projects.filters.projects import DecidedFilter, DecisionFilter, DeskFilter
from projects.forms import DecisionForm
from projects.models import BulkDecision, BulkRow
from projects.refusals import Refused
from projects.tables.decisions import DecidedTable, DecisionTable
from projects.workflow import Step


@require_POST
def decide(request: PersonRequest, kind: str) -> HttpResponse:
    """From a desk with what was chosen there; then with the step, its reason, and the chosen ones in one field."""
    if kind not in desks.desks_of(request.user) or not services.bulk_steps(request.user):
        raise Http404
    if "step" not in request.POST:
        chosen = _chosen(request, Desk(kind))
        if not chosen:
            messages.error(request, _("Choose at least one project."))
            return redirect("projects:desk", kind)
        form = DecisionForm(by=request.user, initial={"projects": ",".join(map(str, chosen))})
        return render(request, "projects/decide.html", {"form": form, "desk": Desk(kind), "count": len(chosen)})
    form = DecisionForm(request.POST, by=request.user)
    if form.is_valid():
        try:
            decision = services.ask_decision(by=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            return redirect("projects:decision", decision.pk)
    count = len(form.cleaned_data.get("projects") or [])
    context = {"form": form, "desk": Desk(kind), "count": count}
    return render(request, "projects/decide.html", context, status=400)


def _chosen(request: PersonRequest, desk: Desk) -> list[int]:
    """The ticked rows, or every row that the filters in the address find."""
    rows = desks.on_desk(desk, request.user, timezone.localdate())
    if request.POST.get("which") == "all":
        rows = DeskFilter(request.GET, queryset=rows, request=request).qs
    else:
        ticked = [value for value in request.POST.getlist("project") if value.isascii() and value.isdigit()]
        rows = rows.filter(pk__in=[int(value) for value in ticked if len(value) < 19])
    return list(rows.order_by("pk").values_list("pk", flat=True)[: services.MOST + 1])


@require_safe
@listed
def decision_list(request: PersonRequest) -> Listing:
    visible = BulkDecision.objects.visible_to(request.user).select_related("asked_by")
    found = DecisionFilter(request.GET, queryset=visible)
    table = DecisionTable(found.qs, request=request)
    return Listing(table, _("decisions"), "projects/decision_list.html", filter=found)


def _decision(request: PersonRequest, pk: int) -> BulkDecision:
    return get_object_or_404(BulkDecision.objects.visible_to(request.user).select_related("asked_by"), pk=pk)


def _step(asked: BulkDecision) -> Step:
    return next(step for step in services.every_bulk_step() if step.name == asked.step)


@require_safe
@listed
def decision(request: PersonRequest, pk: int) -> Listing:
    asked = _decision(request, pk)
    every = BulkRow.objects.filter(decision=asked)
    found = DecidedFilter(request.GET, queryset=every.select_related("project__municipality__state"))
    is_fragment = request.headers.get("HX-Request") == "true"
    return Listing(
        DecidedTable(found.qs, request=request),
        _("decision"),
        "projects/_decision_status.html" if is_fragment else "projects/decision.html",
        filter=found,
        context=lambda: {
            "decision": asked,
            "step": _step(asked),
            "counts": services.counts_of(every),
            "is_mine": asked.asked_by_id == request.user.pk,
            "is_fragment": is_fragment,
        },
    )


@require_POST
def confirm(request: PersonRequest, pk: int) -> HttpResponse:
    asked = _decision(request, pk)
    if _step(asked).is_signed:
        return before_signing(_confirmed)(request, asked)
    return _confirmed(request, asked)


def _confirmed(request: PersonRequest, asked: BulkDecision) -> HttpResponse:
    return _tried(request, asked, lambda: services.confirm_decision(asked, by=request.user))


@require_POST
def stop(request: PersonRequest, pk: int) -> HttpResponse:
    asked = _decision(request, pk)
    return _tried(request, asked, lambda: services.stop_decision(asked, by=request.user))


def _tried(request: PersonRequest, asked: BulkDecision, service: Callable[[], object]) -> HttpResponse:
    try:
        service()
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    return redirect("projects:decision", asked.pk)
