"""Ceilings with what is left of them; the program unit sets them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.accounts.security import watching
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from polygons.models import State
from projects import services
from projects.filters.projects import CeilingFilter
from projects.forms import CeilingForm
from projects.models import Ceiling
from projects.refusals import Refused
from projects.tables.projects import CeilingTable


@listed
def ceiling_list(request: PersonRequest) -> Listing:
    scope = Ceiling.objects.visible_to(request.user).select_related(
        "strand", "state", "municipality", "modality", "agreement"
    )
    found = CeilingFilter(request.GET, queryset=scope.as_trees(), request=request)
    may_set = services.may_set_money(request.user)
    return Listing(
        CeilingTable(found.qs.with_taken(), request=request),
        "techos",
        "projects/ceiling_list.html",
        filter=found,
        per_page=100,
        context=lambda: {"may_set": may_set, "states": State.objects.all() if may_set else []},
    )


def new_ceiling(request: HttpRequest) -> HttpResponse:
    """`?state=04` offers that state and its municipalities; without it, the ceiling of the whole country."""
    code = request.GET.get("state")
    state = get_object_or_404(State.objects.visible_to(request.user), pk=code) if code else None
    return entry(request, state, initial={})


def fetch(request: PersonRequest, pk: int) -> Ceiling:
    related = ("strand", "fiscal_year", "state", "municipality__state", "modality", "agreement")
    return get_object_or_404(Ceiling.objects.visible_to(request.user).select_related(*related).with_taken(), pk=pk)


def ceiling(request: PersonRequest, pk: int) -> HttpResponse:
    """One node with what is below it and every version it had."""
    node = fetch(request, pk)
    related = ("strand", "state", "municipality", "modality")
    below = Ceiling.objects.visible_to(request.user).filter(parent=node).select_related(*related)
    children = list(below.from_the_root().with_taken())
    context = {
        "ceiling": node,
        "children": children,
        "changes": node.changes.select_related("by", "agreement", "paper"),
        "given": node.children.aggregate(sum=Sum("amount", default=0))["sum"],
        "may_set": services.may_set_money(request.user),
    }
    context["free"] = node.amount - context["given"]
    return render(request, "projects/ceiling.html", context)


def change_ceiling(request: PersonRequest, pk: int) -> HttpResponse:
    node = fetch(request, pk)
    names = ("fiscal_year", "strand", "municipality", "modality", "amount", "agreement")
    return entry(request, node.state, initial={name: getattr(node, name) for name in names})


def entry(request: PersonRequest, state: State | None, initial: dict[str, object]) -> HttpResponse:
    """Writing a node that exists changes it: there is one ceiling for each place, strand and year."""
    if not services.may_set_money(request.user):
        raise PermissionDenied(_("Ceilings are set by the program unit."))
    form = CeilingForm(posted(request), request.FILES or None, state=state, initial=initial)
    if form.is_valid():
        try:
            with watching(request.user):
                node = services.set_ceiling(by=request.user, state=state, **form.said)
        except Refused as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The ceiling is set: %(name)s.") % {"name": node})
            return redirect("projects:ceilings")
    return render(
        request, "projects/ceiling_form.html", {"form": form, "state": state}, status=400 if form.errors else 200
    )
