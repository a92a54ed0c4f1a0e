from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts import absences
from habitat.accounts.forms import AbsenceForm
from habitat.accounts.requests import PersonRequest
from habitat.accounts.tables import AbsenceTable
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed


@listed
def absence_list(request: PersonRequest) -> Listing | HttpResponse:
    """Who is away and who stands in; the form declares one's own absence, or that of somebody one leads."""
    form = AbsenceForm(posted(request), by=request.user)
    if form.is_valid():
        try:
            absences.declare(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The absence was entered; the deputy has been told."))
            return redirect("people:absences")
    visible = absences.visible_to(request.user).select_related("user", "deputy")
    return Listing(
        AbsenceTable(visible, today=timezone.localdate(), request=request),
        _("absences"),
        "accounts/absences.html",
        context=lambda: {"form": form if request.user.can_write else None},
        status=400 if form.errors else 200,
    )


@require_POST
def end_absence(request: PersonRequest, pk: int) -> HttpResponse:
    absences.end(get_object_or_404(absences.visible_to(request.user), pk=pk), by=request.user)
    messages.success(request, _("The absence has ended."))
    return redirect("people:absences")
