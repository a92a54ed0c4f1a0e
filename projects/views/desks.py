"""Desks and what is done on them: take a case, hand it over, hand over all of somebody's."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import desks, services
from projects.desks import Desk
from projects.filters.projects import DeskFilter
from projects.forms import HandOverAllForm, HandOverForm
from projects.refusals import Refused
from projects.tables.projects import DeskTable
from projects.views.record import fetch
from projects.views.steps import asked


@require_safe
@listed
def desk(request: PersonRequest, kind: str) -> Listing:
    today, mine = timezone.localdate(), desks.desks_of(request.user)
    if kind not in mine:
        raise Http404
    rows = desks.on_desk(Desk(kind), request.user, today).with_totals()
    found = DeskFilter(request.GET, queryset=rows, request=request)
    decides = bool(services.bulk_steps(request.user))
    shown = found.qs.select_related("municipality", "assigned_to")
    return Listing(
        DeskTable(shown, today=today, request=request, exclude=() if decides else ("chosen",)),
        kind,
        "projects/desk.html",
        filter=found,
        context=lambda: {
            "desk": Desk(kind),
            "about": desks.ABOUT[Desk(kind)],
            "desks": desks.tabs(request.user, today),
            "decides": decides,
            "stands_in_for": request.user.stands_in_for,
        },
    )


@require_POST
def take(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    try:
        services.take(project, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The case is in your hands."))
    return redirect("projects:detail", pk)


def hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    if not services.may_hand_over(project, request.user):
        raise PermissionDenied(_("Only who has this case in hand, or leads them, hands it over."))
    form = HandOverForm(posted(request), project=project, by=request.user)
    status = asked(form, lambda: services.hand_over(project, by=request.user, **form.cleaned_data))
    if status is None:
        messages.success(request, _("The case was handed over; both of you are told."))
        return redirect("projects:detail", pk)
    return render(request, "projects/hand_over.html", {"project": project, "form": form}, status=status)


def hand_over_all(request: PersonRequest) -> HttpResponse:
    if not request.user.can_write or Desk.UNASSIGNED not in desks.desks_of(request.user):
        raise PermissionDenied(_("You have no cases to hand over."))
    form = HandOverAllForm(posted(request), by=request.user)
    moved = []
    status = asked(form, lambda: moved.append(services.hand_over_all(by=request.user, **form.cleaned_data)))
    if status is None:
        words = ngettext("%(count)s case was handed over.", "%(count)s cases were handed over.", moved[0])
        messages.success(request, words % {"count": moved[0]})
        return redirect("projects:desk", "mine")
    context = {"form": form, "count": services.in_hand(request.user).count()}
    return render(request, "projects/hand_over_all.html", context, status=status)
