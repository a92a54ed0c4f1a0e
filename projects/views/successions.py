"""One page to close an administration's accounts and pass its cases on."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms import SuccessionForm


def succession(request: PersonRequest) -> HttpResponse:
    """`?municipality=` chooses the government; its cases stand below as they would be passed on."""
    if not services.may_pass_on(request.user):
        raise PermissionDenied(_("You close accounts of governments of your own territory."))
    municipalities = request.user.municipalities().order_by("name")
    code = request.GET.get("municipality")
    if not code:
        return render(request, "projects/succession_place.html", {"municipalities": municipalities})
    place = get_object_or_404(municipalities, pk=code)
    form = SuccessionForm(posted(request), municipality=place)
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            made = services.succeed(place, by=request.user, **form.answers)
        except ValidationError as error:
            form.add_error(None, error)
            status = 400
        else:
            words = ngettext(
                "The accounts were closed and %(count)s case was passed on.",
                "The accounts were closed and %(count)s cases were passed on.",
                made.cases,
            )
            messages.success(request, words % {"count": made.cases})
            return redirect("people:list")
    people = services.local_people(place)
    cases = services.cases_of(people).select_related("assigned_to", "created_by", "modality").order_by("pk")[:200]
    context = {"municipality": place, "form": form, "cases": cases}
    return render(request, "projects/succession.html", context, status=status)
