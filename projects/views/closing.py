"""The end of a work: its handover certificate and the gate before its closing."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib import links
from habitat.lib.documents import download
from habitat.lib.forms import posted
from projects import services
from projects.forms.handovers import HandoverForm, ReasonBoxForm, SignedForm
from projects.models import Handover, HandoverFile, Project
from projects.services.handovers import ISSUERS
from projects.views.asking import Link, ask
from projects.views.record import fetch


def trail_of(project: Project) -> list[Link]:
    return [(_("Projects"), reverse("projects:list")), (project.folio, reverse("projects:detail", args=[project.pk]))]


@require_safe
def closure(request: PersonRequest, pk: int) -> HttpResponse:
    """What is missing before the handover, the proof and the closing; each with the page where it is mended."""
    project = fetch(request, pk)
    context = {
        "project": project,
        "gate": services.gate(project, request.user),
        "archives": project.archives.select_related("asked_by")[:5],
        "title": _("Closure"),
        "kicker": f"{project.folio} · {project.name}",
        "trail": trail_of(project),
        "lead": _("What is missing, in the order of the steps. A step is refused for exactly what stands here."),
    }
    return render(request, "projects/handover/gate.html", context)


def handover(request: PersonRequest, pk: int) -> HttpResponse:
    """The certificate that stands, or the form for one."""
    project = fetch(request, pk)
    standing = project.handovers.filter(cancelled_at=None).select_related("signed", "issued_by", "file").first()
    may_issue = services.may_issue_handover(project, request.user)
    if request.method == "POST" and not may_issue:
        raise PermissionDenied(_("The handover is recorded once the works are reported as finished."))
    if may_issue and (standing is None or request.method == "POST"):
        return _issue(request, project)
    context = {
        "project": project,
        "handover": standing,
        "silence": services.silence_of(project.state_code, project.municipality.local_day()),
        "may_issue": may_issue,
        "signed_form": SignedForm(),
        "cancelled": project.handovers.exclude(cancelled_at=None).select_related("cancelled_by"),
        "title": _("Handover certificate"),
        "kicker": f"{project.folio} · {project.name}",
        "trail": trail_of(project),
    }
    return render(request, "projects/handover/detail.html", context)


def _issue(request: PersonRequest, project: Project) -> HttpResponse:
    today = project.municipality.local_day()
    until = services.warranty_of(project, today)
    form = HandoverForm(posted(request), initial={"on": today, "warranty_until": until, "maintained_until": until})
    return ask(
        request,
        form,
        lambda: services.issue_handover(project, by=request.user, **form.cleaned_data),
        title=_("Issue the handover certificate"),
        trail=[*trail_of(project), (_("Handover certificate"), reverse("projects:handover", args=[project.pk]))],
        button=_("Issue it"),
        lead=_("Once issued its words are fixed. Print it, have it signed, and attach the signed copy."),
        silence=services.silence_of(project.state_code, today),
        done=_("The certificate is issued. Attach the copy with the signatures."),
    )


def _mine_to_sign(request: PersonRequest, pk: int) -> Handover:
    """The certificate that stands; for who may issue one."""
    visible = Handover.objects.visible_to(request.user).filter(cancelled_at=None)
    found = get_object_or_404(visible.select_related("project"), project=pk)
    if request.user.role not in ISSUERS or not request.user.can_write:
        raise PermissionDenied(_("The certifier or the reviewer keeps the certificate."))
    return found


def sign(request: PersonRequest, pk: int) -> HttpResponse:
    found = _mine_to_sign(request, pk)
    form = SignedForm(posted(request), request.FILES or None)
    return ask(
        request,
        form,
        lambda: services.attach_signed_handover(found, form.cleaned_data["upload"], by=request.user),
        title=_("Attach the signed copy"),
        trail=[*trail_of(found.project), (found.number, reverse("projects:handover", args=[pk]))],
        button=_("Attach it"),
        done=_("The signed copy is in the file."),
    )


def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    found = _mine_to_sign(request, pk)
    form = ReasonBoxForm(posted(request))
    return ask(
        request,
        form,
        lambda: services.cancel_handover(found, by=request.user, **form.cleaned_data),
        title=_("Cancel the certificate"),
        trail=[*trail_of(found.project), (found.number, reverse("projects:handover", args=[pk]))],
        button=_("Cancel it"),
        lead=_("Its number is spent and its file stays; another one can be issued then."),
        done=_("The certificate is cancelled."),
    )


@require_safe
def certificate(request: PersonRequest, pk: int, handover: int) -> HttpResponseBase:
    """The PDF as it was issued."""
    visible = Handover.objects.visible_to(request.user).filter(project=pk)
    found = get_object_or_404(HandoverFile.objects.filter(handover__in=visible), handover=handover)
    return download(found) if links.holds(request) else links.expired(request)
