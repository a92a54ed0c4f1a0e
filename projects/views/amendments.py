"""Amendments of a project, and every version it had, each beside the one before."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms import AMENDMENT_FORMS
from projects.models import Amendment, ProjectVersion
from projects.refusals import Refused
from projects.versions import differences, in_words, lines_of
from projects.views.record import fetch
from projects.views.steps import asked


def new_amendment(request: PersonRequest, pk: int, kind: str) -> HttpResponse:
    """The executor asks for it; it is tried on rules and ceilings at once. 409: with what it would break."""
    project = fetch(request, pk)
    if kind not in AMENDMENT_FORMS:
        raise Http404
    if not services.may_register(project, request.user):
        raise PermissionDenied(_("The municipality's certifier asks for amendments."))
    form = AMENDMENT_FORMS[kind](posted(request), request.FILES or None, project=project)
    status = asked(form, lambda: services.propose_amendment(project, kind=kind, by=request.user, **form.said))
    if status is None:
        messages.success(request, _("The amendment was asked for. Another person decides on it."))
        return redirect("projects:versions", pk)
    context = {"project": project, "form": form, "kind": Amendment.Kind(kind)}
    return render(request, "projects/amendments/new.html", context, status=status)


def amendment(request: PersonRequest, pk: int, amendment: int) -> HttpResponse:
    """POST `do`: approve or refuse, by whom it waits for. 409: a rule or a ceiling stands against it."""
    project = fetch(request, pk)
    row = get_object_or_404(project.amendments.select_related("registered_by", "decided_by", "document"), pk=amendment)
    may_decide = services.may_decide(row, request.user)
    refusal: list[str] = []
    if request.method == "POST":
        # Of two who decide at once the second reads what became of it.
        if not may_decide and not services.decides_on(row, request.user):
            raise PermissionDenied(_("Another person decides on this amendment."))
        try:
            words = _answer(request, row)
        except Refused as error:
            refusal = error.messages
        else:
            messages.success(request, words)
            return redirect("projects:versions", pk)
    context = {"project": project, "amendment": row, "may_decide": may_decide, "refusal": refusal,
               "changes": in_words(row)}  # fmt: skip
    return render(request, "projects/amendments/detail.html", context, status=409 if refusal else 200)


def _answer(request: PersonRequest, row: Amendment) -> str:
    if request.POST.get("do") == "approve":
        services.approve_amendment(row, by=request.user)
        return _("The amendment stands; the version before it stays readable.")
    services.refuse_amendment(row, by=request.user, reason=request.POST.get("reason", ""))
    return _("The amendment was refused with your reason.")


def version_list(request: PersonRequest, pk: int) -> HttpResponse:
    project = fetch(request, pk)
    context = {
        "project": project,
        "versions": project.versions.select_related("amendment", "by").order_by("-number"),
        "amendments": project.amendments.select_related("registered_by", "decided_by").order_by("-number"),
        "kinds": Amendment.Kind if services.may_register(project, request.user) else [],
    }
    return render(request, "projects/amendments/versions.html", context)


def version(request: PersonRequest, pk: int, number: int) -> HttpResponse:
    """The whole proposal as it stood then, and what it changed of the version before."""
    project = fetch(request, pk)
    row = get_object_or_404(project.versions.select_related("amendment", "by"), number=number)
    before = ProjectVersion.objects.filter(project=project, number=number - 1).first()
    context = {
        "project": project,
        "version": row,
        "lines": lines_of(row.facts),
        "differences": differences(before.facts, row.facts) if before else [],
    }
    return render(request, "projects/amendments/version.html", context)
