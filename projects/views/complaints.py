"""Complaints: sent by anybody, looked at with folio and key, handled by few."""

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.models import Role
from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms.complaints import AnswerForm, ComplaintForm, LookForm, NoteForm, RouteForm
from projects.models import Complaint
from projects.tables.complaints import (
    ComplaintFilter,
    ComplaintTable,
    complaint_standing,
)
from projects.views.asking import TOO_MANY, ask, society_list


@login_not_required
@never_cache
def new_complaint(request: HttpRequest) -> HttpResponse:
    """Nothing of who sends is stored; a few an hour from one address, so that nobody floods it. `?folio=` fills it."""
    form = ComplaintForm(posted(request), initial={"folio": request.GET.get("folio", "")})
    waits = form.is_valid() and not ratelimit.consume(request, action="complaint")
    if waits:
        form.add_error(None, TOO_MANY)
    elif form.is_valid():
        complaint, secret = services.send_complaint(**form.said)
        context = {"complaint": complaint, "secret": "-".join(secret[at : at + 4] for at in range(0, len(secret), 4))}
        return render(request, "projects/complaints/sent.html", context)
    status = 429 if waits else 400 if form.errors else 200
    return render(request, "projects/complaints/new.html", {"form": form}, status=status)


@login_not_required
@never_cache
def look(request: HttpRequest) -> HttpResponse:
    """What became of a complaint, for who has its folio and its key; tries are limited."""
    form = LookForm(posted(request))
    found = None
    if form.is_valid():
        limited = ratelimit.consume_or_429(request, action="complaint_look")
        if limited:
            return limited
        found = services.find_complaint(form.cleaned_data["folio"], form.cleaned_data["secret"])
        if found is None:
            form.add_error(None, _("No complaint has this folio and this key. Check each sign."))
    context = {"form": form, "complaint": found}
    return render(request, "projects/complaints/look.html", context, status=400 if form.errors else 200)


# ---- For who handles them -------------------------------------------------------------------------------------------
def _need_reader(request: PersonRequest) -> None:
    user = request.user
    if not (user.is_delegation or (user.sees_the_nation and user.role in (Role.MANAGER, Role.AUDITOR))):
        raise PermissionDenied(_("Complaints are read by who resolves them."))


@require_safe
@listed
def complaint_list(request: PersonRequest) -> Listing:
    _need_reader(request)
    scope = Complaint.objects.visible_to(request.user).select_related("state", "project")
    return society_list(
        ComplaintFilter(request.GET, queryset=scope, request=request),
        ComplaintTable,
        name="quejas",
        title=_("Complaints"),
        lead=_("Sent without an account. No government reads them; the sender reads the answer with folio and key."),
        trail=[(_("Projects"), reverse("projects:list"))],
    )


def _fetch(request: PersonRequest, pk: int) -> Complaint:
    _need_reader(request)
    related = ("state", "project", "answered_by")
    return get_object_or_404(Complaint.objects.visible_to(request.user).select_related(*related), pk=pk)


@require_safe
def complaint(request: PersonRequest, pk: int) -> HttpResponse:
    return _complaint(request, _fetch(request, pk), "")


def _complaint(request: PersonRequest, found: Complaint, contact: str) -> HttpResponse:
    context = {
        "complaint": found,
        "standing": complaint_standing(found),
        "moves": found.moves.select_related("by"),
        "handles": services.handles_complaint(found, request.user),
        "contact": contact,
        "title": found.folio,
        "kicker": _("Complaint"),
        "trail": [(_("Complaints"), reverse("projects:complaints"))],
    }
    return render(request, "projects/complaints/detail.html", context)


@require_POST
def contact(request: PersonRequest, pk: int) -> HttpResponse:
    """Shows how to reach the sender, and keeps who looked."""
    found = _fetch(request, pk)
    return _complaint(request, found, services.read_contact(found, by=request.user))


def handle(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """Send it on, note something, or answer."""
    found = _fetch(request, pk)
    by = request.user
    trail = [(_("Complaints"), reverse("projects:complaints")), (found.folio, reverse("projects:complaint", args=[pk]))]
    if not services.handles_complaint(found, by):
        raise PermissionDenied(_("This is not yours to do."))
    if what == "route":
        route = RouteForm(posted(request))
        return ask(request, route, lambda: services.route_complaint(found, by=by, **route.cleaned_data),
                   title=_("Say who resolves it"), trail=trail, button=_("Send it on"))  # fmt: skip
    if what == "note":
        note = NoteForm(posted(request))
        return ask(request, note, lambda: services.note_complaint(found, by=by, **note.cleaned_data),
                   title=_("Note of the follow-up"), trail=trail, button=_("Save"))  # fmt: skip
    answer = AnswerForm(posted(request))
    return ask(request, answer, lambda: services.answer_complaint(found, by=by, **answer.cleaned_data),
               title=_("Answer the sender"), trail=trail, button=pgettext("button", "Answer"),
               lead=_("The sender reads it with folio and key. It names nobody."))  # fmt: skip
