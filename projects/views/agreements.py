"""Coordination agreements: who signed what, when, and the ceilings that rest on it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.accounts.security import watching
from habitat.lib.documents import download
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from polygons.models import State
from projects import services
from projects.filters.projects import AgreementFilter
from projects.forms import AgreementForm
from projects.models import Agreement, Ceiling, MoneyPaper
from projects.refusals import Refused
from projects.tables.money import AgreementTable


@listed
def agreement_list(request: PersonRequest) -> Listing:
    scope = Agreement.objects.visible_to(request.user).select_related("state")
    found = AgreementFilter(request.GET, queryset=scope, request=request)
    may_set = services.may_set_money(request.user)
    return Listing(
        AgreementTable(found.qs, request=request),
        "acuerdos",
        "projects/agreement_list.html",
        filter=found,
        context=lambda: {"may_set": may_set, "states": State.objects.all() if may_set else []},
    )


def agreement(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch(request, pk)
    related = ("strand", "state", "municipality", "modality")
    ceilings = Ceiling.objects.visible_to(request.user).filter(agreement=found).select_related(*related)
    context = {
        "agreement": found,
        "papers": found.papers.select_related("by"),
        "amendments": found.amendments.all(),
        "ceilings": ceilings.from_the_root().with_taken(),
        "given": services.resting_on(found).aggregate(sum=Sum("amount", default=0))["sum"],
        "may_set": services.may_set_money(request.user),
    }
    context["left"] = found.federal - context["given"]
    return render(request, "projects/agreement.html", context)


def fetch(request: PersonRequest, pk: int) -> Agreement:
    related = ("state", "fiscal_year", "amends", "by")
    return get_object_or_404(Agreement.objects.visible_to(request.user).select_related(*related), pk=pk)


def new_agreement(request: PersonRequest) -> HttpResponse:
    """`?state=04` writes that state's; without it, the federal budget of a year."""
    code = request.GET.get("state")
    state = get_object_or_404(State.objects.visible_to(request.user), pk=code) if code else None
    return entry(request, state, None)


def change_agreement(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch(request, pk)
    return entry(request, found.state, found)


def entry(request: PersonRequest, state: State | None, found: Agreement | None) -> HttpResponse:
    if not services.may_set_money(request.user):
        raise PermissionDenied(_("Ceilings are set by the program unit."))
    form = AgreementForm(posted(request), request.FILES or None, state=state, instance=found)
    if form.is_valid():
        year = found.fiscal_year if found else form.cleaned_data["fiscal_year"]
        try:
            with watching(request.user):
                saved = services.save_agreement(
                    fiscal_year=year, state=state, by=request.user, agreement=found, **form.said
                )
        except Refused as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The agreement is written down."))
            return redirect("projects:agreement", saved.pk)
    context = {"form": form, "state": state, "agreement": found}
    return render(request, "projects/agreement_form.html", context, status=400 if form.errors else 200)


def paper(request: PersonRequest, key: str) -> FileResponse:
    """A paper of money, for those who see the ceilings of its state."""
    return download(get_object_or_404(MoneyPaper.objects.visible_to(request.user), public_id=key))
