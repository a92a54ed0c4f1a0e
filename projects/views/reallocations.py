"""Money moved between ceilings: proposed with both branches before and after, decided by a second person."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.accounts.security import watching
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.filters.projects import ReallocationFilter
from projects.forms import ReallocationForm
from projects.models import Ceiling, CeilingChange, Reallocation
from projects.refusals import Refused
from projects.tables.money import ReallocationTable, state_of

PARTS = ("strand", "state", "municipality", "modality")
ENDS = tuple(f"{end}__{part}" for end in ("source", "target") for part in PARTS)


@listed
def reallocation_list(request: PersonRequest) -> Listing:
    scope = Reallocation.objects.visible_to(request.user).select_related(*ENDS, "proposed_by", "confirmed_by")
    found = ReallocationFilter(request.GET, queryset=scope, request=request)
    table = ReallocationTable(found.qs, request=request)
    return Listing(table, "reasignaciones", "projects/reallocation_list.html", filter=found)


def new_reallocation(request: PersonRequest, pk: int) -> HttpResponse:
    """From the ceiling `pk`. The first press shows both branches, `propose` sends it to the second person."""
    if not services.may_set_money(request.user):
        raise PermissionDenied(_("Ceilings are set by the program unit."))
    rows = Ceiling.objects.visible_to(request.user).select_related("strand", "state", "municipality", "modality")
    source = get_object_or_404(rows, pk=pk)
    form = ReallocationForm(posted(request), request.FILES or None, source=source)
    branches = None
    if form.is_valid():
        try:
            if "propose" in request.POST:
                with watching(request.user):
                    moved = services.propose_reallocation(source=source, by=request.user, **form.said)
                messages.success(request, _("The reallocation was proposed. A second person confirms it."))
                return redirect("projects:reallocation", moved.pk)
            branches = services.branches_of(source, form.cleaned_data["target"], form.cleaned_data["amount"])
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
    context = {"source": source, "form": form, "branches": branches}
    return render(request, "projects/reallocation_form.html", context, status=400 if form.errors else 200)


def reallocation(request: PersonRequest, pk: int) -> HttpResponse:
    """Both branches before and after: as they would be while it is open, as they were changed once it is confirmed.

    Of the other state's branch a reader sees what they see of its ceilings.
    """
    moved = fetch(request, pk)
    seen = Ceiling.objects.visible_to(request.user).filter(strand=moved.source.strand_id)
    branches = services.branches_of(moved.source, moved.target, moved.amount) if moved.is_open else None
    context = {
        "moved": moved,
        "standing": state_of(moved),
        "changes": changes_of(moved).filter(ceiling__in=seen),
        "branches": branches.seen_by(seen) if branches else None,
        "may_decide": moved.is_open and services.may_set_money(request.user),
        "is_mine": moved.proposed_by_id == request.user.pk,
    }
    return render(request, "projects/reallocation.html", context)


def fetch(request: PersonRequest, pk: int) -> Reallocation:
    rows = Reallocation.objects.visible_to(request.user)
    related = (*ENDS, "proposed_by", "confirmed_by", "discarded_by", "paper")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def changes_of(moved: Reallocation) -> QuerySet[CeilingChange]:
    places = ("ceiling__state", "ceiling__municipality", "ceiling__modality")
    return moved.changes.select_related(*places).order_by("pk")


@require_POST
def decide_reallocation(request: PersonRequest, pk: int, answer: str) -> HttpResponse:
    """The second person's `confirm`, or either's `discard`. 403 for others; a refusal says why on the page."""
    moved = fetch(request, pk)
    decide = {"confirm": services.confirm_reallocation, "discard": services.discard_reallocation}[answer]
    try:
        decide(moved, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = _("The money has moved.") if answer == "confirm" else _("The reallocation was discarded.")
        messages.success(request, words)
    return redirect("projects:reallocation", pk)
