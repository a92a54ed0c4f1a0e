"""Exceptions to rules: asked for, decided, and the list that auditors read."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role
from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms import DecideExceptionForm, ExceptionForm
from projects.models import RuleException
from projects.refusals import Refused, StepForbidden
from projects.tables.exceptions import ExceptionFilter, ExceptionTable
from projects.views.record import fetch

RELATED = ("project__municipality__state", "asked_by", "decided_by", "document")


@listed
def exception_list(request: PersonRequest) -> Listing:
    scope = RuleException.objects.visible_to(request.user).select_related(*RELATED)
    found = ExceptionFilter(request.GET, queryset=scope, request=request)
    table = ExceptionTable(found.qs, request=request)
    return Listing(table, "excepciones", "projects/exception_list.html", filter=found)


def ask_exception(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    if not services.may_ask_exception(request.user):
        raise PermissionDenied(_("The delegation or the program unit asks for exceptions."))
    choices = services.exceptable(project)
    form = ExceptionForm(
        posted(request), request.FILES or None, rules=choices, initial={"rule": request.GET.get("rule")}
    )
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            services.ask_exception(project, by=request.user, **form.answers)
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "file", error)
            status = 400
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
            status = 409
        else:
            messages.success(request, _("The exception was asked for. Another person of the program unit decides it."))
            return redirect("projects:detail", pk)
    return render(
        request, "projects/ask_exception.html", {"project": project, "form": form, "rules": choices}, status=status
    )


def exception(request: PersonRequest, pk: int, exception: int) -> HttpResponse:
    """What was asked and decided; the program unit decides here, except who asked."""
    project = fetch(request, pk)
    found = get_object_or_404(
        RuleException.objects.visible_to(request.user).filter(project=project).select_related(*RELATED), pk=exception
    )
    may_decide = request.user.role == Role.MANAGER and found.is_granted is None and found.asked_by_id != request.user.pk
    if request.method == "POST" and request.user.role != Role.MANAGER:
        raise PermissionDenied(_("The program unit decides exceptions."))
    form = DecideExceptionForm(posted(request)) if may_decide or request.method == "POST" else None
    status = 400 if form and form.errors else 200
    if form and form.is_valid():
        try:
            services.decide_exception(found, by=request.user, **form.cleaned_data)
        except StepForbidden:
            raise
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
            status = 409
        else:
            messages.success(request, _("The decision is in the file."))
            return redirect("projects:detail", pk)
    context = {"project": project, "exception": found, "form": form, "now": found.state_on(timezone.localdate())}
    return render(request, "projects/exception.html", context, status=status)
