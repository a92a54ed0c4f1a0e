"""The certifier's pages before submitting: back to the preparer with comments, or a scan of the signed PH-01."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from habitat.accounts.models import Role
from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms import CommentsForm, ScanForm
from projects.models import Project
from projects.refusals import Refused
from projects.views.record import fetch
from projects.views.steps import asked


def _own(request: PersonRequest, pk: int) -> Project:
    project = fetch(request, pk)
    if request.user.role != Role.CERTIFIER:
        raise PermissionDenied(_("The certifier of the government does this."))
    return project


def return_to_preparer(request: PersonRequest, pk: int) -> HttpResponse:
    project = _own(request, pk)
    form = CommentsForm(posted(request))
    status = asked(form, lambda: services.return_to_preparer(project, remarks=form.remarks, by=request.user))
    if status is None:
        messages.success(request, _("The draft is with its preparer again, with your comments."))
        return redirect("projects:detail", pk)
    return render(request, "projects/return_to_preparer.html", {"project": project, "form": form}, status=status)


def certify_scan(request: PersonRequest, pk: int) -> HttpResponse:
    project = _own(request, pk)
    form = ScanForm(posted(request), request.FILES or None)
    status = 400 if form.errors else 200
    if form.is_valid():
        said = form.cleaned_data
        try:
            services.certify_scan(project, said["file"], typed=said["typed"], signer=said["signer"], by=request.user)
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "file", error)
            status = 400
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
            status = 409
        else:
            messages.success(request, _("The signed PH-01 is in the file. The proposal can be submitted now."))
            return redirect("projects:detail", pk)
    return render(request, "projects/certify_scan.html", {"project": project, "form": form}, status=status)
