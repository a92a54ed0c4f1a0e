"""Alerts: the list, and one of them with what it says, whose it is and how it ended."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.lists import Listing, listed
from projects import services
from projects.alerts import BY_CODE
from projects.models import Alert
from projects.refusals import Refused, StepForbidden
from projects.tables.alerts import RELATED, AlertFilter, AlertTable, sentence_of, standing_of


@listed
def alert_list(request: PersonRequest) -> Listing:
    found = AlertFilter(request.GET, queryset=Alert.objects.visible_to(request.user), request=request)
    table = AlertTable(found.qs.select_related(*RELATED), request=request)
    return Listing(table, "alertas", "projects/alerts/list.html", filter=found)


def alert(request: PersonRequest, pk: int) -> HttpResponse:
    """POST closes it with a reason. 403 for who is not its owner, 409 where it cannot be closed now."""
    scope = Alert.objects.visible_to(request.user).select_related(*RELATED)
    found = get_object_or_404(scope, pk=pk)
    refusal, status = [], 200
    if request.method == "POST":
        try:
            services.close_alert(found, reason=request.POST.get("reason", ""), by=request.user)
        except StepForbidden as error:
            raise PermissionDenied(str(error)) from error
        except Refused as error:
            refusal, status = error.messages, 409
        else:
            messages.success(request, _("The alert is closed. It opens again if the condition ends and comes back."))
            return redirect("projects:alert", pk)
    context = {
        "alert": found,
        "kind": BY_CODE.get(found.kind),
        "sentence": sentence_of(found),
        "standing": standing_of(found),
        "earlier": scope.filter(project=found.project, kind=found.kind).exclude(pk=pk),
        "may_close": services.may_close_alert(found, request.user),
        "refusal": refusal,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "projects/alerts/alert.html", context, status=status)
